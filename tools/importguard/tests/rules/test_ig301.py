"""IG301: a manifest that is missing or stale."""

CODE = "IG301"

WARM = "def _require_warmed(name): ...\ndef use(): return _require_warmed('heavy_one')"
FILES = {"app.py": WARM, "heavy_one.py": "import colorsys"}
ASKED = 'manifest = "m.json"'


def manifest(*modules):
    jobs = ", ".join(f'{{"module": "{name}"}}' for name in modules)
    return {"m.json": f'{{"schema": 1, "entry": "app.py", "jobs": [{jobs}]}}'}


REPORTS = {
    "missing": (FILES, ASKED, ["m.json:1"]),
    "of other modules": ({**FILES, **manifest("old_one")}, ASKED, ["m.json:1"]),
    "without jobs": ({**FILES, **manifest()}, ASKED, ["m.json:1"]),
}
SILENT = {
    "no manifest asked for": (FILES,),
    "nothing to warm and none written": ("import string",),
}


def test_it_reports(places, reported):
    files, config, expected = reported
    assert places(files, config) == expected


def test_it_stays_silent(places, unreported):
    assert places(*unreported) == []


def test_it_stays_silent_on_what_the_tool_wrote(run, write):
    write({**FILES, "importguard.toml": f'entry = "app.py"\n{ASKED}\nselect = ["IG301"]\n'})
    assert (run("check").returncode, run("manifest", "--write").returncode, run("check").returncode) == (1, 0, 0)


def test_it_says_what_the_manifest_lacks_and_what_it_has_too_many(run, write):
    two = WARM + "\ndef more(): return _require_warmed('heavy_two')"
    files = {
        **FILES,
        "app.py": two,
        "heavy_two.py": "",
        "importguard.toml": f'entry = "app.py"\n{ASKED}\nselect = ["IG301"]\n',
    }
    for held, said in (
        ((), "m.json is stale: lacks heavy_one, heavy_two"),
        (("heavy_one", "heavy_two", "old_one"), "m.json is stale: has old_one too many"),
        (("heavy_one", "old_one"), "m.json is stale: lacks heavy_two; has old_one too many"),
        (("heavy_two", "heavy_one"), "m.json is stale: order, groups or reasons changed"),
    ):
        write({**files, **manifest(*held)})
        assert said in run("check").stdout
