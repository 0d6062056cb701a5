"""IG501: an import that cannot be resolved."""

CODE = "IG501"

REPORTS = {
    "a module": ("import no_such_module_here", "", ["app.py:1"]),
    "a part of a package": ({"app.py": "import pk.gone", "pk/__init__.py": ""}, "", ["app.py:1"]),
    "in a function": ("def f():\n    import no_such_module_here", "", ["app.py:2"]),
    "a computed name": ("import importlib, sys\nimportlib.import_module(sys.argv[1])", "", ["app.py:2"]),
}
SILENT = {
    "an ImportError that is caught": ("try: import no_such_module_here\nexcept ImportError: pass",),
    "for types only": ("from typing import TYPE_CHECKING\nif TYPE_CHECKING: import no_such_module_here",),
    "on another platform": ("import sys\nif sys.platform == 'plan9': import no_such_module_here",),
    "an installed package's own trouble": ("import pytest",),
    "accepted": ("import no_such_module_here  # importguard: ignore[IG501] a plugin brings it",),
}


def test_it_reports(places, reported):
    files, config, expected = reported
    assert places(files, config) == expected


def test_it_stays_silent(places, unreported):
    assert places(*unreported) == []
