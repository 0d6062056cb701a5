"""What the interpreter and its library load behind a call: codecs, readers of resources, parsers of metadata."""

import subprocess
import sys
import sysconfig

import pytest

from importguard.startup import trace_script
from importguard.startup.trace import Certainty, Reach
from importguard.storage.cache import user_cache
from importguard.target.environment import probe

PROGRAMS = {
    "a codec of a text": ("'m1'.encode('punycode')", {"encodings.punycode"}),
    "a codec by another name": ("b'm1'.decode('IBM437')", {"encodings.cp437"}),
    "a codec in C": ("if b'm1'.decode('latin-1') == 'm1'.encode().decode('ascii'): import colorsys", {"colorsys"}),
    "a codec that is looked up": ("import codecs\ncodecs.getreader('cp1250')", {"encodings.cp1250"}),
    "a parser of times": ("import time\ntime.strptime('2020', '%Y')", {"_strptime", "calendar"}),
    "resources": ("from importlib import resources\nresources.files('json')", {"json", "importlib.readers"}),
    "resources of a package": (
        "import email\nimport importlib.resources\nfolder = importlib.resources.files(email)\n"
        "if folder.joinpath('parser.py').is_file(): import colorsys",
        {"importlib.resources.readers", "colorsys"},
    ),
    "a version": (
        "from importlib.metadata import version\nif version('pluggy') > '0': import colorsys",
        {"email.feedparser", "colorsys"},
    ),
    "no such version": (
        "import importlib.metadata\ntry: importlib.metadata.version('nothing-of-that-name')\n"
        "except importlib.metadata.PackageNotFoundError: import colorsys",
        {"colorsys"},
    ),
}


@pytest.mark.parametrize(("code", "wanted"), PROGRAMS.values(), ids=list(PROGRAMS))
def test_what_a_call_loads_without_saying_so_is_in_the_graph(write, code, wanted):
    root = write({"app.py": code})
    trace = trace_script(root / "app.py", probe(sys.executable), project_root=root, cache=user_cache())
    certain = {module.name for module in trace.modules if module.certainty is Certainty.CERTAIN} - {"__main__"}
    tell = "import sys; before = set(sys.modules)\n{}\nprint(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", tell.format(code)], capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert (certain - loaded, wanted - certain, wanted - loaded) == (set(), set(), set())


def _eager(root):
    trace = trace_script(root / "app.py", probe(sys.executable), project_root=root, cache=user_cache())
    return {module.name for module in trace.modules if module.reach is Reach.EAGER}


def test_a_module_that_cython_has_compiled_leaves_out_what_tells_cython_so(write):
    source = "import sys\nif sys:\n    from tools import cython\nfrom tools import real"
    root = write({"app.py": "import fast", "fast.py": source, "tools/__init__.py": ""})
    for name in ("cython", "real"):
        (root / "tools" / f"{name}.py").touch()
    (root / f"fast{sysconfig.get_config_var('EXT_SUFFIX')}").write_bytes(b"\x7fELF __pyx_module")
    assert {"fast", "tools.real", "tools.cython"} & _eager(root) == {"fast", "tools.real"}


def test_what_the_shared_library_of_mypyc_imports_is_loaded(write):
    root = write({"app.py": "import fast", "fast.py": "", "librt/__init__.py": "", "librt/internal.py": ""})
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    (root / f"fast{suffix}").write_bytes(b"\x7fELF\0ab12__mypyc\0")
    (root / f"ab12__mypyc{suffix}").write_bytes(b"\x7fELF\0librt.internal._C_API\0")
    assert {"fast", "ab12__mypyc", "librt.internal"} <= _eager(root)
