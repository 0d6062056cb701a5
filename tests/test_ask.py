"""`sloppy.py --ask`: the answer on standard output, the rest on standard error, and what the exit code says."""

import io
import os
import signal
import subprocess
import sys

import pytest
from src.ask import Prompt, ask, manifest_for
from tests.conftest import clean_environment
from tests.repository import ROOT


@pytest.fixture
def run(make_controller):
    """`run(question, given)`: exit code, standard output, standard error."""

    def make(question, given=None, **settings):
        controller = make_controller()
        assert controller.wait_until_set_up(20)
        controller.settings.change(**settings)
        out, told = io.StringIO(), io.StringIO()
        code = ask(controller, question, io.StringIO(given) if given is not None else None, out, told)
        return code, out.getvalue(), told.getvalue()

    return make


def test_the_answer_and_the_cost_go_their_own_ways(run):
    assert run(Prompt("hello there")) == (0, "hello there\n", "echo echo-1 · 2 in, 2 out · $0.0000\n")


def test_files_and_standard_input_go_along(run, tmp_path):
    (tmp_path / "a.txt").write_text("from a file")
    code, out, _ = run(Prompt("and me", files=(str(tmp_path / "a.txt"),)), "from a pipe")
    assert code == 0
    assert [out.index(text) for text in ("from a file", "from a pipe", "and me")] == sorted(
        out.index(text) for text in ("from a file", "from a pipe", "and me")
    )


@pytest.mark.parametrize(
    ("question", "code", "said"),
    [
        (Prompt("x", provider="nobody"), 2, "no provider 'nobody'"),
        (Prompt("x", files=("/no/such/file",)), 2, "/no/such/file cannot go along: No such file"),
        (Prompt("   "), 2, "nothing to send"),
        (Prompt("[[fail auth]] x"), 1, "sloppy: "),
        (Prompt("[[truncate]] one two"), 1, "may be cut"),
    ],
)
def test_what_goes_wrong_is_said_with_its_own_code(run, question, code, said):
    found, _, told = run(question)
    assert (found, said in told) == (code, True)


def test_a_cap_asks_first(run):
    long = "word " * 100
    code, out, told = run(Prompt(long), token_cap=10)
    assert (code, out, "Pass --over-cap" in told) == (2, "", True)
    assert run(Prompt("word word " * 3, over_cap=True), token_cap=10)[0] == 0


def test_a_retry_is_told_once(run):
    code, _, told = run(Prompt("[[retry 1]] x"))
    assert (code, told.count("Trying again in 1 s")) == (0, 1)


def test_a_terminal_is_given_nothing_that_it_would_obey(make_controller):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    controller = make_controller()
    out = Terminal()
    ask(controller, Prompt("\x1b]0;owned\x07 plain"), None, out, io.StringIO())
    assert out.getvalue() == "\ufffd]0;owned\ufffd plain\n"


def test_only_what_is_needed_is_warmed():
    modules = {job.module for job in manifest_for("echo").jobs}
    assert modules >= {"src.turn.loop", "platformdirs", "src.providers.echo"}
    assert modules.isdisjoint({"fastapi", "anthropic", "openai", "src.hooks.server"})
    assert {"anthropic", "openai", "google.genai"} <= {job.module for job in manifest_for("").jobs}
    assert "openai" in {job.module for job in manifest_for("ollama").jobs}


def start(tmp_path, *flags, **options):
    return subprocess.Popen(
        [sys.executable, "sloppy.py", *flags],
        cwd=ROOT,
        env=clean_environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def test_ctrl_c_stops_the_answer_and_keeps_what_came(tmp_path):
    process = start(tmp_path, "--ask", "[[slow 0.2]] one " + "two " * 500, stdin=subprocess.DEVNULL)
    assert process.stdout.read(3) == "one"
    process.send_signal(signal.SIGINT)
    out, told = process.communicate(timeout=20)
    assert (process.returncode, set(out.split()) <= {"two"}, "echo-1" in told) == (130, True, True)


def test_flags_of_a_question_want_a_question(tmp_path):
    process = start(tmp_path, "--provider", "echo", stdin=subprocess.DEVNULL)
    _, told = process.communicate(timeout=20)
    assert (process.returncode, "belong to --ask" in told) == (2, True)


def test_a_reader_that_leaves_ends_it(tmp_path):
    process = start(tmp_path, "--ask", "[[slow 0.01]] one " + "two " * 5000, stdin=subprocess.DEVNULL)
    assert process.stdout.read(3) == "one"
    process.stdout.close()
    assert process.wait(20) == 1
    process.stderr.close()


ESCAPE = "\x1b]0;PWN\x07\x1b[2J\x1b]52;c;ZXZpbA==\x07"


@pytest.mark.parametrize(
    "question",
    [
        Prompt("x", provider=f"nobody{ESCAPE}"),
        Prompt("x", files=(f"/no/such/{ESCAPE}",)),
        Prompt("x", provider="echo", model=f"echo-1{ESCAPE}"),
        Prompt(f"[[fail {ESCAPE}]] x"),
    ],
    ids=["provider", "file", "model", "failure"],
)
def test_what_a_terminal_would_obey_is_said_by_nobody_on_standard_error(run, question):
    _, _, told = run(question)
    assert [letter for letter in told if not letter.isprintable() and letter not in "\n\t"] == []
    assert told != ""


def test_half_a_surrogate_pair_reaches_a_pipe_as_a_mark(run):
    code, out, _ = run(Prompt("a \ud800 b"))
    assert (code, out) == (0, "a \ud800 b\n".encode(errors="replace").decode())


@pytest.mark.parametrize("flag", [f"--x{ESCAPE}", f"--hook-port={ESCAPE}"])
def test_a_wrong_command_line_is_repeated_without_what_a_terminal_obeys(tmp_path, flag):
    process = start(tmp_path, flag, stdin=subprocess.DEVNULL)
    _, told = process.communicate(timeout=20)
    assert (process.returncode, "\x1b" in told, "\x07" in told) == (2, False, False)


@pytest.mark.parametrize("name", ["pipe.txt", "pipe.png"])
def test_a_pipe_given_as_a_file_is_refused_at_once(run, tmp_path, name):
    os.mkfifo(tmp_path / name)
    code, _, told = run(Prompt("x", files=(str(tmp_path / name),)))
    assert (code, "cannot go along: not a regular file" in told) == (2, True)


KEY = "sk-Zx8Lq2Rv5Tn9Wy3Bk6Mp1Hd4Fg7Js0Uc"


def test_a_secret_in_what_is_asked_is_not_sent_because_nobody_can_be_asked(run, tmp_path):
    (tmp_path / "conf.txt").write_text("DATABASE_URL=postgres://bob:hunter2pass@db/x\n")
    for question, given in (
        (Prompt(f"what is {KEY}", over_cap=True), None),
        (Prompt("what is this"), f"key {KEY}"),
        (Prompt("what is this", files=(str(tmp_path / "conf.txt"),)), None),
    ):
        code, out, told = run(question, given)
        assert (code, out, "in line 1" in told, KEY in told) == (2, "", True, False)
