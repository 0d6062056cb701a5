"""Random small programs: the static start beside what this interpreter loads, in both directions."""

import os
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import pytest
from hypothesis import assume, given, seed, settings
from hypothesis import strategies as st

from importguard.startup import trace_script
from importguard.startup.trace import Certainty, Reach
from importguard.storage.cache import user_cache
from importguard.target.environment import probe

# In portions that processes share; .ci/run asks for 500, and any number may be asked for by hand.
EXAMPLES, PORTIONS = int(os.environ.get("RANDOM_PROGRAMS", "80")), 5
OWN = {"one", "two", "three", "pkg", "pkg.sub"}
PRELUDE = "import os, sys, contextlib, importlib\nfrom typing import TYPE_CHECKING\n"
# A program runs in a copy of a process that has loaded the prelude. Its folder is read, its exit code printed.
REAL = f"""
import atexit, contextlib, importlib, os, sys, typing
for folder in sys.stdin:
    copy = os.fork()
    if not copy:
        break
    print(os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1]), flush=True)
else:
    sys.exit()
asked = []
class Notes:
    def find_spec(self, name, path=None, target=None):
        asked.append(name)
sys.meta_path.insert(0, Notes())
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
os.chdir(folder.strip())
sys.path.insert(0, ".")
def tell():
    with open("asked", "w") as file:
        print(*({OWN!r} & set(asked)), file=file)
atexit.register(tell)
import app
"""


@pytest.fixture(scope="module")
def interpreter():
    """The process that is copied."""
    if not hasattr(os, "fork"):
        pytest.skip("this system copies no processes")
    command = [sys.executable, "-I", "-S", "-c", REAL]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, text=True, **pipes) as process:
        yield process
        process.stdin.close()
        assert process.wait(60) == 0


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
        "len(sys.argv) > 7",  # nobody knows
        "not sys.argv[5:]",
    ]
)
subjects = st.sampled_from(["[1, 2]", "{'k': 1}", "'text'", "None", "7", "(1,)", "sys.argv[5:]"])
errors = st.sampled_from(["ImportError", "ModuleNotFoundError", "Exception", "(ImportError, ValueError)", "KeyError"])


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
    # generators and coroutines
    "def made():\n    try:\n        yield 1\n{deep}\n    finally:\n{deeper}\nwaits = made()\nnext(waits)\n"
    "waits.close()",
    "def made():\n    got = yield\n    if got:\n{deep}\nwaits = made()\nnext(waits)\n"
    "try: waits.send({condition})\nexcept StopIteration: pass",
    "def inner():\n    yield 1\n    return {condition}\ndef outer():\n    if (yield from inner()):\n{deep}\n"
    "list(outer())",
    "def made():\n    try: yield 1\n    except {error}:\n{deep}\n    yield 2\nwaits = made()\nnext(waits)\n"
    "try: waits.throw(KeyError())\nexcept KeyError: pass",
    "async def made():\n{first}\n    return {condition}\nasync def outer():\n    if await made():\n{deep}\n"
    "try: outer().send(None)\nexcept StopIteration: pass",
    # exceptions through calls, the end of the program
    "class Error(Exception): pass\ndef low():\n{first}\n    raise Error\ndef high():\n    low()\n{second}\n"
    "try: high()\nexcept Error:\n{third}",
    "def ends():\n{first}\n    raise SystemExit(0)\nif {condition}:\n    try: ends()\n    except {error}:\n{deep}",
    "for turn in (1, 2):\n    try:\n        if turn == 1: continue\n{deep}\n        break\n    finally:\n{deeper}",
    "def function():\n    try: return {condition}\n    finally:\n{deep}\nif function():\n{first}",
    # managers
    "class Manager:\n    def __enter__(self):\n{deep}\n    def __exit__(self, kind, value, trace):\n"
    "        return kind is not None and issubclass(kind, LookupError)\ntry:\n    with Manager():\n{deeper}\n"
    "        raise KeyError if {condition} else ValueError\nexcept {error}:\n{first}\nexcept Exception: pass",
    "@contextlib.contextmanager\ndef manager():\n{first}\n    try: yield\n    except {error}: pass\n"
    "    finally:\n{deep}\n"
    "try:\n    with manager():\n{deeper}\n        raise KeyError\nexcept Exception: pass",
    # patterns
    "match {subject}:\n    case [_, *rest] if rest:\n{deep}\n    case {{'k': found}}:\n{deeper}\n"
    "    case str() | None:\n        pass\n    case _:\n        import {name}",
    # special methods
    "class Special:\n    def __bool__(self): return {condition}\n"
    "    def __getattr__(self, name): return __import__({name!r})\n"
    "    def __eq__(self, other): return {condition}\n    def __iter__(self): return iter([1])\nspecial = Special()\n"
    "if special:\n{first}\nfor one in special:\n{second}\nif special == 3: special.anything",
    "class Special:\n    def __setattr__(self, name, value):\n{deep}\n    def __call__(self, flag=False):\n"
    "        if flag:\n"
    "            import {name}\n    def __contains__(self, one): return {condition}\nspecial = Special()\n"
    "special.x = 1\n"
    "special({condition})\nif 1 in special:\n{first}",
    # the environment, what is loaded
    "os.environ['SHOP'] = {name!r}\nif os.environ.get('SHOP') == 'one':\n{first}\ndel os.environ['SHOP']\n"
    "if os.getenv('SHOP'):\n{second}",
    "kept = sys.modules.pop({name!r}, None)\nsys.modules[{name!r}] = None\ntry: import {name}\n"
    "except ImportError:\n{first}\n"
    "del sys.modules[{name!r}]",
    # what two ways leave
    "class Config: name = {name!r}\nif {condition}: Config.name = {other!r}\ntry: __import__(Config.name)\n"
    "except ImportError: pass",
    "listed = [{name!r}]\nif {condition}: listed.append({other!r})\nfor each in listed:\n    try: __import__(each)\n"
    "    except ImportError: pass",
    "def first_way():\n{first}\ndef second_way():\n{second}\nway = first_way\nif {condition}: way = second_way\nway()",
    "chosen = {name!r} if {condition} else {other!r}\ntry: __import__(chosen)\nexcept ImportError:\n{first}",
)
PARTS = {"first": 1, "second": 1, "third": 1, "deep": 2, "deeper": 2}  # how far each is indented


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
            part: textwrap.indent(draw(statements(depth - 1)), "    " * level)
            for part, level in PARTS.items()
            if f"{{{part}}}" in shape
        }
        values = {
            "condition": draw(conditions),
            "error": draw(errors),
            "name": draw(names),
            "other": draw(names),
            "subject": draw(subjects),
        }
        lines.append(shape.format(**values, **parts))
    return "\n".join(lines)


def start(code, interpreter):
    """`(really loaded, predicted as certain, predicted at all, whether more is said to be open)`.

    None when the program fails.
    """
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory).resolve()
        (root / "pkg").mkdir()
        for file, text in {"pkg/__init__.py": "present = 1", "pkg/sub.py": ""}.items():
            (root / file).write_text(text)
        for name in ("one", "two", "three"):
            (root / f"{name}.py").write_text("")
        (root / "app.py").write_text(code)
        (root / "start.py").write_text("import app")
        print(root, file=interpreter.stdin, flush=True)
        if interpreter.stdout.readline() != "0\n":
            return None
        loaded = set((root / "asked").read_text().split())
        trace = trace_script(root / "start.py", probe(sys.executable), project_root=root, cache=user_cache())
    eager = [module for module in trace.modules if module.reach is Reach.EAGER and module.name in OWN]
    certain = {module.name for module in eager if module.certainty is Certainty.CERTAIN}
    return loaded, certain, {module.name for module in eager}, bool(trace.unresolved or trace.stops)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("number", range(1, PORTIONS + 1))
def test_a_random_program_loads_what_is_predicted(number, interpreter):
    @seed(number)
    @settings(max_examples=EXAMPLES // PORTIONS, derandomize=False, database=None)
    @given(statements().map(lambda text: PRELUDE + text))
    def compare(code):
        started = start(code, interpreter)
        assume(started is not None)
        real, certain, predicted, is_open = started
        assert certain <= real
        assert real <= predicted or is_open

    compare()
