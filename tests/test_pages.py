"""Every command of every page, run as its reader would, beside what the page shows; generated pages are fresh."""

from __future__ import annotations

import difflib
import json
import os
import re
import shutil
import tomllib
from pathlib import Path

import jsonschema
import pytest
import read_pages
import write_pages
from pages.reader import agrees
from pages.steps import Command, File, Unrun, steps_of, with_output
from tests.repository import ROOT

PAGES = {page.relative_to(ROOT).as_posix(): page for page in read_pages.pages()}
STEPS = {name: steps_of(page, ROOT) for name, page in PAGES.items()}
RUN = [name for name, steps in STEPS.items() if any(isinstance(step, Command) for step in steps)]
NEED_A_DISPLAY = frozenset({"docs/start/gui.md"})
MOST_EXCEPTIONS = 10


@pytest.mark.timeout(900)  # README's first command works out everything, on a machine that may have other work
@pytest.mark.parametrize("name", RUN)
def test_a_page_shows_what_its_commands_print(name, tmp_path):
    if name in NEED_A_DISPLAY and not os.environ.get("DISPLAY"):
        assert not os.environ.get("SLOPPY_DISPLAY_REQUIRED"), "SLOPPY_DISPLAY_REQUIRED is set and there is no DISPLAY"
        pytest.skip("no DISPLAY; run under xvfb-run")
    if not shutil.which("uv"):
        pytest.fail("the pages use uv; it is not on PATH")
    wheel = os.environ.get("IMPORTGUARD_WHEEL", str(ROOT / "tools" / "importguard"))
    kept = Path(os.environ["IMPORTGUARD_CACHE"])  # what importguard has worked out on one page helps on the next
    wrong = read_pages.read_page(PAGES[name], tmp_path, wheel, kept)
    told = [
        f"{name}:{line}\n" + "\n".join(difflib.ndiff(shown.splitlines(), printed.splitlines()))
        for line, (shown, printed) in wrong.items()
    ]
    assert not told, "\n".join([*told, f"run: uv run python scripts/read_pages.py --write {name}"])


def test_a_command_that_nobody_runs_has_a_reason_and_there_are_few():
    unrun = {
        (name, step.line): step.reason for name, steps in STEPS.items() for step in steps if isinstance(step, Unrun)
    }
    assert [place for place, reason in unrun.items() if not reason] == [], "make it a `console` block, or say why not"
    assert len(unrun) <= MOST_EXCEPTIONS


def test_no_page_installs_what_is_not_published():
    told = re.compile(r"(?:pip install|uv add|uvx|uv tool install|pipx \w+)[^\n`&;]*(?<![./$\w-])importguard\b(?!=)")
    listed = (*PAGES.values(), ROOT / "tools" / "importguard" / "README.md", ROOT / "docs" / "github_actions.yml")
    found = [(page.name, match[0]) for page in listed for match in told.finditer(page.read_text())]
    assert found == []
    assert not any("additional_dependencies: [importguard" in page.read_text() for page in listed)


def test_generated_pages_are_fresh():
    assert sorted(write_pages.stale()) == [], f"run: {write_pages.MADE_BY}"


def configurations():
    own = {"importguard.toml": (ROOT / "importguard.toml").read_text()}
    shown = {
        f"{name}:{step.line}": step.text
        for name, steps in STEPS.items()
        for step in steps
        if isinstance(step, File) and step.name.endswith("importguard.toml")
    }
    return {**own, **shown}


@pytest.mark.parametrize("text", configurations().values(), ids=configurations().keys())
def test_the_published_schema_takes_every_configuration_that_a_page_shows(text):
    schema = json.loads((ROOT / "docs" / "importguard.schema.json").read_text())
    checker = jsonschema.Draft202012Validator(schema)
    assert [error.message for error in checker.iter_errors(tomllib.loads(text))] == []


@pytest.mark.parametrize(
    "wrong", ['hevy = ["pandas"]', "heavy_ms = 'fast'", '[[entry]]\nscrpt = "a.py"', '[verify]\nuntil = "never"']
)
def test_an_editor_marks_what_importguard_refuses(wrong):
    schema = json.loads((ROOT / "docs" / "importguard.schema.json").read_text())
    assert not jsonschema.Draft202012Validator(schema).is_valid(tomllib.loads(wrong))


@pytest.mark.parametrize(
    ("shown", "printed", "is_same"),
    [
        ("took 3 ms\n", "took 2,917 ms\n", True),
        ("Python 3.11.7, in 0.3 s\n", "Python 3.11.9, in 12.1 s\n", True),
        ("import time:  17 |    261 |  shop\n", "import time:  1440 | 1207175 |   shop\n", True),
        ("at 1234567\n", "at a23b567\n", True),
        ("a\n...\nd\n", "a\nb\nc\nd\n", True),
        ("3 modules\n", "4 modules\n", False),
        ("a\n...\nd\n", "a\nb\n", False),
        ("", "anything\n", False),
    ],
)
def test_times_may_differ_and_nothing_else(shown, printed, is_same):
    assert agrees(shown, printed, same_python=True) is is_same


def test_output_is_put_under_its_command(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text("```console\n$ one\nold\nolder\n$ two \\\n> on\n```\nend\n")
    steps = steps_of(page, tmp_path)
    assert [step.text for step in steps] == ["one", "two \\\non"]
    new = with_output(page.read_text(), steps, {2: "new\n", 5: "2\n"})
    assert new == "```console\n$ one\nnew\n$ two \\\n> on\n2\n```\nend\n"
