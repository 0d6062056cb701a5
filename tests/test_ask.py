"""`sloppy.py --ask`: the answer on standard output, the rest on standard error, and what the exit code says."""

import io
import os
import signal
import subprocess
import sys

import pytest
from src.ask import Prompt, ask, manifest_for, spent
from src.asked import Setting
from tests.conftest import ECHO, clean_environment
from tests.project.test_project import LIBRARIES
from tests.repository import ROOT

from importguard.warmup import WarmupJob


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
    assert (code, out, "Pass --over-cap" in told) == (3, "", True)
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
    out, told = process.communicate(timeout=240)
    assert (process.returncode, set(out.split()) <= {"two"}, "echo-1" in told) == (130, True, True)


def test_flags_of_a_question_want_a_question(tmp_path):
    process = start(tmp_path, "--provider", "echo", stdin=subprocess.DEVNULL)
    _, told = process.communicate(timeout=240)
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
    _, told = process.communicate(timeout=240)
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


def asked(controller, *prompts):
    """What each of *prompts* printed, one after the other in a program of its own each time."""
    said = []
    for prompt in prompts:
        out, told = io.StringIO(), io.StringIO()
        said.append((ask(controller, prompt, None, out, told), out.getvalue(), told.getvalue()))
    return said


def test_a_discussion_is_gone_on_with(make_controller):
    first = make_controller()
    assert asked(first, Prompt("one two"))[0][0] == 0
    name = first.discussion.snapshot().name
    assert first.close(10)
    again = make_controller()
    assert asked(again, Prompt("three", setting=Setting(discussion="last")))[0][:2] == (0, "three\n")
    turns = again.discussion.snapshot().turns
    assert (again.discussion.snapshot().name, [turn.message.text for turn in turns]) == (
        name,
        ["one two", "one two", "three", "three"],
    )
    assert again.close(10)
    third = make_controller()
    assert asked(third, Prompt("four", setting=Setting(discussion="one two")))[0][0] == 0
    assert third.discussion.snapshot().name == name


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        (Setting(discussion="nowhere"), "no discussion 'nowhere'"),
        (Setting(discussion="last"), "no discussion yet"),
        (Setting(preset="careful"), "name the project with --project"),
        (Setting(template="none"), "no template 'none'"),
        (Setting(given=(("a", "b"),)), "name one with --template"),
        (Setting(schema="/no/such/schema.json"), "No such file"),
    ],
)
def test_what_a_question_names_and_is_not_there_is_said(run, setting, said):
    code, out, told = run(Prompt("x", setting=setting))
    assert (code, out, said in told) == (2, "", True)


@pytest.mark.parametrize(
    ("text", "given", "said", "asked_for"),
    [
        ("Translate to $language: $input", (("language", "Greek"),), "hello", "Translate to Greek: hello"),
        ("Be brief.", (), "hello", "Be brief.\n\nhello"),
        ("$$5 for $input", (), "tea", "$5 for tea"),
    ],
)
def test_a_template_is_filled_in(run, tmp_path, text, given, said, asked_for):
    folder = tmp_path / "config/templates"
    folder.mkdir(parents=True)
    (folder / "mine.txt").write_text(text)
    code, out, _ = run(Prompt(said, setting=Setting(template="mine", given=given)))
    assert (code, out) == (0, f"{asked_for}\n")


@pytest.mark.parametrize(
    ("text", "given", "said"),
    [
        ("$a", (), "wants a"),
        ("$a", (("a", "1"), ("b", "2")), "has no b"),
        ("100 $ ", (), "begins no name"),
    ],
)
def test_a_template_that_cannot_be_filled_in_says_why(run, tmp_path, text, given, said):
    folder = tmp_path / "config/templates"
    folder.mkdir(parents=True)
    (folder / "mine.txt").write_text(text)
    code, _, told = run(Prompt("x", setting=Setting(template="mine", given=given)))
    assert (code, said in told) == (2, True)


def test_a_template_is_never_a_path(run, tmp_path):
    (tmp_path / "config").mkdir(exist_ok=True)
    (tmp_path / "config/secret.txt").write_text("hidden")
    code, _, told = run(Prompt("x", setting=Setting(template="../secret")))
    assert (code, "no template" in told, "hidden" in told) == (2, True, False)


def test_a_presets_words_go_first_and_the_project_keeps_its_own(make_controller, tmp_path):
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "sloppy.toml").write_text('schema = 1\nname = "w"\n[presets]\ncareful = "Be careful."\n')
    controller = make_controller((*ECHO, *LIBRARIES))
    assert controller.wait_for_warmup(60)
    setting = Setting(project=str(folder), preset="careful")
    ((code, out, _),) = asked(controller, Prompt("hello", setting=setting))
    assert (code, out, controller.next_request().system) == (0, "hello\n", "Be careful.")
    assert "preset" not in (folder / "sloppy.toml").read_text().partition("[presets]")[0]
    ((code, _, told),) = asked(controller, Prompt("x", setting=Setting(project=str(folder), preset="bold")))
    assert (code, "it has careful" in told) == (2, True)


def test_what_was_spent_is_printed_as_a_table_and_as_csv(make_controller):
    controller = make_controller()
    asked(controller, Prompt("hello there"))
    table, rows = io.StringIO(), io.StringIO()
    told = io.StringIO()
    assert [spent(controller, "table", table, told), spent(controller, "csv", rows, told)] == [0, 0]
    assert "echo      echo-1" in table.getvalue()
    assert rows.getvalue().splitlines()[1].split(",")[3:6] == ["echo", "echo-1", "reply"]
    assert told.getvalue() == ""


def test_a_ledger_that_cannot_be_read_is_no_ledger_without_requests(make_controller, tmp_path):
    (tmp_path / "data/ledger.jsonl").mkdir(parents=True)
    controller = make_controller()
    out, told = io.StringIO(), io.StringIO()
    assert spent(controller, "table", out, told) == 2
    assert (out.getvalue(), f"{tmp_path}/data/ledger.jsonl cannot be read" in told.getvalue()) == ("", True)


def test_lines_of_the_ledger_that_are_none_are_counted_on_standard_error(make_controller, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/ledger.jsonl").write_text('{"e":"order","id":"x","highest":-5}\nnot a line\n')
    out, told = io.StringIO(), io.StringIO()
    assert spent(make_controller(), "table", out, told) == 0
    assert told.getvalue().startswith("sloppy: 2 lines of the ledger ")


@pytest.mark.parametrize(
    "text", ['{"day_cap_usd": -1}', '{"token_cap": 0}', '{"day_cap_usd": "5"}', "{", "[" * 100_000]
)
def test_a_cap_that_cannot_be_read_is_not_taken_for_none(make_controller, tmp_path, text):
    (tmp_path / "config").mkdir(exist_ok=True)
    (tmp_path / "config/settings.json").write_text(text)
    ((code, out, told),) = asked(make_controller(), Prompt("hello"))
    assert (code, out, "settings" in told, "Pass --over-cap" in told) == (2, "", True, True)


def test_another_setting_that_cannot_be_read_is_said_and_holds_nothing_back(make_controller, tmp_path):
    (tmp_path / "config").mkdir(exist_ok=True)
    (tmp_path / "config/settings.json").write_text('{"theme": "mauve"}')
    ((code, out, told),) = asked(make_controller(), Prompt("hello"))
    assert (code, out, "The setting theme is 'mauve'" in told) == (0, "hello\n", True)


SCHEMAS = (*ECHO, WarmupJob("src.structured.validation", group=3))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"type": "object", "properties": 5}', "wrong at $.properties: 5 is not of type 'object'"),
        ('{"type": "object", "title": "' + "x" * 200_000 + '"}', "at most 100,000 characters"),
        ('{"a":' * 9000 + "1" + "}" * 9000, "is no JSON"),
        ("[]", '"type": "object"'),
    ],
)
def test_a_schema_that_is_none_is_refused_before_anything_is_asked(make_controller, tmp_path, text, said):
    (tmp_path / "answer.json").write_text(text)
    controller = make_controller(SCHEMAS)
    setting = Setting(schema=str(tmp_path / "answer.json"))
    ((code, out, told),) = asked(controller, Prompt("hello", setting=setting))
    assert (code, out, said in told, "answer.json cannot be used" in told) == (2, "", True, True)
    assert controller.ledger.entries() == ()


def test_an_answer_that_is_not_as_the_schema_wants_it_is_named_among_several_models(make_controller, tmp_path):
    (tmp_path / "answer.json").write_text('{"type": "object", "properties": {"n": {"type": "integer"}}}')
    question = Prompt(
        '{"n": 1}', models=("echo/echo-1", "echo/echo-think"), setting=Setting(schema=str(tmp_path / "answer.json"))
    )
    ((code, _, told),) = asked(make_controller(SCHEMAS), question)
    assert (code, told) == (0, "")
    wrong = question._replace(text='{"n": "one"}')
    ((code, _, told),) = asked(make_controller(SCHEMAS), wrong)
    assert (code, "sloppy: echo/echo-1: $.n: 'one' is not of type 'integer'" in told) == (1, True)


def test_a_model_that_fails_among_several_says_why_and_the_others_are_printed(make_controller):
    question = Prompt("[[retry 0]] hello", models=("echo/echo-1", "echo/echo-fail-auth"))
    ((code, out, told),) = asked(make_controller(), question)
    assert (code, "== echo/echo-1 ==\nhello" in out, "sloppy: echo/echo-fail-auth: " in told) == (1, True, True)
