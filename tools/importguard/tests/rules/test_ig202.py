"""IG202: a set of modules that grew."""

import json

CODE = "IG202"
LOCK = 'lock = "app.lock"'


def locked(*own, standard=()):
    held = {"modules": sorted(own), "standard": sorted(standard)}
    return {"app.lock": json.dumps({"schema": 2, "entries": {"app.py": held}})}


REPORTS = {
    "an own module": ({"app.py": "import one", "one.py": "", **locked()}, LOCK, ["app.py:1"]),
    "at the innermost own import": (
        {"app.py": "import one", "one.py": "\nimport two", "two.py": "", **locked("one")},
        LOCK,
        ["one.py:2"],
    ),
    "once, with what comes with it": (
        {"app.py": "import one", "one.py": "import two", "two.py": "", **locked()},
        LOCK,
        ["app.py:1"],
    ),
    "a standard module that own code imports": ({"app.py": "import asyncio", **locked()}, LOCK, ["app.py:1"]),
    "an entry that the lock does not know": (
        {"app.py": "pass", "app.lock": '{"schema": 2, "entries": {}}'},
        LOCK,
        ["app.lock:1"],
    ),
}
SILENT = {
    "no lock": ({"app.py": "import one", "one.py": "", **locked()},),
    "what the lock holds": ({"app.py": "import one", "one.py": "", **locked("one")}, LOCK),
    "less than the lock holds": ({"app.py": "pass", **locked("one")}, LOCK),
    "a standard module that the lock holds, with all that it loads": (
        {"app.py": "import asyncio", **locked(standard=["asyncio"])},
        LOCK,
    ),
    "in a function that nobody calls": ({"app.py": "def f(): import one", "one.py": "", **locked()}, LOCK),
}


def test_it_reports(places, reported):
    files, config, expected = reported
    assert places(files, config) == expected


def test_it_stays_silent(places, unreported):
    assert places(*unreported) == []
