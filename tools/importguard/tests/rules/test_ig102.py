"""IG102: a heavy import in a function body."""

import pytest

from importguard import analyse, check, find_project

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


SERVER = """
def _require_warmed(name): ...
def ready(): pass
def late():
    import colorsys
    return _require_warmed("colorsys")
def other(): import wave
ready()
"""
READY = 'heavy = ["colorsys", "wave"]\nready_at = "app.py:7"\n'


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (READY, ["colorsys", "wave"]),
        ('heavy = ["colorsys", "wave"]\nmanifest = "m.json"\n', ["colorsys", "wave"]),
        (f'{READY}manifest = "m.json"\n', []),  # each is a job
    ],
    ids=["a start with an end", "a warmup", "both"],
)
def test_what_comes_after_the_end_of_a_start_and_is_warmed_behind_it_may_be_imported(write, config, expected):
    root = write({"app.py": SERVER, "importguard.toml": f'entry = "app.py"\nselect = ["IG102"]\n{config}'})
    found = check(analyse(find_project(root).start())).findings
    assert sorted(finding.subject for finding in found) == expected
