"""A command that is asked again says what it has said before, as long as nothing that it has read has changed."""

import os
import re
import subprocess
import sys

import pytest

PROJECT = {
    "importguard.toml": 'entry = "app.py"\nheavy = ["decimal"]\n',
    "app.py": "import one\nimport missing\n",
    "one.py": "import colorsys\ndef later():\n    import decimal\n",
}
# A time of change that is younger than two seconds may hide another one: here none does.
SETTLED = "import importguard.storage.own_files as files; files.SETTLED_NS = 0"


@pytest.fixture
def ask(tmp_path, monkeypatch):
    """Runs importguard in the project; what it printed, its exit code, whether it was said again."""
    monkeypatch.setenv("IMPORTGUARD_CACHE", str(tmp_path / "cache"))

    def call(*arguments, before=SETTLED, **settings):
        program = f"""{before}
import sys
from importguard.cli import main
try: main()
finally: print("importguard.cli.commands" not in sys.modules, file=sys.stderr)"""
        line = [sys.executable, "-P", "-c", program, *arguments]
        environment = {**os.environ, **settings}
        del environment["PYTEST_CURRENT_TEST"]  # which is another one in a fixture
        done = subprocess.run(
            line, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", timeout=240, check=False
        )
        return without_time(done.stdout), done.returncode, done.stderr.splitlines()[-1] == "True"

    return call


@pytest.fixture
def fresh(run):
    """What it prints where nothing is kept, and its exit code."""

    def call(*arguments):
        done = run(*arguments, "--no-cache")
        return without_time(done.stdout), done.returncode

    return call


def without_time(said):
    return re.sub(r"analysed in [\d.]+ s", "", said)


@pytest.fixture
def project(write, ask):
    """A project of which an answer is kept."""
    folder = write(PROJECT)
    ask("check")  # it asks the interpreter, which is a process
    assert not ask("check")[2]
    return folder


def test_what_is_asked_again_is_said_again(project, ask, fresh):
    said = ask("check")
    assert said == (*fresh("check"), True)
    assert "IG501" in said[0]
    assert said[1] == 1


def test_each_command_line_has_its_own_answer(project, ask, fresh):
    ask("graph", "--format", "json")
    assert ask("graph", "--format", "json") == (*fresh("graph", "--format", "json"), True)
    assert not ask("check", "--exit-zero")[2]
    assert ask("check")[2]


def test_files_that_are_written_anew_as_they_were_change_nothing(project, ask):
    for file in project.glob("*.*"):
        file.write_bytes(file.read_bytes())
        os.utime(file, (1, 1))
    assert ask("check")[2]


def shadow(project):
    (project / "colorsys.py").write_text("")


def same_size_same_time(project):
    file = project / "one.py"
    before = file.stat()
    file.write_text(file.read_text().replace("colorsys", "decimal "))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def accept(project):
    file = project / "one.py"
    file.write_text(file.read_text().replace("decimal", "decimal  # importguard: ignore[IG304]"))


def configure(project):
    (project / "importguard.toml").write_text('entry = "app.py"\n')


def appear(project):
    (project / "missing.py").write_text("import decimal")


def ruff_is_told(project):
    (project / "pyproject.toml").write_text("[tool.ruff.lint]\nselect = ['PLC0415']\n")


def vanish(project):
    (project / "one.py").unlink()


def as_a_link(project):
    (project / "one.py").unlink()
    (project / "elsewhere.txt").write_text("import decimal, missing_as_well")
    (project / "one.py").symlink_to("elsewhere.txt")


def test_a_change_of_what_was_read_is_seen(project, ask, fresh):
    changes = (
        shadow,
        same_size_same_time,
        accept,
        appear,
        ruff_is_told,
        as_a_link,
        configure,
        vanish,
    )
    before = ask("check")[:2]
    for change in changes:
        change(project)
        after = ask("check")[:2]
        assert after == fresh("check"), change.__name__
        assert after != before, f"{change.__name__} changes nothing"
        before = after


def test_while_a_time_of_change_may_hide_another_nothing_is_kept(project, ask):
    """So two edits within two seconds are two."""
    young = "import importguard.storage.own_files as files; files.SETTLED_NS = 10**18"
    for _ in range(2):
        assert not ask("check", before=young)[2]


def test_a_variable_of_the_environment_may_decide(project, ask):
    assert not ask("check", SOMETHING="new")[2]
    assert not ask("check")[2]  # one answer a command line
    assert ask("check")[2]


def test_what_writes_is_not_kept(project, ask):
    file = project / "report.json"
    for _ in range(3):
        file.unlink(missing_ok=True)
        assert not ask("check", "--output-file", f"json:{file.name}")[2]
        assert file.exists()


def test_an_error_is_not_kept(project, ask):
    for _ in range(2):
        assert ask("check", "nowhere.py")[1:] == (2, False)


def test_without_a_cache_nothing_is_said_again(project, ask):
    assert not ask("check", IMPORTGUARD_CACHE="off")[2]
    assert not ask("check", "--no-cache")[2]


def test_a_damaged_answer_costs_time_only(tmp_path, project, ask):
    right = ask("check")
    for entry in (tmp_path / "cache").glob("answer-*"):
        entry.write_bytes(entry.read_bytes()[:-10])
    assert ask("check") == (*right[:2], False)
