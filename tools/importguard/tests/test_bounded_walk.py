"""Programs made to hold the walk, or to fill the memory, in a few lines: each ends soon, answered or refused."""

import sys

import pytest

from importguard.errors import SourceError
from importguard.startup import trace_script
from importguard.startup.machine import bounds
from importguard.startup.machine import calls as machine_calls
from importguard.target.environment import probe

MANY = 100_000
LOOPS = "for i in range(1000):\n for j in range(1000):\n  "


def doubled(first, step):
    return f"x = y = {first}\n" + f"{step}\n" * 60


def calls(template, last, first="def f0(): pass"):
    """Forty functions, each of which calls the one before twice: 2 ** 40 calls."""
    return "\n".join([first, *(template.format(n, n - 1) for n in range(1, 40)), last])


# A name, the program, and how it ends: "" with an answer, else what the refusal says.
NESTED = {
    "brackets": ("x = " + "(" * MANY + ")" * MANY, "cannot be parsed"),
    "attributes": ("import os\nx = os" + ".a" * MANY, "has a name of more than"),
    "calls": ("x = f" + "()" * MANY, "nested too deeply"),
    "operators": ("x = 1" + " + 1" * MANY, "nested too deeply"),
    "operators in a function": ("def f(): return 1" + " + 1" * MANY + "\nf()", "nested too deeply"),
    "signs": ("x = " + "-" * MANY + "1", "nested too deeply"),
    "lambdas": ("x = " + "lambda: " * MANY + "1", "nested too deeply"),
    "conditions": ("x = " + "1 if a else " * MANY + "1", "nested too deeply"),
    "elif": ("if a: pass\n" + "elif b: pass\n" * MANY, "nested too deeply|has more than"),
    "functions": ("\n".join(" " * i + "def f():" for i in range(3000)), "cannot be parsed"),
    "comparisons": ("x = 1" + " < 1" * MANY, ""),
    "decorators": ("@f\n" * MANY + "def g(): pass", ""),
    "texts": ("x = " + "f'{" * 50 + "1" + "}'" * 50, "cannot be parsed" if sys.version_info < (3, 12) else ""),
    "wrappers": (
        "f = int\nfor i in range(1000):\n for j in range(200): f = staticmethod(f)\nf()",
        "nested too deeply",
    ),
}
DOUBLED = {
    "numbers": doubled("3", "x = x * x"),
    "texts": doubled("'ab'", "x = x + x"),
    "joined texts": doubled("'ab'", "x = f'{x}{x}'"),
    "paths": "import os.path\n" + doubled("'ab'", "x = os.path.join(x, x)"),
    "replaced texts": doubled("'ab'", "x = x.replace('a', 'aaaaaaaaaa')"),
    "lists": doubled("[1, 2]", "x = [*x, *x]"),
    "tuples": doubled("(1, 2)", "x = (*x, *x)"),
    "arguments": "def f(*a): return a\n" + doubled("(1, 2)", "x = f(*x, *x)"),
    "sets": doubled("[1, 2]", "x = {*x, *x}"),
    "comprehensions": doubled("[1]", "x = [b for a in (x, x) for b in a]"),
    "pairs": doubled("1", "x = (x, x); y = (y, y)")
    + "z = {x: 1}; z = x == y; z = sorted([x, y]); l = [x]; l.remove(y); y in [x]",
    "zipped pairs": doubled("range(9)", "x = list(zip(x, x))") + "z = {x[0]: 1}",
    "caught": doubled("(KeyError, ValueError)", "x = (x, x)") + "try: pass\nexcept x: pass",
    "rounded numbers": "x = round(1, -10 ** 9)\ny = round(10 ** 300, ndigits=-10 ** 9)\nz = (5).__round__(-10 ** 9)",
    "lists that a library gets": "import fnmatch\n" + doubled("['a']", "x = [x, x]") + "fnmatch.filter(x, 'a')",
    "dicts that a library gets": "import fnmatch\n"
    + doubled("{1: 'a'}", "x = {1: x, 2: x}")
    + "fnmatch.filter(x, 'a')",
    "tuples that a library gets": "import fnmatch\n" + doubled("('a', 'a')", "x = (x, x)") + "fnmatch.filter([x], 'a')",
    "classes": "class A: pass\nclass B: pass\n"
    + "class C(A, B): pass\nclass D(A, B): pass\nA, B = C, D\n" * 60
    + "A.x",
    "widths": "x = '%1000000000d' % 1; y = '%*d' % (10000000000, 1); z = b'%1000000000d' % 1",
    "formats": "x = '{:1000000000}'.format(1); y = '{:{}}'.format(1, 10000000000)",
    "ranges": "x = len(range(10**30)); y = list(range(10**30)); z = 'a' * 10**10",
    "calls": calls("def f{0}(): f{1}(); f{1}()", "f39()"),
    "lambdas": calls("f{0} = lambda: (f{1}(), f{1}())", "f39()", "f0 = lambda: 0"),
    "generators": calls("def f{0}():\n yield from f{1}()\n yield from f{1}()", "list(f39())", "def f0(): yield 1"),
    "recursion": "def f(n): g(n); g(n)\ndef g(n): f(n); f(n)\nf(1)",
    "attributes": "class A:\n def __getattr__(self, n): return getattr(self, n + 'x')\nA().foo",
    "itself": "class A: pass\nA.__call__ = A()\nA()()\ng = (x for x in g)\nlist(g)",
    "its own generator": "def f():\n next(g, 0)\n yield 1\ng = f()\nlist(g)",
    "nested tuples": "x = ()\nfor i in range(1000):\n for j in range(200): x = (x,)\n{x: 1}",
    "nested modules": "import importlib\nimportlib.import_module('a' + '.a' * 20000)",
}
REPEATED = {
    "loops": "r = range(1000)\nfor a in r:\n for b in r:\n  for c in r:\n   for d in r: pass",
    "endless loops": "while True:\n while True:\n  while True:\n   while True: pass",
    "comprehension": "r = range(1000)\nx = [0 for a in r for b in r for c in r for d in r]",
    "generator": "r = range(1000)\nx = any(0 for a in r for b in r for c in r for d in r)",
    "map": "r = range(1000)\nx = list(map(lambda a: list(map(lambda b: list(map(str, r)), r)), r))",
    "conditions": "\n".join(f"x{i} = 1" for i in range(2000)) + f"\n{LOOPS}if unknown: y = 1",
    "keys": f"d = {{}}\n{LOOPS}d[i, j] = d.setdefault((j, i, 0), [])",
    "dicts": f"d = {{}}\n{LOOPS}d[i, j] = 1; d = d | {{}}; d = {{**d}}",
    "texts": f"a = 'ab'\n{'a = a + a' + chr(10)}"
    + "a = a + a\n" * 14
    + f"l = []\n{LOOPS}l.append(a + str(i) + str(j))",
    "searches": "a = 'a'\n" + "a = a + a\n" * 16 + f"{LOOPS}a.count('ab')",
    "patterns": f"import re\nt = '{'a' * 199}'\n{LOOPS}re.search('a*a*a*b', t)",
    "compiled patterns": f"import re\nt = '{'a' * 199}'\np = re.compile('.*.*b')\n{LOOPS}p.findall(t)",
    "names": "import fnmatch\na = 'a'\n" + "a = a + a\n" * 16 + f"{LOOPS}fnmatch.fnmatch(a, '*a*a*a*b')",
    "wrapped texts": "import textwrap\na = 'a '\n" + "a = a + a\n" * 15 + f"{LOOPS}textwrap.shorten(a, 9)",
    "membership": f"l = list(range(1000)) * 4\n{LOOPS}5000 in l; sorted(l)",
    "classes": f"class A: pass\n{LOOPS}class A(A): pass",
    "modules": f"import sys\n{LOOPS}sys.modules[str(i) + '_' + str(j)] = sys",
    "folders": f"import sys\n{LOOPS}sys.path.append('/' + str(i) + '/' + str(j)); __import__('m' + str(i) + str(j))",
    "imports": f"import importlib\n{LOOPS}importlib.import_module('m' + str(i) + '_' + str(j))",
    "entry points": f"import importlib.metadata as m\n{LOOPS}m.entry_points(group='x')",
    "questions": f"import os.path\n{LOOPS}os.path.realpath('/nowhere/' * 1000 + str(i) + str(j))",
}


def walk(root):
    return trace_script(root / "app.py", probe(sys.executable), project_root=root)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(("code", "refusal"), NESTED.values(), ids=NESTED)
def test_code_that_is_nested_without_end_is_refused(write, code, refusal):
    root = write({"app.py": code.encode()})
    if refusal:
        with pytest.raises(SourceError, match=refusal):
            walk(root)
    else:
        assert walk(root).broken == ()


@pytest.mark.timeout(60)
@pytest.mark.parametrize("code", DOUBLED.values(), ids=DOUBLED)
def test_values_that_double_have_an_end(write, code):
    root = write({"app.py": f"{code}\nimport colorsys".encode()})
    assert "colorsys" in [module.name for module in walk(root).modules]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("code", REPEATED.values(), ids=REPEATED)
def test_work_without_end_is_refused_as_a_whole(write, monkeypatch, code):
    """A part of a start is no start: what stands after the loop would be missed in silence."""
    monkeypatch.setattr(bounds, "MAX_WORK", 200_000)  # a hundredth: what is tested is that there is a bound
    root = write({"app.py": f"{code}\nimport colorsys".encode()})
    with pytest.raises(SourceError, match=r"\.py:\d+: the start takes more than 200,000 steps"):
        walk(root)


@pytest.mark.timeout(60)
def test_a_package_that_contains_itself_has_an_end(write):
    """Each level is a new module to the import system: Python itself ends with a RecursionError."""
    package = "import os\n__path__.append(os.path.dirname(__path__[0]))\nfrom . import pack"
    root = write({"app.py": "import pack\nimport colorsys", "pack/__init__.py": package})
    trace = walk(root)
    assert "colorsys" in [module.name for module in trace.modules]
    assert len(trace.modules) < bounds.MAX_IMPORT_DEPTH + 50


@pytest.mark.timeout(60)
def test_the_calls_of_one_installed_module_have_an_end(write, monkeypatch):
    """Tables that a package works out when it is loaded; what follows it is walked as ever."""
    monkeypatch.setattr(machine_calls, "MODULE_STEPS", 500)
    table = "def row(number):\n    for place in range(20): number += place\n    import colorsys\n"
    table += (
        "".join(f"r{number} = row({number})\n" for number in range(60))
        + "def late(): import wave\nlate()\nimport inner"
    )
    app = "import sys\nsys.path.insert(0, __file__.rpartition('/')[0] + '/site-packages')\nimport table\n"
    inner = "def late(): import shelve\nlate()"
    own = "def run():\n    import sched\nrun()"
    files = {"app.py": app + own, "site-packages/table.py": table, "site-packages/inner.py": inner}
    trace = walk(write({name: text.encode() for name, text in files.items()}))
    assert {"colorsys", "sched", "shelve", "wave"} & {module.name for module in trace.modules} == {
        "colorsys",
        "sched",
        "shelve",
    }
    late = "the call of late is not followed: those of table have already taken more than 500 steps to work out"
    assert late in [stop.reason for stop in trace.stops]
