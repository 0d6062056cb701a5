"""IG203: the deadline of a start."""

CODE = "IG203"

FILES = {"app.py": "import json\ndef up(): pass\nup()\nimport argparse"}
REPORTS = {
    "too much until the program waits": (FILES, "deadline_ms = 0.1", ["app.py:1"]),
    "too much until the place": (FILES, 'deadline_ms = 0.1\nready_at = "app:up"', ["app.py:3"]),
}
SILENT = {
    "nobody asked": (FILES,),
    "within the deadline": (FILES, "deadline_ms = 10_000"),
    "after the place": (
        {"app.py": "def up(): pass\nup()\nimport json, argparse"},
        'deadline_ms = 0.3\nready_at = "app:up"',
    ),
}


def test_it_reports(places, reported):
    files, config, expected = reported
    assert places(files, config) == expected


def test_it_stays_silent(places, unreported):
    assert places(*unreported) == []
