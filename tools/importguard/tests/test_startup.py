"""The static start of small programs beside what this interpreter really loads, in both directions."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import msgspec
import pytest

from importguard import Analysis, check, find_project
from importguard.graph import ModuleGraph
from importguard.manifest import build
from importguard.startup import Options, trace_module, trace_script
from importguard.startup.trace import Certainty, Reach
from importguard.storage.cache import user_cache
from importguard.target.environment import probe

# Each program may load `one`, `two` and `three`, empty modules, and the package `pkg` with `pkg.sub`.
PROGRAMS = {
    "parents come first": "import pkg.sub",
    "attribute before submodule": "from pkg import present",
    "submodule when no attribute": "from pkg import sub",
    "star with __all__": "from pkg import *",
    "try falls back": ("try: import missing_one\nexcept ImportError: import one"),
    "try succeeds": ("try: import one\nexcept ImportError: import two"),
    "suppress": (
        "import contextlib\nwith contextlib.suppress(ImportError):\n    import missing_one\n    import one\nimport two"
    ),
    "context manager runs its parts around the block": (
        "from contextlib import contextmanager\n"
        "@contextmanager\n"
        "def around():\n"
        "    import one\n"
        "    yield 'two'\n"
        "    import three\n"
        "with around() as name:\n"
        "    __import__(name)"
    ),
    "suppress with a nested tuple": (
        "import contextlib\nwith contextlib.suppress((KeyError, (ImportError,))):\n"
        "    import missing_one\n    import one"
    ),
    "importer that formats its locals": (
        "import sys\n"
        "class Importer:\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        return getattr(self, 'spec_for_{name}'.format(**locals()), lambda: None)()\n"
        "    def spec_for_two(self): import one\n"
        "sys.meta_path.insert(0, Importer())\n"
        "import two, three"
    ),
    "long loop that ends in an import": (
        "total = 0\nwhile total < 150: total += 1\nimport one\nif total == 150: import two"
    ),
    "class as context manager that swallows": (
        "class Swallow:\n"
        "    def __enter__(self): return self\n"
        "    def __exit__(self, *_): return True\n"
        "with Swallow():\n"
        "    import missing_one\n"
        "import one"
    ),
    "exception raised again": (
        "try:\n    try: import missing_one\n    except ImportError: raise\nexcept ImportError: import one"
    ),
    "operators of a class": (
        "class Amount:\n"
        "    def __add__(self, other): import one; return 'three'\n"
        "    def __rmul__(self, other): import two; return 1\n"
        "__import__(Amount() + 1)\n"
        "2 * Amount()"
    ),
    "comparison of a class": (
        "class Version:\n"
        "    def __lt__(self, other): import one; return True\n"
        "    def __eq__(self, other): return False\n"
        "if Version() < 3: import two\n"
        "if Version() != 3: import three"
    ),
    "truth and length of a class": (
        "class Flag:\n"
        "    def __bool__(self): import one; return False\n"
        "class Box:\n"
        "    def __len__(self): import two; return 0\n"
        "if Flag() or Box(): import three"
    ),
    "iteration over a class": (
        "class Names:\n"
        "    def __iter__(self):\n"
        "        import two\n"
        "        return iter(['one'])\n"
        "class Steps:\n"
        "    def __init__(self): self.at = 0\n"
        "    def __iter__(self): return self\n"
        "    def __next__(self):\n"
        "        self.at += 1\n"
        "        if self.at == 3: raise StopIteration\n"
        "        return self.at\n"
        "for name in Names(): __import__(name)\n"
        "if tuple(Steps()) == (1, 2): import three"
    ),
    "items of a class": (
        "class Table:\n"
        "    def __setitem__(self, key, value): self.held = value\n"
        "    def __getitem__(self, key): return self.held\n"
        "    def __delitem__(self, key): import two\n"
        "    def __contains__(self, key): return key == 'a'\n"
        "table = Table()\n"
        "table['a'] = 'one'\n"
        "__import__(table['a'])\n"
        "if 'b' in table: import three\n"
        "del table['a']"
    ),
    "adding in place": (
        "class Total:\n"
        "    def __iadd__(self, other): import one; return 'two'\n"
        "total = Total()\n"
        "total += 1\n"
        "__import__(total)"
    ),
    "loop over names": ("for name in ('one', 'two'):\n    __import__(name)"),
    "computed name": ("import importlib\nimportlib.import_module('o' + 'ne')"),
    "relative dynamic": ("import importlib\nimportlib.import_module('.sub', 'pkg')"),
    "decorator call": ("def mark(f):\n    import one\n    return f\n@mark\ndef g(): import two"),
    "default argument": ("def load():\n    import one\ndef g(x=load()): import two"),
    "class hooks": (
        "class Base:\n"
        "    def __init_subclass__(cls):\n"
        "        import one\n"
        "class Made(Base):\n"
        "    def f(self):\n"
        "        import two"
    ),
    "find_spec asks without loading": (
        "import importlib.util\n"
        "if importlib.util.find_spec('one'): import two\n"
        "if not importlib.util.find_spec('missing_one'): import three"
    ),
    "find_spec loads the parent": "import importlib.util\nif importlib.util.find_spec('pkg.sub'): import one",
    "metaclass": (
        "class Meta(type):\n"
        "    def __new__(m, *a):\n"
        "        import one\n"
        "        return super().__new__(m, *a)\n"
        "class A(metaclass=Meta): pass"
    ),
    "module __getattr__": ("import lazy\nlazy.one"),
    "module __getattr__ untouched": "import lazy",
    "from asks a module for its path": "from polite import present",
    "classes of the interpreter below one another": (
        "class Own(ValueError): pass\n"
        "if issubclass(DeprecationWarning, Warning) and issubclass(Own, (KeyError, ValueError)): import one\n"
        "if issubclass(int, Own) or issubclass(Own, dict): import two"
    ),
    "filter of warnings by text": (
        "import sys, warnings\nwarnings.filterwarnings('ignore', message='two')\nif 're' in sys.modules: import one"
    ),
    "deprecated function": (
        "import warnings\n"
        "if hasattr(warnings, 'deprecated'):\n"
        "    @warnings.deprecated('one')\n"
        "    def old(): import two"
    ),
    "sys.modules alias": (
        "import sys, types\nsys.modules['made_up'] = types.ModuleType('made_up')\nimport made_up\nimport one"
    ),
    "module on a path that the program adds": (
        "import os, sys\nsys.path.insert(0, os.path.join(os.path.dirname(__file__), 'extra'))\nimport only_in_extra"
    ),
    "repeated list": ("names = ['one'] * 2\nfor name in names: __import__(name)"),
    "while": ("names = ['one', 'two']\nwhile names:\n    __import__(names.pop())"),
    "conditional expression": ("import sys\n__import__('one' if sys.version_info >= (3,) else 'two')"),
    "deleted name": ("x = 1\ndel x\ntry:\n    x\nexcept NameError:\n    import one"),
    "function not called": ("def f():\n    import one"),
    "lambda not called": "f = lambda: __import__('one')",
    "annotation": ("from __future__ import annotations\ndef f(x: __import__('one')): pass"),
    "finally": ("try:\n    import one\nfinally:\n    import two"),
    "match": ("match 'b':\n    case 'a': import one\n    case 'b': import two"),
    "generator iterated": ("def names():\n    yield 'one'\nfor name in names(): __import__(name)"),
    "generator not iterated": ("def names():\n    import one\n    yield 1\nnames()"),
    "dictionary dispatch": ("def load(): import one\n{'a': load}['a']()"),
    "importer on sys.meta_path": (
        "import sys, importlib.util\n"
        "class Maker:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'made_up':\n"
        "            return importlib.util.spec_from_loader(name, self)\n"
        "    def create_module(self, spec): return None\n"
        "    def exec_module(self, module): import one\n"
        "sys.meta_path.append(Maker())\n"
        "import made_up"
    ),
    # Library functions that load something when they are called: from Python 3.14 and 3.15 on much of it is lazy.
    "source of a function": "import inspect, pkg\ninspect.getsource(pkg)",
    "signature of what C defines": "import inspect\ninspect.signature(len)",
    "signature of a type": "import inspect\ninspect.signature(list)",
    "type hints": "import typing\ndef f(a: int): ...\ntyping.get_type_hints(f)",
    "typed dict without keys": "from typing import TypedDict\nclass D(TypedDict): pass",
    "dataclass with slots": "import dataclasses\n@dataclasses.dataclass(slots=True)\nclass D:\n    a: int",
    "dataclass with slots, no repr": (
        "import dataclasses\n@dataclasses.dataclass(slots=True, repr=False)\nclass D:\n    a: int"
    ),
    "dataclass as a dict": (
        "import dataclasses\nclass A: pass\n@dataclasses.dataclass\nclass D:\n    a: object\ndataclasses.asdict(D(A()))"
    ),
    "dataclass as a dict, plain": (
        "import dataclasses\n@dataclasses.dataclass\nclass D:\n    a: int\ndataclasses.asdict(D(1))"
    ),
    "paths by a pattern": "import pathlib\nlist(pathlib.Path('.').glob('*.py'))",
    "path that matches": "import pathlib\npathlib.Path('a.py').match('*.py')",
    "name of an object": "import pkgutil\npkgutil.resolve_name('pkg.sub')",
    "table without numbers": "import tomllib\ntomllib.loads('a = [\"x\", true]')",
    "table with a number": "import tomllib\ntomllib.loads('a = [1]')",
    "signal handler": "import signal\ndef f(*a):\n    import two\nsignal.signal(signal.SIGTERM, f)",
}
FILES = {
    "one.py": "",
    "two.py": "",
    "three.py": "",
    "pkg/__init__.py": "present = 1\n__all__ = ['present', 'sub']",
    "pkg/sub.py": "",
    "polite.py": "present = 1\ndef __getattr__(name):\n    import one\n    raise AttributeError(name)",
    "lazy.py": "def __getattr__(name):\n    import importlib\n    return importlib.import_module(name)",
    "extra/only_in_extra.py": "",
}
HERE = Path(__file__).parent
LAZY = tomllib.loads((HERE / "lazy_imports.toml").read_text())
LAZY_RECORDED = json.loads((HERE / "lazy_imports_recorded.json").read_text())

REAL = """
import sys
bare = set(sys.modules)
asked = set()
class Recorder:
    def find_spec(name, path=None, target=None):
        asked.add(name)
sys.meta_path.insert(0, Recorder)
sys.path.insert(0, ".")
import app
print(*(asked & set(sys.modules)) - bare, sep="\\n")
"""


def real_modules(root):
    """The modules that `import app` loads."""
    command = [sys.executable, "-I", "-c", REAL]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=240)
    assert result.returncode == 0, result.stderr
    return set(result.stdout.split()) - {"app"}


def predicted(trace):
    """Certain and possible eager modules, the entry left out."""
    eager = [
        module for module in trace.modules if module.reach is Reach.EAGER and module.name not in ("__main__", "app")
    ]
    certain = {module.name for module in eager if module.certainty is Certainty.CERTAIN}
    return certain, {module.name for module in eager} - certain


@pytest.mark.parametrize("code", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_what_a_program_loads_is_what_the_interpreter_loads(write, code):
    root = write({**FILES, "app.py": code})
    certain, possible = predicted(
        trace_script(root / "app.py", probe(sys.executable), project_root=root, cache=user_cache())
    )
    assert (certain, possible) == (real_modules(root), set())


def test_an_unknown_condition_makes_both_ways_possible(write):
    root = write({**FILES, "app.py": "import os, time\nif time.time() % 2:\n    import one\nelse:\n    import two"})
    assert predicted(trace_script(root / "app.py", probe(sys.executable), project_root=root, cache=user_cache()))[
        1
    ] == {"one", "two"}


# What a Python before 3.14 lacks.
NEWER_STDLIB = {
    "annotationlib.py": "class Format:\n    FORWARDREF = 3\n    STRING = 4\ndef get_annotations(obj, **more): ..."
}


@pytest.mark.parametrize(
    "name", [name for name, one in LAZY["programs"].items() if sys.version_info >= (3, one.get("syntax", 0))]
)
def test_lazy_imports_load_what_python_3_15_was_recorded_to_load(write, name):
    program, recorded = LAZY["programs"][name], LAZY_RECORDED["programs"][name]
    newer = NEWER_STDLIB if sys.version_info < (3, 14) else {}
    root = write({**LAZY["files"], **newer, "app.py": program["code"], "start.py": "__import__('app')"})
    environment = msgspec.structs.replace(probe(sys.executable), version_info=(3, 15, 0, "candidate", 1))
    variables = tuple(program.get("environment", {}).items())
    options = Options(lazy_imports=program.get("mode", "" if variables else "normal"), variables=variables)
    trace = trace_script(root / "start.py", environment, project_root=root, options=options, cache=user_cache())
    if "error" in recorded:
        assert [Path(stop.location.path).name for stop in trace.broken] == ["app.py"]
    else:
        own = {name[:-3].replace("/", ".").removesuffix(".__init__") for name in LAZY["files"]}
        assert (predicted(trace)[0] & own, predicted(trace)[1] & own) == (set(recorded["loaded"]), set())


_BEHIND_THE_WARMUP = {
    "it waits for that": ("while not warmup.ready('one'): pass\none.x", set(), set()),
    "it asks first": ("if warmup.ready('one'):\n    one.x", set(), set()),
    "it returns before": ("def f():\n    if not warmup.ready('one'): return\n    one.x\nf()", set(), set()),
    "an expression": ("one.x if warmup.ready('one') else None", set(), set()),
    "an import in a function": ("def f():\n    if warmup.ready('one'):\n        import one\nf()", set(), set()),
    "it asks for nothing": ("warmup.ready('one')\none.x", {"one"}, set()),
    "the other way": ("if warmup.ready('one'): pass\nelse: one.x", set(), {"one"}),
    "after both ways": ("if warmup.ready('one'): pass\none.x", {"one"}, set()),
    "it asks for another": ("if warmup.ready('two'):\n    one.x", set(), {"one"}),
}


@pytest.mark.parametrize(("code", "certain", "possible"), _BEHIND_THE_WARMUP.values(), ids=_BEHIND_THE_WARMUP)
def test_what_the_warmup_has_loaded_is_used_for_nothing(write, code, certain, possible):
    head = "from importguard.warmup import Warmup\nlazy import one\nwarmup = Warmup('m.json')\nwarmup.start()\n"
    root = write({**LAZY["files"], "app.py": head + code})
    environment = msgspec.structs.replace(probe(sys.executable), version_info=(3, 15, 0, "final", 0))
    trace = trace_script(root / "app.py", environment, project_root=root, cache=user_cache())
    assert [names & {"one", "two"} for names in predicted(trace)] == [certain, possible]


def test_before_3_15_listed_modules_load_at_once(write):
    root = write({**FILES, "app.py": "__lazy_modules__ = ['one']\nimport one"})
    environment = msgspec.structs.replace(probe(sys.executable), version_info=(3, 14, 0, "final", 0))
    assert predicted(trace_script(root / "app.py", environment, project_root=root, cache=user_cache()))[0] == {"one"}


@pytest.mark.parametrize(
    ("code", "codes"),
    [
        ("lazy import colorsys", ["IG104"]),
        ("lazy import string", []),
        ("lazy import colorsys\ndef _require_warmed(n): ...\ndef f(): _require_warmed('colorsys')", []),
    ],
)
def test_ig104_reports_a_heavy_lazy_import_that_nothing_warms(write, code, codes):
    root = write({"app.py": code, "importguard.toml": 'entry = "app.py"\nheavy = ["colorsys"]\npythons = ["3.15"]'})
    environment = msgspec.structs.replace(probe(sys.executable), version_info=(3, 15, 0, "final", 0))
    start = find_project(root).start()
    graph = ModuleGraph(trace_script(root / "app.py", environment, project_root=root, cache=user_cache()))
    report = check(Analysis(start, graph, build(graph, start), 0.0, environment))
    assert [finding.code for finding in report.findings] == codes


@pytest.mark.parametrize(
    ("code", "certain", "possible"),
    [
        ("total = 0\nwhile total < 5000: total += 1\nif total == 200: import one", set(), {"one"}),
        (
            "import contextlib\ntotal = seen = 0\nwhile total < 5000:\n    total += 1\n"
            "    try:\n        with contextlib.nullcontext():\n            for _ in '1': seen = total\n"
            "    except ValueError: pass\nif seen == 200: import one",
            set(),
            {"one"},
        ),
        (
            "import time\nnames = ['one', 'two', 'three']\n"
            "while True:\n    __import__(names.pop())\n    if time.time() % 2 or not names: break",
            {"three"},
            {"one", "two"},
        ),
        (
            "import time\nfor name in ['one', 'two']:\n    __import__(name)\n    if time.time() % 2: break",
            {"one"},
            {"two"},
        ),
        (
            "import time\nfor name in ['one', 'two']:\n    __import__(name)\n"
            "    for _ in time.times():\n        if time.time() % 2: break",
            {"one", "two"},
            set(),
        ),
    ],
)
def test_what_follows_the_end_of_a_loop_that_is_not_known_is_possible(write, code, certain, possible):
    root = write({**FILES, "app.py": code})
    trace = trace_script(root / "app.py", probe(sys.executable), project_root=root, cache=user_cache())
    found = predicted(trace)
    wanted = {"one", "two", "three"}
    assert (found[0] & wanted, found[1] & wanted) == (certain, possible)


@pytest.mark.parametrize(
    "code",
    [
        "while True: pass",
        "def f(): return f()\nf()",
        "x = 'a'\nfor _ in range(1000000): x = x * 2",
        "x = " + "(" * 90 + ")" * 90,
    ],
)
def test_no_program_holds_the_walk(write, code):
    root = write({"app.py": f"{code}\nimport colorsys\n"})
    assert (
        trace_script(root / "app.py", probe(sys.executable), project_root=root, cache=user_cache()).entry == "__main__"
    )


PACKAGES = ("json", "asyncio", "xml.dom.minidom", "click", "rich.table", "pathspec", "email.mime.text")


@pytest.mark.parametrize("name", PACKAGES)
def test_installed_packages_are_what_the_interpreter_loads(name, tmp_path):
    (tmp_path / "app.py").write_text(f"import {name}")
    certain, possible = predicted(trace_module(name, probe(sys.executable), project_root=tmp_path, cache=user_cache()))
    real = real_modules(tmp_path)
    assert (certain - real, real - certain - possible) == (set(), set())
