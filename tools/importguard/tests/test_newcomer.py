"""What a first run prints: no configuration, and ruff's settings beside it."""

import re
from pathlib import Path

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


ROOT = Path(__file__).parents[3]
README = ROOT / "README.md"
HEAVY_PROGRAM = ROOT / "docs" / "examples" / "notes" / "notes.py"


def test_the_readme_shows_the_example_and_what_check_says_of_it(run, write):
    (shown,) = [
        block for block in re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL) if "NOTES" in block
    ]
    assert shown == HEAVY_PROGRAM.read_text()
    write({"notes.py": shown})
    result = run("check", "notes.py")
    place, remedy = [result.stdout.splitlines()[index] for index in (1, 3)]
    said = README.read_text().splitlines()
    assert (result.returncode, result.stdout.split(" (")[0] + " (" in README.read_text()) == (1, True)
    assert (place in said, remedy in said) == (True, True)


def test_the_readme_says_what_makes_the_example_clean(run, write):
    text = HEAVY_PROGRAM.read_text().replace("import anthropic\n\n", "", 1)
    write({"notes.py": text.replace("    asked", "    import anthropic\n\n    asked", 1)})
    result = run("check", "notes.py")
    finding, verdict = (
        result.stdout.splitlines()[0],
        next(filter(lambda line: "Clean" in line, result.stdout.splitlines())),
    )
    assert (result.returncode, "if a condition holds" in verdict) == (0, True)
    assert finding.startswith("notes.py:11: IG102 note: anthropic is imported in a function body")
    assert finding.split(" (")[0] in README.read_text()


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
