"""`check --against REV`: what a change does to the start."""

import subprocess
import sys

import pytest


@pytest.fixture
def run(tmp_path):
    def call(*arguments):
        command = [sys.executable, "-m", "importguard", "check", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)

    return call


@pytest.fixture
def committed(tmp_path, write):
    """A repository whose one commit is tagged `before`."""
    write({"app.py": "import one", "one.py": "", "two.py": "import three", "three.py": "", "old.py": ""})
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q"], ["add", "."], [*identity, "commit", "-qm", "first"], ["tag", "before"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True, capture_output=True)
    return write


def test_added_modules_are_named_with_the_statement_that_brings_them(run, committed):
    committed({"one.py": "import two\nimport colorsys"})
    text = run("app.py", "--against", "before").stdout
    assert "ms, +3 modules against before" in text
    assert "+2 modules via one.py:1  two" in text
    assert "+1 modules via one.py:2  colorsys" in text


def test_removed_modules_are_counted(run, committed):
    committed({"app.py": ""})
    assert "-1 modules against before" in run("app.py", "--against", "before").stdout


def test_nothing_changed(run, committed):
    assert "The start loads the same modules against HEAD" in run("app.py", "--against", "HEAD").stdout


def test_markdown_is_a_table_for_a_comment(run, committed):
    committed({"one.py": "import two"})
    text = run("app.py", "--against", "before", "--format", "markdown").stdout
    assert "| `one.py:1` | two | +2 |" in text
    assert "**importguard ✓**" in text


def test_the_exit_code_is_that_of_the_findings(run, committed):
    committed({"one.py": "import colorsys", "importguard.toml": 'entry = "app.py"\nheavy = ["colorsys"]'})
    assert run("--against", "before").returncode == 1


@pytest.mark.parametrize("revision", ["nowhere", "--upload-pack=touch ran", "-x"])
def test_an_unknown_revision_exits_2(run, committed, tmp_path, revision):
    result = run("app.py", f"--against={revision}")
    assert (result.returncode, f"there is no revision {revision}" in result.stderr) == (2, True)
    assert not (tmp_path / "ran").exists()


def test_without_a_repository_it_exits_2(run, write):
    write({"app.py": ""})
    result = run("app.py", "--against", "HEAD")
    assert (result.returncode, "--against" in result.stderr, "Traceback" in result.stderr) == (2, True, False)


def test_other_formats_refuse_it(run, committed):
    assert run("app.py", "--against", "HEAD", "--format", "sarif").returncode == 2
