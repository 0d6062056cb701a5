"""What a model asks for with tools: run inside the project, allowed by a person, written into the discussion."""

import threading
import time
from pathlib import Path

import pytest
from src.chat import Message, ToolCallPart, ToolResultPart
from src.discussion import format as log_format
from src.discussion.events import Added
from src.tools import approvals, propose_edit
from tests.conftest import ECHO, settled, wait_until
from tests.project.test_project import LIBRARIES, scanned

from importguard.warmup import WarmupJob

JOBS = (*ECHO, *LIBRARIES, WarmupJob("src.tools.use", group=4))
EDIT = '[[tool propose_edit {"path": "notes.md", "old_text": "words", "new_text": "other words"}]] please'
RUN = '[[tool run_command {"argv": ["echo", "ran"]}]] please'
KEY_LIKE = "9fK2mQ7xVb3LpR8sTn5WzY1cAe4HdGj6"
OPENAI_LIKE = "sk-Zx8Lq2Rv5Tn9Wy3Bk6Mp1Hd4Fg7Js0Uc"
ALL = ("read_file", "propose_edit", "run_command")


@pytest.fixture
def controller(make_controller, tmp_path):
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "notes.md").write_text("words\n")
    made = make_controller(JOBS)
    assert made.wait_for_warmup(60)
    made.project.create(str(folder)).result(10)
    scanned(made)
    return made


def results(controller):
    return [
        part
        for turn in controller.discussion.snapshot().turns
        for part in turn.message.parts
        if isinstance(part, ToolResultPart)
    ]


def asked(controller):
    """The question, once it is there."""
    return wait_until(controller, controller.approvals.snapshot)[0]


def test_a_file_is_read_and_the_answer_goes_back(controller):
    controller.discussion.set_tools(ALL)
    controller.send('[[tool read_file {"path": "notes.md"}]] look')
    state = settled(controller)
    turns = controller.discussion.snapshot().turns
    assert [turn.message.role for turn in turns] == ["user", "assistant", "user", "assistant"]
    assert isinstance(turns[1].message.parts[-1], ToolCallPart)
    assert (results(controller)[0].text, state.error) == ("words\n", "")
    assert turns[3].message.text == "read_file answered: words"


def test_a_file_that_was_held_back_and_holds_no_secret_is_read_once_the_user_says_so(controller, tmp_path):
    text = f"api_key = '{KEY_LIKE}'\n"
    (tmp_path / "work" / "notes.md").write_text(text)
    controller.discussion.set_tools(ALL)

    def read():
        controller.send('[[tool read_file {"path": "notes.md"}]] look')
        settled(controller)
        return results(controller)[-1].text

    def accepted():
        return [str(one) for part in controller.preview().parts for one in part.accepted]

    assert "notes.md holds what looks like a key in line 1 and is held back whole" in read()
    (hidden,) = controller.hidden.snapshot()
    assert (hidden.tool, str(hidden.finding)) == ("read_file", "what looks like a key in line 1")
    controller.project.accept_text(hidden.finding.digest)
    assert (read(), accepted()) == (text, ["what looks like a key in line 1"])
    controller.project.take_back_texts([hidden.finding.digest])
    assert ("is held back whole" in read(), accepted()) == (True, [])


def test_an_edit_that_brings_a_secret_is_held_back_whole_and_the_user_is_asked(controller, tmp_path):
    controller.discussion.set_tools(ALL)
    controller.send(
        f'[[tool propose_edit {{"path": "notes.md", "old_text": "words", "new_text": "{OPENAI_LIKE}"}}]] go',
        confirmed=True,
    )
    settled(controller)
    assert "new_text holds an API key in line 1 and is held back whole" in results(controller)[-1].text
    assert (controller.approvals.snapshot(), (tmp_path / "work/notes.md").read_text()) == ((), "words\n")
    (hidden,) = controller.hidden.snapshot()
    assert (hidden.tool, hidden.finding.kind) == ("propose_edit", "an API key")


def test_what_a_command_prints_is_redacted_and_says_in_how_many_places(controller):
    controller.discussion.set_tools(ALL)
    controller.send(f'[[tool run_command {{"argv": ["echo", "{OPENAI_LIKE} and {OPENAI_LIKE}"]}}]] go', confirmed=True)
    controller.approvals.approve(asked(controller).id)
    settled(controller)
    text = results(controller)[-1].text
    assert text == "[key hidden] and [key hidden]\n\n(ended with code 0)\n(hidden in 2 places)"
    assert [one.tool for one in controller.hidden.snapshot()] == ["run_command"]


@pytest.mark.parametrize("tool", ["read_file", "propose_edit", "run_command", "list_files", "search_files"])
def test_half_a_surrogate_pair_of_a_models_is_answered(controller, tool):
    arguments = {"read_file": '"path": "\\ud800"', "list_files": '"path": "\\ud800"',
                 "search_files": '"text": "\\ud800"',
                 "propose_edit": '"path": "new.md", "old_text": "", "new_text": "\\ud800"',
                 "run_command": '"argv": ["\\ud800"]'}[tool]  # fmt: skip
    controller.discussion.set_tools((*ALL, "list_files", "search_files"))
    controller.send(f"[[tool {tool} {{{arguments}}}]] go")
    settled(controller)
    (result,) = results(controller)
    assert (result.name, result.text != "", controller.snapshot().error) == (tool, True, "")


def test_tools_are_off_by_default_and_one_that_is_off_is_not_run(controller):
    controller.send(EDIT)
    settled(controller)
    assert "switched off" in results(controller)[0].text
    assert controller.preview().parts[0].origin == "turn"
    controller.discussion.set_tools(("read_file",))
    assert controller.preview().parts[0].origin == "tools"


TWO = '[[tool propose_edit {"path": "notes.md", "old_text": "%s", "new_text": "%s"}]] go'


def test_an_edit_is_taken_hunk_by_hunk_and_the_model_is_told_what_was_refused(controller, tmp_path):
    notes = tmp_path / "work/notes.md"
    old = "\n".join(["first", *"abcdefgh", "last"])
    notes.write_text(old)
    new = old.replace("first", "FIRST").replace("last", "LAST")
    controller.discussion.set_tools(ALL)
    controller.send(TWO % (old.replace("\n", "\\n"), new.replace("\n", "\\n")))
    question = asked(controller)
    assert question.hunks == ("Line 1: 1 out, 1 in", "Line 10: 1 out, 1 in")
    controller.approvals.toggle(question.id, 1)
    assert controller.approvals.snapshot()[0].refused == {1}
    controller.approvals.approve(question.id)
    settled(controller)
    assert notes.read_text() == old.replace("first", "FIRST")
    said = results(controller)[-1].text
    assert ("took 1 of 2 changes" in said, "-last\n+LAST" in said) == (True, True)
    (edit,) = controller.edits.snapshot()
    assert controller.edits.undo(edit.id).result(10)
    assert notes.read_text() == old


def test_an_edit_of_which_every_hunk_is_refused_is_not_made(controller, tmp_path):
    controller.discussion.set_tools(ALL)
    controller.send(EDIT)
    question = asked(controller)
    controller.approvals.toggle(question.id, 0)
    controller.approvals.approve(question.id)
    settled(controller)
    assert (tmp_path / "work/notes.md").read_text() == "words\n"
    assert "did not allow" in results(controller)[-1].text


def test_a_command_that_begins_as_one_that_is_allowed_asks_no_more(controller):
    controller.discussion.set_tools(ALL)
    controller.allow_command(("echo", "one"))
    controller.send('[[tool run_command {"argv": ["echo", "one", "two"]}]] go')
    settled(controller)
    assert (results(controller)[-1].text.startswith("one two"), controller.approvals.snapshot()) == (True, ())
    controller.send('[[tool run_command {"argv": ["echo", "two"]}]] go')
    controller.approvals.deny(asked(controller).id)
    settled(controller)
    controller.revoke_command(("echo", "one"))
    controller.send('[[tool run_command {"argv": ["echo", "one", "two"]}]] go')
    assert asked(controller).argv == ("echo", "one", "two")
    controller.approvals.deny(asked(controller).id)
    settled(controller)


def test_rules_are_kept_on_this_machine_and_not_in_the_project(controller, tmp_path):
    controller.allow_command(("echo",)).result(10)
    assert (tmp_path / "data/allowed_commands.json").exists()
    assert controller.rules() == (("echo",),)
    assert sorted(path.name for path in (tmp_path / "work").iterdir()) == ["notes.md", "sloppy.toml"]


def test_an_allowed_edit_is_made_and_can_be_taken_back(controller, tmp_path):
    notes = tmp_path / "work/notes.md"
    controller.discussion.set_tools(ALL)
    controller.send(EDIT)
    question = asked(controller)
    assert (question.kind, "-words" in question.detail, "+other words" in question.detail) == ("edit", True, True)
    assert (notes.read_text(), question.deadline_s > time.time()) == ("words\n", True)
    assert controller.approvals.approve(question.id)
    settled(controller)
    assert (notes.read_text(), controller.approvals.snapshot()) == ("other words\n", ())
    (edit,) = controller.edits.snapshot()
    assert controller.edits.undo(edit.id).result(10)
    assert (notes.read_text(), controller.edits.snapshot()) == ("words\n", ())


def test_a_file_that_was_changed_since_is_not_taken_back(controller, tmp_path):
    controller.discussion.set_tools(ALL)
    controller.send(EDIT)
    controller.approvals.approve(asked(controller).id)
    settled(controller)
    (tmp_path / "work/notes.md").write_text("mine\n")
    assert not controller.edits.undo(controller.edits.snapshot()[0].id).result(10)
    assert (tmp_path / "work/notes.md").read_text() == "mine\n"
    assert any("cannot be taken back" in one.text for one in controller.toasts.snapshot())


def test_a_denied_command_is_not_run_and_the_model_is_told(controller):
    controller.discussion.set_tools(ALL)
    controller.send(RUN)
    question = asked(controller)
    assert (question.kind, "program:  echo\n1:  ran\n" in question.detail) == ("command", True)
    controller.approvals.deny(question.id)
    settled(controller)
    assert [(part.text, part.failed) for part in results(controller)] == [("The user did not allow it.", True)]
    assert not controller.approvals.approve(question.id)


def test_an_allowed_command_answers_with_its_output(controller):
    controller.discussion.set_tools(ALL)
    controller.send(RUN)
    controller.approvals.approve(asked(controller).id)
    settled(controller)
    assert results(controller)[0].text == "ran\n\n(ended with code 0)"


def test_no_answer_in_time_means_no(controller, monkeypatch):
    controller.approvals._timeout_s = 0.05
    controller.discussion.set_tools(ALL)
    controller.send(EDIT)
    settled(controller)
    assert results(controller)[0].text == "The user did not allow it."


def test_a_reply_that_is_stopped_takes_its_questions_with_it(controller):
    controller.discussion.set_tools(ALL)
    controller.send(EDIT)
    asked(controller)
    controller.stop()
    settled(controller)
    assert (controller.approvals.snapshot(), results(controller)) == ((), [])
    controller.send("go on")
    assert settled(controller).error == ""


def test_a_read_only_file_is_not_edited(controller):
    controller.project.set_read_only("notes.md", True)
    controller.discussion.set_tools(ALL)
    controller.send(EDIT)
    settled(controller)
    assert "read-only" in results(controller)[0].text


def test_a_cap_holds_between_the_requests_that_tools_cause(controller, tmp_path):
    (tmp_path / "work/long.md").write_text("w" * 8000)
    controller.discussion.set_tools(ALL)
    controller.settings.change(token_cap=1500)
    assert controller.send('[[tool read_file {"path": "long.md"}]] look').accepted
    state = settled(controller)
    assert "your cap is 1,500" in state.error
    assert controller.discussion.snapshot().turns[-1].message.role == "user"
    assert controller.answer().kind == "confirm"
    assert controller.answer(confirmed=True).accepted
    assert settled(controller).error == ""
    assert controller.discussion.snapshot().turns[-1].message.role == "assistant"


def test_a_question_is_answered_once():
    class Later:
        def later(self, delay_s, action):
            self.action = action

    later = Later()
    questions = approvals.Approvals(later, lambda: None, 60)
    answer = questions.ask("command", "t", "d")
    threads = [threading.Thread(target=questions.approve, args=(1,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    later.action()
    assert (answer.result(0), questions.deny(1)) == (True, False)


CHANGES = {
    "undo": lambda discussion: discussion.undo(),
    "delete": lambda discussion: discussion.delete(2),
    "edit": lambda discussion: discussion.edit(1, "another question"),
    "fork": lambda discussion: discussion.fork(1),
    "switch": lambda discussion: discussion.switch(1),
    "truncate": lambda discussion: discussion.truncate(1),
    "new": lambda discussion: discussion.new().result(10),
    "open": lambda discussion: discussion.open("before").result(10),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("prompt", [EDIT, RUN], ids=["an edit waits", "a command waits"])
def test_a_change_of_the_tree_ends_the_tool_that_waits(controller, tmp_path, change, prompt):
    make_discussion(controller, "before")
    controller.discussion.set_tools(ALL)
    controller.send(prompt)
    question = asked(controller)
    change(controller.discussion)
    after = controller.discussion.snapshot().turns
    assert (controller.approvals.snapshot(), controller.approvals.approve(question.id)) == ((), False)
    state = settled(controller)
    assert (state.error, state.waiting, controller.discussion.snapshot().turns) == ("", False, after)
    assert (tmp_path / "work/notes.md").read_text() == "words\n"
    assert results(controller) == []
    assert controller.send("something else")
    assert settled(controller).error == ""


def make_discussion(controller, name):
    """A file of a discussion in the folder that is open."""
    folder = Path(wait_until(controller, lambda: controller.discussion._folder))
    folder.mkdir(parents=True, exist_ok=True)
    first = Added(1, 0, 1.0, Message.of("user", "hello"))
    (folder / f"{name}.jsonl").write_bytes(log_format.encode_header(name, 1.0) + log_format.encode(first))


def test_an_edit_that_is_being_made_when_the_reply_is_stopped_can_be_taken_back(controller, tmp_path, monkeypatch):
    begun, go_on = threading.Event(), threading.Event()
    real = propose_edit.apply

    def slow(edit, workspace):
        begun.set()
        assert go_on.wait(20)
        return real(edit, workspace)

    monkeypatch.setattr(propose_edit, "apply", slow)
    controller.discussion.set_tools(ALL)
    controller.send(EDIT)
    controller.approvals.approve(asked(controller).id)
    assert begun.wait(20)
    controller.stop()
    go_on.set()
    (edit,) = wait_until(controller, controller.edits.snapshot)
    assert (tmp_path / "work/notes.md").read_text() == "other words\n"
    assert controller.edits.undo(edit.id).result(10)


def test_a_call_that_goes_wrong_in_an_unknown_way_is_answered(controller, monkeypatch):
    def wrong(*_):
        raise ZeroDivisionError("by design")

    monkeypatch.setattr("src.tools.use.catalog.prepare", wrong)
    controller.discussion.set_tools(ALL)
    controller.send(RUN)
    assert settled(controller).error == ""
    (result,) = results(controller)
    assert (result.text, result.failed) == ("run_command failed: ZeroDivisionError: by design", True)
