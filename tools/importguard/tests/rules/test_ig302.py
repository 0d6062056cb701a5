"""IG302: a module required warm that the manifest lacks."""

CODE = "IG302"

WARM = "def _require_warmed(name): ...\ndef use(): return _require_warmed('heavy_one')"
FILES = {"app.py": WARM, "heavy_one.py": "import colorsys"}
ASKED = 'manifest = "m.json"'


def manifest(*modules):
    jobs = ", ".join(f'{{"module": "{name}"}}' for name in modules)
    return {"m.json": f'{{"schema": 1, "entry": "app.py", "jobs": [{jobs}]}}'}


REPORTS = {
    "another module": ({**FILES, **manifest("old_one")}, ASKED, ["app.py:2"]),
    "no module": ({**FILES, **manifest()}, ASKED, ["app.py:2"]),
    "two calls": (
        {**FILES, "app.py": f"{WARM}\ndef again(): return _require_warmed('heavy_one')", **manifest()},
        ASKED,
        ["app.py:2", "app.py:3"],
    ),
}
SILENT = {
    "in the manifest": ({**FILES, **manifest("heavy_one")}, ASKED),
    "no manifest at all, which IG301 reports": (FILES, ASKED),
    "no manifest asked for": ({**FILES, **manifest()},),
}


def test_it_reports(places, reported):
    files, config, expected = reported
    assert places(files, config) == expected


def test_it_stays_silent(places, unreported):
    assert places(*unreported) == []
