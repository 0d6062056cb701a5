"""The bench through the hook API: discussions, projects, context, settings, in the real program without a window."""

import json
from contextlib import closing

import pytest
from src.hooks.client import HookProblemError
from tests.conftest import start_program
from tests.repository import ROOT

KEY = "sk-ant-REHEARSED-0123456789abcdef"
TRAVERSALS = (
    "..",
    "../../../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e%2f",
    "/etc/passwd",
    "..\\..\\x",
    "a\x00b",
)


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    """A program of these tests' own, with the echo provider and a key in its environment."""
    program = start_program(tmp_path_factory.mktemp("home"), "--headless", ANTHROPIC_API_KEY=KEY)
    assert program.wait_for_server(30)
    program.choose_provider("echo")
    yield program
    assert program.end() == 0


@pytest.fixture
def folder(tmp_path):
    """A folder with three files and a secret beside it."""
    (tmp_path / "secret.txt").write_text("outside")
    project = tmp_path / "project"
    project.mkdir()
    for name in ("a.py", "b.py", "notes.md"):
        (project / name).write_text(f"# {name}\n" * 20)
    return project


def test_a_message_is_answered_and_both_are_turns(bench):
    bench.new_discussion()
    answer = bench.ask("ping pong")
    turns = bench.discussion().turns
    assert [(turn.role, turn.text) for turn in turns] == [("user", "ping pong"), ("assistant", "ping pong")]
    assert (turns[1], answer.end, answer.provider) == (answer, "done", "echo")


def test_events_tell_the_reply_as_it_grows(bench):
    bench.new_discussion()
    text, told = " ".join(f"word{number}" for number in range(60)), ""
    with closing(bench.events()) as events:
        first = next(events)
        bench.send(text)
        for event in events:
            if event.kind == "reply":
                told = told[: event.value.start] + event.value.text
            if event.kind == "turn" and event.value.role == "assistant":
                break
    assert (first.kind, first.value.turns, first.value.streaming) == ("state", 0, False)
    assert len(told.split()) > 10
    assert text.startswith(told)
    assert event.value.text == text


def test_a_stopped_reply_keeps_what_came(bench):
    bench.new_discussion()
    text = " ".join(f"word{number}" for number in range(2000))
    with closing(bench.events()) as events:
        bench.send(text)
        next(event for event in events if event.kind == "reply")
        bench.stop()
        turn = next(event.value for event in events if event.kind == "turn" and event.value.role == "assistant")
    assert turn.end == "stopped"
    assert turn.text
    assert text.startswith(turn.text)
    assert turn.text != text


def test_a_network_that_goes_away_leaves_what_came_and_the_next_is_answered(bench):
    bench.new_discussion()
    answer = bench.ask("[[fail network later]] one two three four")
    assert (answer.end, bench.state().error) == ("failed", answer.reason)
    assert answer.text
    assert "one two three four".startswith(answer.text)
    assert bench.ask("and now?").text == "and now?"
    assert bench.state().error == ""


def test_a_fork_begins_a_branch(bench):
    bench.new_discussion()
    bench.ask("one")
    first = bench.discussion().turns[0]
    assert bench.fork(first.parent).turns == ()
    bench.ask("two")
    turns = bench.discussion().turns
    assert [turn.text for turn in turns] == ["two", "two"]
    assert turns[0].siblings == (first.id, turns[0].id)
    with pytest.raises(HookProblemError, match="409"):
        bench.fork(4711)


def test_a_discussion_is_exported(bench):
    bench.new_discussion()
    bench.ask("to be kept")
    assert "to be kept" in bench.export()
    assert json.loads(bench.export("json"))


def test_discussions_are_listed_and_opened(bench):
    name = bench.new_discussion().name
    bench.ask("the first")
    other = bench.new_discussion().name
    bench.ask("the second")
    listed = bench.discussions()
    assert listed.open == other
    assert {one.name: one.title for one in listed.discussions if one.name in (name, other)} == {
        name: "the first",
        other: "the second",
    }
    assert [turn.text for turn in bench.open_discussion(name).turns] == ["the first", "the first"]


def test_events_tell_the_turns_of_a_discussion_that_is_opened(bench):
    first = bench.new_discussion().name
    bench.ask("alike")
    bench.new_discussion()
    bench.ask("alike")
    with closing(bench.events()) as events:
        next(events)
        bench.open_discussion(first)
        told = [next(events) for _ in range(3)]
    assert [(kind, getattr(value, "text", "")) for kind, value in told] == [
        ("turn", "alike"),
        ("turn", "alike"),
        ("state", ""),
    ]
    assert told[2].value.discussion == first


def test_what_is_empty_or_unknown_is_refused(bench):
    for ask in (
        lambda: bench.send("   "),
        lambda: bench.choose_provider("nobody"),
        lambda: bench.open_project("/nowhere"),
        lambda: bench.create_project("."),
    ):
        with pytest.raises(HookProblemError, match="409 Conflict"):
            ask()


def test_files_of_a_project_are_listed_and_chosen(bench, folder):
    made = bench.create_project(str(folder))
    try:
        assert [file.path for file in bench.context(20).files] == ["a.py", "b.py", "notes.md", "sloppy.toml"]
        assert bench.change_file("pin", "a.py").pinned
        assert not bench.change_file("unpin", "a.py").pinned
        assert bench.change_file("include", "b.py").included
        counted = bench.tokens()
        assert "b.py" in [part.label for part in counted.parts if part.origin == "file"]
        assert not bench.change_file("exclude", "b.py").included
        assert "b.py" not in [part.label for part in bench.tokens().parts]
        assert (bench.projects().open.path, bench.projects().recent[0]) == (made.path, made.path)
    finally:
        assert bench.close_project().open is None


def test_the_files_that_went_out_with_a_turn_are_told(bench, folder):
    bench.create_project(str(folder))
    try:
        assert bench.context(20).files
        bench.change_file("include", "a.py")
        bench.ask("with a file")
        turn = bench.discussion().turns[0].id
        (file,) = bench.sent_files(turn)
        assert (file.path, file.size, len(file.digest), file.change) == ("a.py", 140, 64, "")
        with pytest.raises(HookProblemError, match="404"):
            bench.sent_files(4711)
    finally:
        bench.close_project()


def test_a_text_is_said_to_be_no_secret_by_its_digest(bench, folder):
    (folder / "conf.ini").write_text("session_token = 9fK2mQ7xVb3LpR8sTn5WzY1cAe4HdGj6\n")
    bench.create_project(str(folder))
    try:
        assert bench.context(20).files
        with pytest.raises(HookProblemError, match="cannot be sent: secret"):
            bench.change_file("include", "conf.ini")
        suspect = next(file.suspect for file in bench.context().files if file.path == "conf.ini")
        with pytest.raises(HookProblemError, match="409 Conflict"):
            bench.accept("conf.ini", "0" * 64)
        assert bench.accept("conf.ini", suspect).accepted == (suspect,)
        assert bench.change_file("include", "conf.ini").included
        assert [part.accepted for part in bench.tokens().parts if part.label == "conf.ini"] == [(suspect,)]
        taken = bench.change_file("take_back", "conf.ini")
        assert (taken.accepted, taken.included, taken.suspect) == ((), False, suspect)
        assert [file.path for file in bench.tokens().held] == ["conf.ini"]
    finally:
        bench.close_project()


def test_a_file_that_is_not_the_projects_cannot_be_chosen(bench, folder):
    bench.create_project(str(folder))
    try:
        assert not bench.context(20).scanning
        for path in (*TRAVERSALS, "../secret.txt", str(folder.parent / "secret.txt")):
            for what in ("pin", "include"):
                answer = bench.request(f"/api/context/{what}", {"path": path})
                assert answer.status in (404, 422)
                assert b"outside" not in answer.body
    finally:
        bench.close_project()


def path_parameters():
    document = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "path":
                    yield method.upper(), path, parameter["name"]


@pytest.mark.parametrize("value", [*TRAVERSALS, ".", "%00", "%0d%0aX: y", "a" * 5000, "\u202e", "nul", "~"])
@pytest.mark.parametrize(("method", "path", "name"), list(path_parameters()))
def test_no_path_parameter_leads_anywhere(bench, method, path, name, value):
    from urllib.parse import quote

    for spelt in {quote(value, safe="%"), quote(value, safe="%/"), quote(quote(value, safe=""), safe="%")}:
        answer = bench.request(path.replace(f"{{{name}}}", spelt), method=method)
        assert answer.status in (404, 405, 409, 422)
        assert b"root:" not in answer.body


def test_a_problem_holds_no_key(bench):
    answer = bench.request("/api/provider", {"name": KEY})
    assert (answer.status, KEY.encode() in answer.body, b"key hidden" in answer.body) == (409, False, True)


def test_settings_and_answers_hold_no_key(bench):
    bench.new_discussion()
    with pytest.raises(HookProblemError, match=r"holds .* in line 1 .* goes to the provider as it is"):
        bench.ask(f"my key is {KEY} indeed")
    bench.ask(f"my key is {KEY} indeed", confirmed=True)
    bench.new_discussion()
    said = [bench.request(path).body for path in ("/api/settings", "/api/discussions", "/api/state")]
    bench.open_discussion(next(one.name for one in bench.discussions().discussions if "my key" in one.title))
    said += [bench.request(f"/api/discussions/current{path}").body for path in ("", "/export", "/export?style=json")]
    assert [body for body in said if KEY.encode() in body] == []
    assert b"key hidden" in said[3]


def test_a_second_sloppy_on_the_same_project_reads_only_until_the_first_has_ended(folder, tmp_path):
    first, second = (start_program(tmp_path, "--headless") for _ in range(2))
    try:
        assert not first.create_project(str(folder)).read_only
        opened = second.open_project(str(folder))
        assert opened.read_only
        assert f"open in another Sloppy (process {first.process.pid}) and read-only here" in opened.notice
        assert opened.notice in [toast.text for toast in second.toasts()]
        assert second.context(20).files
        with pytest.raises(HookProblemError, match="read-only here"):
            second.change_file("pin", "a.py")
        first.process.kill()  # its lock goes with it
        first.process.wait()
        second.close_project()
        assert not second.open_project(str(folder)).read_only
        assert second.context(20).files
        assert second.change_file("pin", "a.py").pinned
    finally:
        first.process.kill()
        first.process.wait()
        second.end()
