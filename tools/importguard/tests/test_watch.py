"""`check --watch`: again after each save, and only what became different."""

import os
import signal
import subprocess
import sys
from threading import Event

import pytest

from importguard import analyse, check, find_project
from importguard.watch import rounds, saves

HEAVY = 'entry = "app.py"\nheavy = ["colorsys", "wave"]'


@pytest.fixture
def project(write):
    return write({"app.py": "import one", "one.py": "", "importguard.toml": HEAVY})


def told(root, edits):
    """What each round says: added codes and subjects, gone ones, the error."""

    def changes():
        yield "the start"
        for name, text in edits:
            (root / name).write_text(text)
            yield name

    def judge():
        return check(analyse(find_project(root).start()))

    return [
        ([one.subject for one in found.added], [one.subject for one in found.gone], found.error)
        for found in rounds(judge, changes())
    ]


def test_each_round_says_what_the_one_before_did_not(project):
    edits = [
        ("one.py", "import colorsys"),
        ("one.py", "import colorsys\n\nimport wave"),
        ("one.py", "# nothing new\nimport colorsys\nimport wave"),
        ("one.py", "import wave"),
        ("importguard.toml", HEAVY.replace(', "wave"', "")),
    ]
    assert told(project, edits) == [
        ([], [], ""),
        (["colorsys"], [], ""),
        (["wave"], [], ""),
        ([], [], ""),
        ([], ["colorsys"], ""),
        ([], ["wave"], ""),
    ]


def test_a_round_that_fails_is_told_and_the_next_goes_on(project):
    first, broken, after = told(project, [("app.py", "import ("), ("app.py", "import colorsys")])
    assert (first, after) == (([], [], ""), (["colorsys"], [], ""))
    assert broken[2].startswith(f"{project / 'app.py'}:1: cannot be parsed")


def test_the_command_checks_again_after_a_save_and_ends_with_ctrl_c(project):
    command = [sys.executable, "-m", "importguard", "check", "--watch"]
    with subprocess.Popen(
        command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ}
    ) as process:
        lines = iter(process.stdout.readline, "")
        assert any("✓ Clean" in line for line in lines)
        (project / "one.py").write_text("import colorsys")
        assert any("IG101" in line for line in lines)
        assert any("✗ 1 problem" in line for line in lines)
        (project / "one.py").write_text("")
        assert any("gone" in line and "colorsys" in line for line in lines)
        assert any("✓ Clean" in line for line in lines)
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=240)
    assert (process.returncode, rest.strip(), errors) == (0, "", "")


def test_watching_is_for_people(run, project):
    assert run("check", "--watch", "--format", "json").returncode == 2


def test_nothing_is_watched_when_it_is_stopped_at_once(project):
    stop = Event()
    stop.set()
    assert len(list(saves(project, stop))) <= 1
