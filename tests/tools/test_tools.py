"""What models may do to a project: read inside its roots, propose edits, propose commands."""

import ast
import asyncio
import json
import os
import sys

import pytest
from src.chat import ToolCallPart
from src.privacy.detector import digest_of
from src.privacy.redactor import current
from src.tools import process, propose_edit
from src.tools.catalog import NAMES, SPECS, prepare
from src.tools.files import read_text
from src.tools.outcome import Answer, Command, Edit, ToolError, Workspace


@pytest.fixture
def project(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "private.txt").write_text("not yours\n")
    root = tmp_path / "project"
    (root / "src").mkdir(parents=True)
    (root / "a.py").write_text("one = 1\ntwo = 2\nthree = 3\n")
    (root / "src" / "b.py").write_text("One = 'needle'\n")
    (root / ".env").write_text("KEY=needle\n")
    (root / "blob").write_bytes(b"\0\1needle")
    (root / "out").symlink_to(outside)
    (root / "out.txt").symlink_to(outside / "private.txt")
    return root


def call(project, name, read_only=frozenset(), **arguments):
    part = ToolCallPart("1", name, json.dumps(arguments))
    return prepare(part, Workspace((str(project),), read_only))


def test_every_specification_is_an_object_whose_required_arguments_exist():
    assert NAMES == ("read_file", "list_files", "search_files", "propose_edit", "run_command")
    for spec in SPECS:
        assert spec.parameters["type"] == "object"
        assert set(spec.parameters.get("required", ())) <= set(spec.parameters["properties"])


def test_a_file_is_read_whole_or_by_lines(project):
    assert call(project, "read_file", path="a.py") == Answer("one = 1\ntwo = 2\nthree = 3\n")
    part = call(project, "read_file", path="a.py", first_line=2, lines=1)
    assert part.text == "two = 2\n\n(lines 2 to 2 of 3)"


def test_a_text_that_the_user_says_is_no_secret_is_read(project):
    key = "9fK2mQ7xVb3LpR8sTn5WzY1cAe4HdGj6"
    (project / "conf.ini").write_text(f"session_token = {key}\n")
    with pytest.raises(ToolError, match="what looks like a key in line 1"):
        read_text(Workspace((str(project),)), "conf.ini")
    accepting = Workspace((str(project),), accepted=frozenset({digest_of(key)}))
    assert read_text(accepting, "conf.ini") == f"session_token = {key}\n"


def test_a_long_file_is_bounded_and_says_where_it_goes_on(project):
    (project / "long.txt").write_text("".join(f"{number:09}\n" for number in range(20_000)))
    answer = call(project, "read_file", path="long.txt")
    assert (len(answer.text) < 100_100, answer.text.endswith("\n(lines 1 to 10000 of 20000)")) == (True, True)


@pytest.mark.parametrize(
    ("name", "arguments", "reason"),
    [
        ("read_file", {"path": "../outside/private.txt"}, "outside the project"),
        ("read_file", {"path": "/etc/passwd"}, "outside the project"),
        ("read_file", {"path": "out.txt"}, "outside the project"),
        ("read_file", {"path": "out/private.txt"}, "outside the project"),
        ("list_files", {"path": "out"}, "outside the project"),
        ("search_files", {"text": "x", "path": ".."}, "outside the project"),
        ("propose_edit", {"path": "out/new.txt", "old_text": "", "new_text": "x"}, "outside the project"),
        ("propose_edit", {"path": "out.txt", "old_text": "not", "new_text": "x"}, "outside the project"),
        ("run_command", {"argv": ["ls"], "cwd": "out"}, "outside the project"),
        ("read_file", {"path": ".env"}, "holds secrets"),
        ("propose_edit", {"path": ".env", "old_text": "", "new_text": "x"}, "holds secrets"),
        ("read_file", {"path": "blob"}, "not text"),
        ("read_file", {"path": "src"}, "is a folder"),
        ("read_file", {"path": "gone.py"}, "No such file"),
        ("read_file", {"path": "a\0b"}, "null byte"),
        ("read_file", {}, "'path' is missing"),
        ("read_file", {"path": 1}, "must be of type string"),
        ("read_file", {"path": "a.py", "mode": "w"}, "no argument 'mode'"),
        ("read_file", {"path": "a.py", "first_line": 0}, "count from 1"),
        ("search_files", {"text": ""}, "nothing to look for"),
        ("propose_edit", {"path": "a.py", "old_text": "= ", "new_text": "x"}, "occurs 3 times"),
        ("propose_edit", {"path": "a.py", "old_text": "four", "new_text": "x"}, "occurs 0 times"),
        ("propose_edit", {"path": "a.py", "old_text": "", "new_text": "x"}, "a.py exists"),
        ("propose_edit", {"path": "new.py", "old_text": "a", "new_text": "x"}, "does not exist"),
        ("propose_edit", {"path": "no/new.py", "old_text": "", "new_text": "x"}, "The folder of no/new.py"),
        ("run_command", {"argv": []}, "must name a program"),
        ("run_command", {"argv": "ls -l"}, "array of strings"),
        ("run_command", {"argv": ["ls", 1]}, "array of strings"),
        ("run_command", {"argv": ["ls"], "timeout_s": 6000}, "from 1 to 600"),
        ("remove_file", {"path": "a.py"}, "no tool 'remove_file'"),
    ],
)
def test_what_may_not_be_done_is_answered_with_the_reason(project, name, arguments, reason):
    answer = call(project, name, **arguments)
    assert (type(answer), answer.failed, reason in answer.text) == (Answer, True, True), answer


@pytest.mark.parametrize("text", ["{", "[]", "1", '"x"', "[" * 100_000])
def test_malformed_arguments_are_answered(project, text):
    answer = prepare(ToolCallPart("1", "read_file", text), Workspace((str(project),)))
    assert (answer.failed, answer.text.startswith("read_file: the arguments")) == (True, True)


def test_a_folder_is_listed_without_following_links(project):
    lines = call(project, "list_files", deep=True).text.splitlines()
    assert lines == [
        ".env 11",
        "a.py 26",
        "blob 8",
        "out (a link that leaves the project)",
        "out.txt (a link that leaves the project)",
        "src/",
        "src/b.py 15",
    ]


def test_a_search_shows_lines_and_skips_secrets_and_binaries(project):
    assert call(project, "search_files", text="needle").text == "src/b.py:1: One = 'needle'"
    assert (
        call(project, "search_files", text="ONE", any_case=True, names="*.py").text
        == "a.py:1: one = 1\nsrc/b.py:1: One = 'needle'"
    )
    assert call(project, "search_files", text=".*").text == "(no hits)"


def test_a_search_is_bounded(project):
    (project / "many.txt").write_text("hit\n" * 1000)
    lines = call(project, "search_files", text="hit").text.splitlines()
    assert (len(lines), lines[-1]) == (201, "(more than 200; look for something rarer)")


def test_an_edit_is_shown_applied_and_undone(project):
    workspace = Workspace((str(project),))
    edit = call(project, "propose_edit", path="a.py", old_text="two = 2", new_text="two = 22")
    assert isinstance(edit, Edit)
    assert edit.diff == "--- a/a.py\n+++ b/a.py\n@@ -1,3 +1,3 @@\n one = 1\n-two = 2\n+two = 22\n three = 3\n"
    assert (project / "a.py").read_text() == edit.before
    applied = propose_edit.apply(edit, workspace)
    assert (project / "a.py").read_text() == "one = 1\ntwo = 22\nthree = 3\n"
    propose_edit.undo(edit, applied)
    assert (project / "a.py").read_text() == edit.before


def test_a_new_file_is_created_and_undone(project):
    edit = call(project, "propose_edit", path="src/c.py", old_text="", new_text="new")
    assert edit.diff == "--- /dev/null\n+++ b/src/c.py\n@@ -0,0 +1 @@\n+new\n\\ No newline at end of file\n"
    applied = propose_edit.apply(edit, Workspace((str(project),)))
    assert (project / "src" / "c.py").read_text() == "new"
    propose_edit.undo(edit, applied)
    assert not (project / "src" / "c.py").exists()


def test_line_ends_and_mode_are_kept(project):
    (project / "dos.bat").write_bytes(b"a\r\nb\r\n")
    os.chmod(project / "dos.bat", 0o755)
    edit = call(project, "propose_edit", path="dos.bat", old_text="b", new_text="c")
    propose_edit.apply(edit, Workspace((str(project),)))
    assert (project / "dos.bat").read_bytes() == b"a\r\nc\r\n"
    assert os.stat(project / "dos.bat").st_mode & 0o777 == 0o755


def test_a_file_that_changed_meanwhile_is_left_alone(project):
    workspace = Workspace((str(project),))
    edit = call(project, "propose_edit", path="a.py", old_text="two = 2", new_text="two = 22")
    (project / "a.py").write_text("mine\n")
    with pytest.raises(ToolError, match="has changed since; nothing was written"):
        propose_edit.apply(edit, workspace)
    new = call(project, "propose_edit", path="new.py", old_text="", new_text="x")
    applied = propose_edit.apply(new, workspace)
    (project / "new.py").write_text("mine, too\n")
    with pytest.raises(ToolError, match="has changed since"):
        propose_edit.undo(new, applied)
    assert [(project / name).read_text() for name in ("a.py", "new.py")] == ["mine\n", "mine, too\n"]


def test_a_link_put_there_after_the_proposal_is_not_followed_out(project, tmp_path):
    edit = call(project, "propose_edit", path="src/c.py", old_text="", new_text="new")
    (project / "src" / "c.py").symlink_to(tmp_path / "outside" / "planted.py")
    with pytest.raises(ValueError, match="outside the project"):
        propose_edit.apply(edit, Workspace((str(project),)))
    assert not (tmp_path / "outside" / "planted.py").exists()


def test_a_read_only_file_is_not_edited(project):
    answer = call(
        project, "propose_edit", frozenset({str(project / "a.py")}), path="a.py", old_text="one", new_text="1"
    )
    assert answer == Answer("a.py is read-only in this project.", failed=True)


def test_a_command_shows_its_arguments_so_that_none_passes_for_another(project):
    command = call(project, "run_command", argv=["git", "log", "a b", "x\u202ey"], cwd="src")
    assert isinstance(command, Command)
    assert command.title == "Run git with 3 arguments"
    assert command.detail == (
        f"program:  git\n1:  log\n2:  a b\n3:  x\\u202ey\nfolder:  {project / 'src'}\ntime:  at most 1 min"
    )


def run(project, code, timeout_s=60.0):
    return asyncio.run(process.run(Command((sys.executable, "-c", code), str(project), timeout_s)))


def test_a_command_answers_with_its_output_and_code(project):
    code = "import sys; print(sys.stdin.read(), 'out'); print('err', file=sys.stderr); sys.exit(3)"
    answer = run(project, code)
    assert (answer.failed, sorted(answer.text.split("\n"))) == (True, ["", " out", "(ended with code 3)", "err"])


def test_no_shell_reads_a_command(project):
    command = Command((sys.executable, "-c", "import sys; print(sys.argv[1:])", "$HOME; ls | cat"), str(project), 60.0)
    assert asyncio.run(process.run(command)).text.startswith("['$HOME; ls | cat']")


def test_the_output_of_a_command_is_bounded_and_keeps_both_ends(project):
    answer = run(project, "print('first'); print('x' * 3_000_000); print('last')")
    assert (len(answer.text) < 51_000, answer.text[:6], "bytes left out" in answer.text) == (True, "first\n", True)
    assert answer.text.endswith("last\n\n(ended with code 0)")


def test_a_command_gets_the_variables_that_programs_need_and_no_others(project, monkeypatch):
    current().add("canary-command-key")
    monkeypatch.setenv("HTTPS_PROXY", "http://user:canary-command-key@proxy")
    monkeypatch.setenv("http_proxy", "http://proxy:3128")
    for name in ("GITLAB_TOKEN", "DB_PASS", "AWS_SECRET_ACCESS_KEY", "SOMETHING"):
        monkeypatch.setenv(name, "a word that looks like nothing")
    answer = run(project, "import os; print(sorted(os.environ))")
    names = set(ast.literal_eval(answer.text.splitlines()[0]))
    assert names & {"HTTPS_PROXY", "GITLAB_TOKEN", "DB_PASS", "AWS_SECRET_ACCESS_KEY", "SOMETHING"} == set()
    assert {"PATH", "HOME", "http_proxy"} <= names


def test_a_search_path_with_numbers_is_no_token(project, monkeypatch):
    path = "/home/me/py313/.venv-3.13/bin:/root/.pyenv/versions/3.11.7/bin:/usr/bin:/bin"
    monkeypatch.setenv("PATH", path)
    assert run(project, "import os; print(os.environ['PATH'])").text.splitlines()[0] == path


def test_a_command_out_of_time_ends_with_its_children(project):
    sleeper = (
        "import subprocess, sys;"
        "c = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "print(c.pid, flush=True); c.wait()"
    )
    answer = run(project, sleeper, timeout_s=1.0)
    assert (answer.failed, "out of time" in answer.text) == (True, True)
    assert_gone(int(answer.text.split()[0]))


def test_a_stopped_command_ends_with_its_children(project):
    marker = project / "started"
    sleeper = (
        "import subprocess, sys, pathlib;"
        "c = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        f"pathlib.Path({str(marker)!r} + '.part').write_text(str(c.pid));"
        f"pathlib.Path({str(marker)!r} + '.part').rename({str(marker)!r}); c.wait()"
    )

    async def stop():
        task = asyncio.create_task(process.run(Command((sys.executable, "-c", sleeper), str(project), 60.0)))
        while not marker.exists():
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 5)

    asyncio.run(stop())
    assert_gone(int(marker.read_text()))


def assert_gone(pid):
    """The process has ended, or is a zombie that its new parent has not collected yet."""
    for _ in range(5000):
        try:
            with open(f"/proc/{pid}/stat") as file:
                if file.read().rpartition(")")[2].split()[0] == "Z":
                    return
        except OSError:
            return
    raise AssertionError(f"{pid} still runs")


def test_a_program_that_does_not_exist_is_said(project):
    answer = asyncio.run(process.run(Command(("no-such-program",), str(project), 5.0)))
    assert answer == Answer("no-such-program cannot be run: No such file or directory.", failed=True)
