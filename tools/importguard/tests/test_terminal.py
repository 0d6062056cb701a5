"""A terminal shows what stands on the command line and does not obey it; what is no file ends with a sentence."""

import os

import pytest

ESCAPE = "x\x1b[2J\x1b]0;title\x07\x9b31m\r\u202e"
COMMANDS = ["check", "graph", "init", "lock", "manifest", "measure", "rule", "verify", "why"]
LINES = [
    [ESCAPE],
    ["--" + ESCAPE],
    ["--config", ESCAPE, "check"],
    *([command, "--" + ESCAPE] for command in COMMANDS),
    *([command, ESCAPE] for command in COMMANDS),
    *([command, "--format", ESCAPE] for command in ("check", "graph", "verify")),
    ["check", "--python", ESCAPE, "app.py"],
    ["check", "--select", ESCAPE, "app.py"],
    ["check", "--against", ESCAPE, "app.py"],
    ["check", "--entry", ESCAPE],
    ["check", "-m", ESCAPE],
    ["check", "--output-file", ESCAPE, "app.py"],
    ["check", "--output-file", f"json:{ESCAPE}/{ESCAPE}", "app.py"],
    ["graph", "--depth", ESCAPE],
    ["verify", "--timeout", ESCAPE],
    ["verify", "--", ESCAPE],
    ["why", ESCAPE, "app.py"],
]


@pytest.mark.parametrize("line", LINES, ids=[" ".join(map(ascii, line)) for line in LINES])
def test_nothing_on_the_command_line_is_obeyed(run, write, line):
    write({"app.py": ""})
    done = run(*line)
    shown = done.stdout + done.stderr
    assert not [char for char in shown if char != "\n" and not char.isprintable()]
    assert done.returncode in {0, 1, 2}
    assert "Traceback" not in shown


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "line",
    [
        ["check", "pipe"],
        ["--config", "pipe", "check", "app.py"],
        ["check", "--python", "./pipe", "app.py"],
        ["graph", "pipe"],
        ["why", "os", "pipe"],
        ["verify", "--", "pipe"],
        ["check", "--", "pipe"],
    ],
)
@pytest.mark.parametrize("make", [os.mkfifo, lambda path: os.symlink("/dev/zero", path)])
def test_what_is_no_file_ends_with_a_sentence(run, write, tmp_path, line, make):
    write({"app.py": ""})
    make(tmp_path / "pipe")
    done = run(*line)
    assert (done.returncode, done.stdout, "Traceback" in done.stderr) == (2, "", False)
    assert done.stderr


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", ["pyproject.toml", "importguard.toml", "importguard.costs.json", "x.lock", "m.json"])
def test_a_pipe_in_the_place_of_a_project_s_file_does_not_hold_a_command(run, write, tmp_path, name):
    write({"app.py": "", "importguard.toml": 'entry = "app.py"\nlock = "x.lock"\nmanifest = "m.json"'})
    (tmp_path / name).unlink(missing_ok=True)
    os.mkfifo(tmp_path / name)
    assert run("check", "app.py").returncode in {0, 1, 2}
