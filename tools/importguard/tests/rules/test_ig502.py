"""IG502: a file that cannot be parsed."""

CODE = "IG502"

REPORTS = {
    "a syntax error": ({"app.py": "import two", "two.py": "def broken(:\n"}, "", ["two.py:1"]),
    "not in its encoding": ({"app.py": "import two", "two.py": b"x = '\xff'\n"}, "", ["two.py:1"]),
    "below the first line": ({"app.py": "import two", "two.py": "x = 1\ny = = 2\n"}, "", ["two.py:2"]),
}
SILENT = {
    "an encoding that the file declares": ({"app.py": "import two", "two.py": b"# coding: latin-1\nx = '\xff'\n"},),
    "a file that nobody imports": ({"app.py": "", "two.py": "def broken(:\n"},),
    "a byte order mark": ({"app.py": "import two", "two.py": b"\xef\xbb\xbfx = 1\n"},),
}


def test_it_reports(places, reported):
    files, config, expected = reported
    assert places(files, config) == expected


def test_it_stays_silent(places, unreported):
    assert places(*unreported) == []
