"""What nobody has foreseen ends with exit code 2 and one sentence, never with 1, which means findings."""

import errno
import os
import pwd
import subprocess
import sys

import pytest

COMMANDS = [
    ("check",),
    ("check", "--format", "json"),
    ("check", "--format", "sarif"),
    ("graph",),
    ("graph", "--format", "json"),
    ("graph", "--format", "dot"),
    ("graph", "--format", "html"),
    ("why", "colorsys"),
    ("manifest",),
    ("lock",),
    ("rule",),
    ("--help",),
    ("--version",),
]


@pytest.fixture
def project(write):
    return write({"app.py": "import colorsys", "importguard.toml": 'entry = "app.py"\n'})


def importguard(project, arguments, redirection):
    command = f'"{sys.executable}" -m importguard {" ".join(arguments)} {redirection}'
    return subprocess.run(["bash", "-c", command], cwd=project, capture_output=True, text=True, check=False)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_full_disk_exits_2_with_one_sentence(project, arguments):
    done = importguard(project, arguments, "> /dev/full")
    assert done.returncode == 2
    assert done.stderr == (
        "importguard: standard output: No space left on device; "
        "what is there is no whole report, run it again when there is room\n"
    )


def test_a_disk_that_is_full_for_another_file_names_that_file_and_not_standard_output(run, project, monkeypatch):
    def refuses(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/somewhere/part")

    monkeypatch.setattr("importguard.cli.entry.Choice.analyses", refuses)
    done = run("check")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("importguard: /somewhere/part: No space left on device; ")


def test_a_disk_that_is_full_for_no_file_that_is_known_is_unforeseen(run, project, monkeypatch):
    def refuses(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("importguard.cli.entry.Choice.analyses", refuses)
    done = run("check")
    assert "could not check, OSError: No space left on device; " in done.stderr
    assert "standard output" not in done.stderr


@pytest.mark.parametrize("arguments", COMMANDS[:4], ids=" ".join)
def test_a_closed_standard_output_exits_2_with_one_sentence(project, arguments):
    done = importguard(project, arguments, ">&-")
    assert (done.returncode, done.stderr) == (
        2,
        "importguard: standard output is closed, so no report can be written\n",
    )
    assert importguard(project, arguments, ">&- 2>&-").returncode == 2


def test_a_step_that_accepts_findings_does_not_accept_a_report_that_was_not_written(project):
    done = importguard(project, ("check", "--format", "sarif"), "> /dev/full || [ $? -eq 1 ]")
    assert done.returncode == 1  # of the test of the exit code, which fails the step


def test_a_reader_that_goes_away_is_no_finding(project):
    done = importguard(project, ("graph", "--format", "json"), "| true; exit ${PIPESTATUS[0]}")
    assert done.returncode in {0, 2}  # 0 where all was written before the reader was gone
    assert done.stderr == ""


def test_a_fault_of_importguards_own_exits_2_and_says_where_to_report_it(run, project, monkeypatch):
    monkeypatch.setattr("importguard.cli.entry.Choice.analyses", lambda *_, **__: 1 / 0)
    done = run("check")
    assert (done.returncode, done.stdout) == (2, "")
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("importguard: could not check, ZeroDivisionError: division by zero; ")
    assert "report it to" in sentence
    monkeypatch.setenv("IMPORTGUARD_TRACEBACK", "1")
    assert "Traceback (most recent call last)" in run("check").stderr


def test_a_user_without_a_home_or_a_name_checks_like_any_other(run, project, monkeypatch):
    def nobody(_):
        raise KeyError("uid not found")

    for name in ("HOME", "IMPORTGUARD_CACHE", "XDG_CACHE_HOME", "XDG_DATA_HOME", "VIRTUAL_ENV"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", nobody)
    (project / "ruff.toml").write_text('extend = "~/ruff.toml"\n')
    done = run("check")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Clean" in done.stdout
    assert not (project / "~").exists()
