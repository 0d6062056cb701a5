"""Programs of hostile shapes: bytes for the file app.py, drawn from a random number generator."""

from __future__ import annotations

import random
import string
from collections.abc import Callable

Source = Callable[[random.Random], bytes]

_CODECS = (
    "utf-8 utf-8-sig latin-1 cp1252 utf-7 utf-16 punycode idna unicode_escape raw_unicode_escape rot13 nope".split()
)
_WORDS = (
    "import from def class if else try except finally with for while match case return yield await async lambda lazy "
    "global nonlocal del raise pass break continue and or not is in a b c os sys importlib import_module __import__ "
    "__path__ __all__ __getattr__ __lazy_modules__ TYPE_CHECKING ( ) [ ] { } : , . = == ; @ * ** -> := f' ' \" ''' "
    "\\ \n \n \n  \n    \t 0 1 9 0x 1e9 #"
).split(" ")


def random_bytes(chance: random.Random) -> bytes:
    """Anything."""
    return chance.randbytes(chance.randint(0, 400))


def random_words(chance: random.Random) -> bytes:
    """Python's own words in any order."""
    return " ".join(chance.choices(_WORDS, k=chance.randint(1, 120))).encode()


def damaged(chance: random.Random) -> bytes:
    """A sound program with bytes changed, left out or doubled."""
    code = bytearray(_SOUND)
    for _ in range(chance.randint(1, 8)):
        place = chance.randrange(len(code))
        how = chance.randrange(3)
        if how == 0:
            code[place] = chance.randrange(256)
        elif how == 1:
            del code[place : place + chance.randint(1, 30)]
        else:
            code[place:place] = code[place : place + chance.randint(1, 60)]
    return bytes(code)


_SOUND = b"""import os, sys
from importlib import import_module
try:
    import colorsys as c
except ImportError:
    c = None
class A(dict):
    def __init_subclass__(cls): import_module("wave")
    def __getattr__(self, name): return getattr(os, name)
class B(A): x: int = 1
def f(n, *a, **k):
    for i in range(n):
        if i: yield from f(i - 1)
        with open(os.devnull) as g: pass
    return [x for x in a if x]
match sys.platform:
    case "linux" | "darwin": list(f(3))
    case _: pass
if sys.version_info >= (3, 15): import tomllib
globals()["y"] = {**{"a": 1}, "b": lambda: B().path}
"""


def encoded(chance: random.Random) -> bytes:
    """A cookie, and bytes that may be of that encoding."""
    cookie = f"# coding: {chance.choice(_CODECS)}\n".encode()
    return cookie + b"import colorsys #" + chance.randbytes(chance.randint(0, 2000))


def nested(chance: random.Random) -> bytes:
    """Brackets, signs, calls or attributes inside one another."""
    depth = chance.choice((10, 90, 110, 1000, 20_000))
    opening, closing = chance.choice(
        (("(", ")"), ("[", "]"), ("{", "}"), ("-", ""), ("f(", ")"), ("lambda: ", ""), ("not ", ""))
    )
    return f"x = {opening * depth}1{closing * depth}".encode()


def deep_blocks(chance: random.Random) -> bytes:
    """Blocks inside one another."""
    head = chance.choice(("if a:", "def f():", "class A:", "try:", "with a:", "for a in b:", "while a:", "match a:"))
    return (
        "".join(" " * n + head + "\n" for n in range(chance.choice((5, 19, 21, 99, 101)))).encode() + b" " * 120 + b"a"
    )


def dotted(chance: random.Random) -> bytes:
    """Names of many parts."""
    parts = chance.choice((2, 100, 900, 5000, 30_000))
    return (
        chance.choice(("import a{}", "from a{} import b", "from {} import a", "import os{}"))
        .format(".a" * parts)
        .encode()
    )


def many(chance: random.Random) -> bytes:
    """One statement very often."""
    one = chance.choice(
        (
            "a;",
            "f()()\n",
            "()\n",
            "x: int = 1\n",
            "import nope\n",
            "from os import *\n",
            "def f(): import m\n",
            "@f\n",
            "x = x, x\n",
        )
    )
    return (one * chance.choice((10, 1000, 8000))).encode() + b"\nclass Z: pass"


def displays(chance: random.Random) -> bytes:
    """A large literal."""
    opening, item, closing = chance.choice(
        (
            ("[", "1,", "]"),
            ("{", "'a':1,", "}"),
            ("(", "(1,),", ")"),
            ("f'", "{a}", "'"),
            ("'", "\\x00", "'"),
            ("0x", "f", ""),
            ("", "9", ""),
        )
    )
    return f"x = {opening}{item * chance.choice((10, 2000, 20_000))}{closing}".encode()


def doubling(chance: random.Random) -> bytes:
    """A value that grows with each step."""
    step = chance.choice(
        (
            "x = x + x",
            "x = x * x",
            "x = [x, x]",
            "x = (*x, *x)",
            "x = f'{x}{x}'",
            "x = {**x, **x}",
            "x = x | x",
            "x = lambda x=x: (x(), x())",
        )
    )
    first = chance.choice(("'ab'", "3", "[1, 2]", "(1, 2)", "{}", "{1}", "lambda: 0"))
    return f"x = {first}\n{(step + chr(10)) * chance.randint(5, 60)}import colorsys".encode()


def endless(chance: random.Random) -> bytes:
    """Loops, recursion and iterators without an end, which only a bound ends."""
    return chance.choice(
        (
            b"def f(n): return f(n) + f(n)\nf(1)",
            b"import itertools\nfor x in itertools.count(): import_(x)",
            b"x = iter(int, 1)\nlist(x)",
            b"class A:\n def __getattr__(s, n): return getattr(s, n + 'x')\nA().a",
            b"class A:\n def __iter__(s): return s\n def __next__(s): return s\n[*A()]",
            b"def g():\n while True: yield g()\nlist(g())",
            b"g = (x for x in g)\nlist(g)",
            b"import sys\nsys.modules['a'] = a = __import__('sys')\nimport a.b",
        )
    ) + b"\nimport colorsys # %d" % chance.randrange(1000)


def self_reference(chance: random.Random) -> bytes:
    """Values that hold themselves."""
    return chance.choice(
        (
            b"x = []\nx.append(x)\nx == x; sorted(x); {*x}",
            b"x = {}\nx['a'] = x\nx | x; str(x)",
            b"class A: pass\nA.a = A\nA.__call__ = A\nA()()()",
            b"class A(A if 'A' in globals() else object): pass\n" * 30,
            b"import sys\nsys.path.append(sys.path)\nsys.meta_path.append(sys)\nimport nope",
            b"__path__ = ['.', __file__, '/dev/fd', '\\0']\nimport app",
            b"import builtins\nbuiltins.__import__ = None\nimport colorsys",
        )
    ) + b"\n# %d" % chance.randrange(1000)


def canaries(chance: random.Random) -> bytes:
    """Code that would leave a file behind if anything ran it."""
    write = "open('CANARY', 'w').close()"
    return chance.choice(
        (
            f"{write}",
            f"exec({write!r})",
            f"eval(compile({write!r}, 'x', 'exec'))",
            f"x = [{write} for _ in 'a']",
            f"class M(type):\n def __new__(*a): {write}\nclass A(metaclass=M): pass",
            f"def __getattr__(n): {write}\nimport app; app.x",
            f"import os; os.system('touch CANARY'); os.putenv('A', 'b'); {write}",
            f"f'{{{write}}}'",
            f"@(lambda f: {write})\ndef f(): pass",
            "import ctypes, subprocess; subprocess.run(['touch', 'CANARY'])",
        )
    ).encode() + b"\n# %d" % chance.randrange(1000)


def names(chance: random.Random) -> bytes:
    """Module names that a terminal, a page or a service of CI might obey."""
    pieces = [
        "\x1b[2J",
        "::error::",
        "##[x]",
        "<script>",
        "`",
        "|",
        "\u202e",
        "\n",
        "\0",
        "é",
        "/",
        "..",
        "a",
        *string.punctuation,
    ]
    name = "".join(chance.choices(pieces, k=chance.randint(1, 6)))
    return f"import importlib\nimportlib.import_module({name!r})\n__import__({name!r})".encode("utf-8", "surrogatepass")


def suppressions(chance: random.Random) -> bytes:
    """Comments that accept findings, sound or not."""
    tail = chance.choice(
        ("", "]", "] until", ", until 2030-01-01", " " * 5000 + "x", "until " * 900, "#" * 5000, "\x1b[2J")
    )
    head = chance.choice(
        ("ignore[IG1", "ignore[IG101]", "ignore", "ignore [IG101]", "ignore[" + "IG101," * 900, "IGNORE[x]")
    )
    return f"import nope  # importguard: {head}{tail}\n".encode() * chance.randint(1, 50)


def formats(chance: random.Random) -> bytes:
    """Texts, formats and regular expressions that take their time."""
    return (
        chance.choice(
            (
                b"x = '%%%dd' %% 1" % chance.randrange(10**9, 10**10),
                b"x = '{:>%d}'.format(1)" % chance.randrange(10**9),
                b"import re\nre.match('(a*)*$', 'a' * 5000 + 'b')",
                b"import re\nre.compile('(' * 200 + ')' * 200)",
                b"x = 'ab' * %d" % chance.randrange(10**12),
                b"x = 1 << %d" % chance.randrange(10**9),
                b"x = 10 ** %d ** 9" % chance.randrange(9, 99),
                b"x = range(10**30); len(x); list(x); 5 in x",
                b"x = ('a' * 9999).replace('', 'b' * 9999).split('b'); x * 9999",
            )
        )
        + b"\nimport colorsys"
    )


SOURCES: dict[str, Source] = {
    "random bytes": random_bytes, "words of Python": random_words, "a damaged program": damaged,
    "an encoding": encoded, "nested expressions": nested, "nested blocks": deep_blocks, "dotted names": dotted,
    "one statement often": many, "large literals": displays, "doubling values": doubling, "no end": endless,
    "values in themselves": self_reference, "code that would run": canaries, "names for a terminal": names,
    "suppressions": suppressions, "slow texts": formats,
}  # fmt: skip
