"""IG201: a startup budget that is exceeded."""

CODE = "IG201"

TWO = {"app.py": "import one", "one.py": ""}
REPORTS = {
    "modules": (TWO, "budget_modules = 1", ["app.py:1"]),
    "milliseconds": ({**TWO, "one.py": "import asyncio"}, "budget_ms = 1", ["app.py:1"]),
    "both": ({**TWO, "one.py": "import asyncio"}, "budget_modules = 1\nbudget_ms = 1", ["app.py:1", "app.py:1"]),
}
SILENT = {
    "no budget": (TWO,),
    "as many as allowed": (TWO, "budget_modules = 2"),
    "less than allowed": (TWO, "budget_ms = 1000"),
    "what a function imports does not count": ({**TWO, "app.py": "def f(): import one"}, "budget_modules = 1"),
}


def test_it_reports(places, reported):
    files, config, expected = reported
    assert places(files, config) == expected


def test_it_stays_silent(places, unreported):
    assert places(*unreported) == []
