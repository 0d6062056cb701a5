"""Random small programs: the static start beside what this interpreter loads, in both directions."""

import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from importguard.startup import trace_script
from importguard.startup.trace import Certainty, Reach
from importguard.target.environment import probe

OWN = {"one", "two", "three", "pkg", "pkg.sub"}
PRELUDE = "import sys, contextlib, importlib\nfrom typing import TYPE_CHECKING\n"
REAL = f"""
import sys
sys.path.insert(0, ".")
import app
print(*({OWN!r} & set(sys.modules)), sep="\\n")
"""

names = st.sampled_from([*sorted(OWN), "missing_one"])
imports = st.one_of(
    names.map("import {}".format),
    names.map("import {} as alias".format),
    names.map("__import__('{}')".format),
    names.map("importlib.import_module('{}')".format),
    names.map("alias = __import__({!r}.upper().lower())".format),
    st.sampled_from(["from pkg import sub", "from pkg import present", "from pkg import *", "import pkg.sub as alias"]),
)
conditions = st.sampled_from(
    [
        "True",
        "not 1",
        "TYPE_CHECKING",
        "sys.version_info >= (3, 11)",
        "sys.platform == 'nowhere'",
        "'one' in sys.modules",
        "hasattr(sys, 'path')",
        "len('ab') == 2 and 'b' in 'ab'",
        "any(each > 1 for each in (1, 2))",
        "{'a': 0}.get('a')",
        "isinstance(sys.path, list)",
        "__name__ == 'app'",
        "sys.maxsize < 0 or callable(len)",
    ]
)
errors = st.sampled_from(["ImportError", "ModuleNotFoundError", "Exception", "(ImportError, ValueError)", "KeyError"])


def block(text):
    return textwrap.indent(text, "    ")


COMPOUNDS = (
    "if {condition}:\n{first}\nelse:\n{second}",
    "try:\n{first}\nexcept {error}:\n{second}\nelse:\n{third}",
    "try:\n{first}\nexcept {error}:\n{second}\nfinally:\n{third}",
    "with contextlib.suppress({error}):\n{first}",
    "for turn in (0, 1):\n    if turn and {condition}: continue\n{first}",
    "def function(flag={condition}):\n{first}\n    if flag: return 1\n{second}\nif function(): pass",
    "def uncalled():\n{first}",
    "class Made:\n{first}",
    "while True:\n{first}\n    break",
    "class Base:\n    def __init_subclass__(cls): hook()\ndef hook():\n{first}\nclass D(Base): 0",
    "def mark(made):\n{first}\n    return made\n@mark\ndef marked(): import {name}",
    "for name in ({name!r}, {other!r}):\n    if name in globals(): break\n    __import__(name)",
    "def failing():\n    import {name}\n    raise KeyError\ntry: failing()\nexcept {error}:\n{first}",
    "__import__({name!r} if {condition} else {other!r})",
    "def generator():\n    yield 1\n{first}\n    yield 2\nnext(generator())",
    "(lambda: importlib.import_module({name!r}))()",
    "[__import__(name) for name in ({name!r}, {other!r}) if name != {name!r}]",
)


@st.composite
def statements(draw, depth=3):
    """A block of one to three statements, indented by nothing."""
    lines = []
    for _ in range(draw(st.integers(1, 3))):
        shape = draw(st.sampled_from(COMPOUNDS)) if depth and draw(st.booleans()) else None
        if shape is None:
            lines.append(draw(imports))
            continue
        parts = {
            part: block(draw(statements(depth - 1))) for part in ("first", "second", "third") if f"{{{part}}}" in shape
        }
        values = {"condition": draw(conditions), "error": draw(errors), "name": draw(names), "other": draw(names)}
        lines.append(shape.format(**values, **parts))
    return "\n".join(lines)


def start(code):
    """`(really loaded, predicted as certain, predicted at all)`; None when the program fails."""
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory).resolve()
        (root / "pkg").mkdir()
        for file, text in {"pkg/__init__.py": "present = 1", "pkg/sub.py": ""}.items():
            (root / file).write_text(text)
        for name in ("one", "two", "three"):
            (root / f"{name}.py").write_text("")
        (root / "app.py").write_text(code)
        (root / "start.py").write_text("import app")
        done = subprocess.run([sys.executable, "-I", "-S", "-c", REAL], cwd=root, capture_output=True, timeout=60)
        if done.returncode != 0:
            return None
        trace = trace_script(root / "start.py", probe(sys.executable), project_root=root)
    eager = [module for module in trace.modules if module.reach is Reach.EAGER and module.name in OWN]
    certain = {module.name for module in eager if module.certainty is Certainty.CERTAIN}
    return set(done.stdout.decode().split()), certain, {module.name for module in eager}


@settings(max_examples=80, deadline=None, derandomize=True)
@given(statements().map(lambda text: PRELUDE + text))
def test_a_random_program_loads_what_is_predicted(code):
    started = start(code)
    assume(started is not None)
    real, certain, predicted = started
    assert (certain - real, real - predicted) == (set(), set())
