"""`check --against REV`: what a change does to the start."""

import subprocess

import pytest


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
    text = run("check", "app.py", "--against", "before").stdout
    assert "ms, +3 modules against before" in text
    assert "+2 modules via one.py:1  two" in text
    assert "+1 modules via one.py:2  colorsys" in text


def test_removed_modules_are_counted(run, committed):
    committed({"app.py": ""})
    assert "-1 modules against before" in run("check", "app.py", "--against", "before").stdout


def test_nothing_changed(run, committed):
    assert "The start loads the same modules against HEAD" in run("check", "app.py", "--against", "HEAD").stdout


def test_markdown_is_a_table_for_a_comment(run, committed):
    committed({"one.py": "import two"})
    text = run("check", "app.py", "--against", "before", "--format", "markdown").stdout
    assert "| `one.py:1` | two | +2 |" in text
    assert "**importguard ✓**" in text


def test_the_exit_code_is_that_of_the_findings(run, committed):
    committed({"one.py": "import colorsys", "importguard.toml": 'entry = "app.py"\nheavy = ["colorsys"]'})
    assert run("check", "--against", "before").returncode == 1


@pytest.mark.parametrize("revision", ["nowhere", "--upload-pack=touch ran", "-x"])
def test_an_unknown_revision_exits_2(run, committed, tmp_path, revision):
    result = run("check", "app.py", f"--against={revision}")
    assert (result.returncode, f"there is no revision {revision}" in result.stderr) == (2, True)
    assert not (tmp_path / "ran").exists()


def test_a_script_outside_the_repository_exits_2(run, committed, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "other.py"
    elsewhere.write_text("")
    result = run("check", str(elsewhere), "--against", "HEAD")
    assert (result.returncode, "stands outside the repository" in result.stderr) == (2, True)


def test_without_a_repository_it_exits_2(run, write):
    write({"app.py": ""})
    result = run("check", "app.py", "--against", "HEAD")
    assert (result.returncode, "--against" in result.stderr, "Traceback" in result.stderr) == (2, True, False)


def test_other_formats_refuse_it(run, committed):
    assert run("check", "app.py", "--against", "HEAD", "--format", "sarif").returncode == 2
