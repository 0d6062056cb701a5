"""IG303: a job of the manifest that nobody asks for."""

CODE = "IG303"

WARM = "def _require_warmed(name): ...\ndef use(): return _require_warmed('heavy_one')"
FILES = {"app.py": WARM, "heavy_one.py": "import colorsys"}
ASKED = 'manifest = "m.json"'


def manifest(*modules):
    jobs = ", ".join(f'{{"module": "{name}"}}' for name in modules)
    return {"m.json": f'{{"schema": 1, "entry": "app.py", "jobs": [{jobs}]}}'}


REPORTS = {
    "a module that is gone": ({**FILES, **manifest("heavy_one", "old_one")}, ASKED, ["m.json:1"]),
    "two of them": ({**FILES, **manifest("old_one", "older_one")}, ASKED, ["m.json:1", "m.json:1"]),
}
SILENT = {
    "each is asked for": ({**FILES, **manifest("heavy_one")}, ASKED),
    "no jobs": ({**FILES, **manifest()}, ASKED),
    "no manifest asked for": ({**FILES, **manifest("old_one")},),
}


def test_it_reports(places, reported):
    files, config, expected = reported
    assert places(files, config) == expected


def test_it_stays_silent(places, unreported):
    assert places(*unreported) == []
