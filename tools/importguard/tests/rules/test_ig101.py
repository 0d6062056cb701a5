"""IG101: a heavy import that runs at startup."""

CODE = "IG101"

AT_START = {
    "module level": "import colorsys",
    "from import": "from colorsys import rgb_to_hls",
    "try": "try: import colorsys\nexcept ImportError: pass",
    "else of try": "try: pass\nexcept ValueError: pass\nelse: import colorsys",
    "finally": "try: pass\nfinally: import colorsys",
    "true condition": "import sys\nif sys.version_info >= (3, 8): import colorsys",
    "with": "import contextlib\nwith contextlib.suppress(ImportError): import colorsys",
    "class body": "class A: import colorsys",
    "loop": "for _ in range(2): import colorsys",
    "match": "match 1:\n    case 1: import colorsys",
    "called function": "def f(): import colorsys\nf()",
    "decorator": "def d(f):\n    import colorsys\n    return f\n@d\ndef g(): pass",
    "import_module": "import importlib\nimportlib.import_module('colorsys')",
    "dunder import": "__import__('colorsys')",
    "main block": "if __name__ == '__main__': import colorsys",
}
CHAIN = {"app.py": "import one", "one.py": "\nfrom two import x", "two.py": "x = 1\n\nimport colorsys"}
REPORTS = {
    **{
        name: (code, "", [f"app.py:{code[: code.index('colorsys')].count(chr(10)) + 1}"])
        for name, code in AT_START.items()
    },
    "deep in the chain": (CHAIN, "", ["two.py:3"]),
    "a note elsewhere": ({**CHAIN, "app.py": "import one  # importguard: ignore[IG101] not here"}, "", ["two.py:3"]),
    "another name allowed": ("import colorsys", 'allow = ["string"]', ["app.py:1"]),
}
SILENT = {
    "TYPE_CHECKING": ("from typing import TYPE_CHECKING\nif TYPE_CHECKING: import colorsys",),
    "typing as t": ("import typing as t\nif t.TYPE_CHECKING: import colorsys",),
    "other version": ("import sys\nif sys.version_info < (3, 8): import colorsys",),
    "other platform": ("import sys\nif sys.platform == 'plan9': import colorsys",),
    "dead code": ("if False: import colorsys",),
    "a string": ("text = 'import colorsys'",),
    "a function that nobody calls": ("def f(): import colorsys",),
    "a light module": ("import string",),
    "allowed": ("import colorsys", 'allow = ["colorsys"]'),
    "accepted at the place": ("import colorsys  # importguard: ignore[IG101] needed here",),
    "behind the warmup": ("def _require_warmed(name): ...\ndef use(): return _require_warmed('colorsys')",),
}


def test_it_reports(places, reported):
    files, config, expected = reported
    assert places(files, config) == expected


def test_it_stays_silent(places, unreported):
    assert places(*unreported) == []
