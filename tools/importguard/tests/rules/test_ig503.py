"""IG503: a suppression that accepts nothing."""

CODE = "IG503"


def comment(text):
    return f"import colorsys  # importguard: {text}"


REPORTS = {
    "a day that has passed": (comment("ignore[IG101] covered, until 2020-01-31"), "", ["app.py:1"]),
    "no date": (comment("ignore[IG101] covered, until 2020-13-45"), "", ["app.py:1"]),
    "no reason": (comment("ignore[IG101]"), "", ["app.py:1"]),
    "no such finding": (comment("ignore[IG501] not here"), "", ["app.py:1"]),
    "no brackets": (comment("ignore IG101 covered"), "", ["app.py:1"]),
    "no such rule": (comment("ignore[IG9] covered"), "", ["app.py:1"]),
    "on a line without a finding": ("import string  # importguard: ignore[IG101] covered", "", ["app.py:1"]),
}
SILENT = {
    "in use": (comment("ignore[IG101] covered"),),
    "in use until a day to come": (comment("ignore[IG101] covered, until 2999-01-31"),),
    "a group of rules": (comment("ignore[IG1] covered"),),
    "a text that looks like one": ("text = '# importguard: ignore[IG101]'",),
    "another tool's": ("import colorsys  # noqa: F401",),
}


def test_it_reports(places, reported):
    files, config, expected = reported
    assert places(files, config) == expected


def test_it_stays_silent(places, unreported):
    assert places(*unreported) == []
