"""IG501: an import that cannot be resolved."""

import sys

import pytest

from importguard import analyse, check, find_project

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


PYTHON = "{}.{}.{}".format(*sys.version_info)
NEEDED = ("error", f"Install it for Python {PYTHON}, or correct the name.")
OPTIONAL = ("note", f"Fine if it is optional. Else install it for Python {PYTHON}, or correct the name.")
GONE = "def f():\n    import gone\n"


@pytest.fixture
def said(write):
    """`said(code)`: the severity, message and remedy of what the rule says of app.py."""

    def judge(code):
        root = write({"app.py": code, "importguard.toml": 'entry = "app.py"\nselect = ["IG501"]\n'})
        found = check(analyse(find_project(root).start())).findings
        return [(finding.severity.value, finding.message, finding.fix_hint) for finding in found]

    return judge


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import gone", NEEDED),
        ("class A:\n    import gone", NEEDED),
        (GONE, OPTIONAL),
        (f"{GONE}f()", NEEDED),
        ("f = lambda: __import__('gone')", OPTIONAL),
        ("f = lambda: __import__('gone')\nf()", NEEDED),
        ("f = lambda _=__import__('gone'): None", NEEDED),
        (f"import sys\n{GONE}if len(sys.argv) > 1: f()", OPTIONAL),
        ("import importlib\nimportlib.import_module('gone')", NEEDED),
        ("import importlib\ndef f():\n    importlib.import_module('gone')", OPTIONAL),
        ("def f():\n    class A:\n        import gone", OPTIONAL),
    ],
)
def test_what_the_start_does_not_run_into_is_a_note(said, code, expected):
    severity, remedy = expected
    assert said(code) == [(severity, "gone cannot be resolved: not found in the target environment", remedy)]


@pytest.mark.parametrize("caught", ["ImportError", "Exception"])
def test_what_whoever_calls_catches_is_nothing(said, caught):
    assert said(f"{GONE}try: f()\nexcept {caught}: pass") == []


def test_a_computed_name_is_called_that_and_needs_a_run(said):
    ((severity, message, remedy),) = said("import importlib, sys\nimportlib.import_module(sys.argv[1])")
    assert (severity, message.partition(":")[0]) == ("error", "an import by a computed name cannot be resolved")
    assert remedy.startswith("What it imports is in no figure here; `importguard verify` shows it.")
