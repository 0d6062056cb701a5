"""What a first run prints: no configuration, and ruff's settings beside it."""

import pytest

FILES = {
    "app.py": "import one\nimport json",
    "one.py": "import calendar, colorsys",
}


def ranked(result):
    lines = result.stdout.splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith("Package"))
    return [line.split("  ") for line in lines[start + 1 : lines.index("", start)]]


@pytest.mark.parametrize("config", [{}, {"importguard.toml": ""}])
def test_the_packages_of_the_start_are_ranked_by_cost(run, write, config):
    write({**FILES, **config})
    result = run("check", "app.py")
    rows = ranked(result)
    assert (result.returncode, rows[0][0].strip()) == (0, "standard library")
    assert {row[0].strip() for row in rows} == {"standard library", "one", "__main__"}
    costs = [int(cell.split()[0]) for row in rows for cell in row if cell.endswith(" ms")]
    assert (len(costs), costs) == (3, sorted(costs, reverse=True))
    assert ("importguard init" in result.stdout) == (not config)


def test_a_start_without_imports_has_nothing_to_rank(run, write):
    write({"app.py": "x = 1"})
    result = run("check", "app.py")
    assert (result.returncode, "Package" in result.stdout) == (0, False)


NOTED = {
    "a prefix in pyproject": ("pyproject.toml", '[tool.ruff.lint]\nselect = ["E", "PL"]', ["PLC0415"]),
    "everything": ("ruff.toml", '[lint]\nselect = ["ALL"]', ["PLC0415"]),
    "everything but": ("ruff.toml", '[lint]\nselect = ["ALL"]\nignore = ["PLC0415"]', []),
    "a longer selector wins": ("ruff.toml", '[lint]\nextend-select = ["PLC0415"]\nignore = ["PL"]', ["PLC0415"]),
    "the old place": (".ruff.toml", 'extend-select = ["PLC0415"]', ["PLC0415"]),
    "its defaults": ("ruff.toml", "line-length = 100", []),
    "banned modules": (
        "ruff.toml",
        '[lint]\nselect = ["TID"]\n[lint.flake8-tidy-imports]\nbanned-module-level-imports = ["torch", "pandas"]',
        ["TID253 for torch, pandas"],
    ),
    "nothing banned": ("ruff.toml", '[lint]\nselect = ["TID253"]', []),
    "not on": ("ruff.toml", '[lint.flake8-tidy-imports]\nbanned-module-level-imports = ["torch"]', []),
    "extended": ("ruff.toml", 'extend = "base.toml"', ["PLC0415"]),
    "extended and taken back": ("ruff.toml", 'extend = "base.toml"\n[lint]\nselect = ["E"]', []),
    "damaged": ("ruff.toml", "[lint", []),
}


@pytest.mark.parametrize(("file", "text", "rules"), NOTED.values(), ids=NOTED.keys())
def test_a_note_tells_where_ruff_would_contradict(run, write, file, text, rules):
    write({"app.py": "", "base.toml": '[lint]\nselect = ["PLC"]', "importguard.toml": 'entry = "app.py"', file: text})
    result = run("check")
    notes = [line for line in result.stdout.splitlines() if line.startswith("note: ")]
    assert (result.returncode, len(notes)) == (0, len(rules))
    assert all(f"switches on ruff's {rule}" in note for rule, note in zip(rules, notes, strict=True))


def test_other_formats_have_no_notes(run, write):
    write({"app.py": "", "ruff.toml": '[lint]\nselect = ["ALL"]'})
    assert "note" not in run("check", "app.py", "--format", "github").stdout
