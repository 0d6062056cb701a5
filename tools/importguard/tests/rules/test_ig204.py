"""IG204: a start without bytecode."""

CODE = "IG204"

ASKED = "bytecode = true"
REPORTS = {
    "never compiled": ({"app.py": "import one", "one.py": ""}, ASKED, ["app.py:1"]),
    "of another Python": (
        {"app.py": "import one", "one.py": "", "__pycache__/one.cpython-30.pyc": b"\0" * 16},
        ASKED,
        ["app.py:1"],
    ),
}
SILENT = {
    "nobody asked": ({"app.py": "import one", "one.py": ""},),
    "the script itself, which Python never keeps": ("pass", ASKED),
    "imported by a function that nobody calls": ({"app.py": "def f(): import one", "one.py": ""}, ASKED),
}


def test_it_reports(places, reported):
    files, config, expected = reported
    assert places(files, config) == expected


def test_it_stays_silent(places, unreported):
    assert places(*unreported) == []
