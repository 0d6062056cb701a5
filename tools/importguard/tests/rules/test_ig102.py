"""IG102: a heavy import in a function body."""

CODE = "IG102"

LIGHT = {"app.py": "def f(): import light", "light.py": "import colorsys"}
REPORTS = {
    "a function": ("def f(): import colorsys", "", ["app.py:1"]),
    "a method": ("class A:\n    def f(self):\n        from colorsys import rgb_to_hls", "", ["app.py:3"]),
    "a coroutine": ("async def f():\n    import colorsys", "", ["app.py:2"]),
    "through a light module": (LIGHT, "", ["app.py:1"]),
    "in an imported file": ({"app.py": "import one", "one.py": "\ndef f(): import colorsys"}, "", ["one.py:2"]),
}
SILENT = {
    "a light module": ("def f(): import string",),
    "a function that the start calls": ("def f(): import colorsys\nf()",),
    "loaded by the start already": ("import colorsys\ndef f(): import colorsys",),
    "allowed": ("def f(): import colorsys", 'allow = ["colorsys"]'),
    "accepted": ("def f(): import colorsys  # importguard: ignore[IG102] a rare command",),
    "for types only": ("from typing import TYPE_CHECKING\ndef f():\n    if TYPE_CHECKING: import colorsys",),
}


def test_it_reports(places, reported):
    files, config, expected = reported
    assert places(files, config) == expected


def test_it_stays_silent(places, unreported):
    assert places(*unreported) == []
