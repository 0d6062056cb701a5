"""The open discussion, live: sent, stopped, left, opened again, shared with another instance, killed."""

import json
import os
from pathlib import Path

import pytest
from src.chat import Failed, Message, Stopped
from src.discussion import format as log_format
from src.discussion import reading
from src.discussion.events import Added, ToolsChosen
from src.discussion.reading import UnreadableDiscussionError
from src.discussion.text import typed_text
from src.discussion.tree import DiscussionError
from src.models.prices import Money
from tests.conftest import settled, wait_until, written


@pytest.fixture
def controller(make_controller):
    made = make_controller()
    assert made.wait_for_warmup(60)
    wait_until(made, lambda: made.discussion._folder)
    return made


def say(controller, *texts):
    for text in texts:
        assert controller.send(text).accepted
        settled(controller)


def texts(controller):
    return [turn.message.text for turn in controller.discussion.snapshot().turns]


def reopened(controller, make_controller):
    """Another controller on the same folders, with the discussion open that *controller* had."""
    name = controller.discussion.snapshot().name
    controller.discussion.new().result(10)
    other = make_controller()
    wait_until(other, lambda: other.discussion._folder)
    other.discussion.open(name).result(10)
    return other


def test_a_discussion_is_the_same_when_it_is_opened_again(controller, make_controller):
    say(controller, "one", "two")
    controller.discussion.edit(1, "eins")
    controller.discussion.fork(2)
    say(controller, "three")
    controller.discussion.undo()
    before = controller.discussion.snapshot()
    after = reopened(controller, make_controller).discussion.snapshot()
    assert (after.turns, after.cost, after.can_redo, after.name) == (before.turns, before.cost, True, before.name)


def test_a_reply_is_regenerated_beside_the_first(controller):
    say(controller, "one")
    first = controller.discussion.snapshot().turns[1]
    assert controller.regenerate(first.id).accepted
    settled(controller)
    second = controller.discussion.snapshot().turns[1]
    assert (second.siblings, second.message.text) == ((first.id, second.id), "one")
    controller.discussion.switch(first.id)
    assert controller.discussion.snapshot().turns[1].id == first.id
    assert controller.regenerate(99).kind == "refused"


def test_after_an_edit_the_answer_is_asked_for_again(controller):
    say(controller, "one")
    controller.discussion.truncate(1)
    controller.discussion.edit(1, "eins")
    assert controller.answer().accepted
    settled(controller)
    assert texts(controller) == ["eins", "eins"]
    assert controller.answer().kind == "refused"


def test_a_stopped_reply_says_so_and_keeps_what_came(controller):
    controller.send("[[slow 0.01]] " + "word " * 5000)
    wait_until(controller, lambda: (reply := controller.snapshot().reply) and reply.text)
    with pytest.raises(DiscussionError, match="stop it first"):
        controller.discussion.undo()
    controller.stop()
    turn = controller.discussion.snapshot().turns[-1]
    assert (turn.end, turn.message.text[:4], turn.cost) == (Stopped(), "word", Money(0))
    assert str(controller.snapshot().spent) == "$0.0000"


def test_a_reply_is_stopped_before_its_first_word(controller):
    controller.send("[[hang first]] never")
    wait_until(controller, lambda: controller.snapshot().reply is not None)
    controller.stop()
    state = controller.snapshot()
    assert (state.reply, state.waiting, state.error, len(texts(controller))) == (None, False, "", 1)


@pytest.mark.parametrize(
    ("prompt", "error", "kept"),
    [
        ("[[fail auth]] x", "", 1),
        ("[[fail overloaded later]] one two", "", 2),
        ("[[truncate]] one two", "The stream ended without the provider's end: the answer may be cut.", 2),
    ],
)
def test_each_bad_end_is_told_and_keeps_what_came(controller, prompt, error, kept):
    say(controller, prompt)
    told = controller.snapshot().error
    assert (bool(told), error in told, len(texts(controller))) == (True, True, kept)
    say(controller, "again")
    assert controller.snapshot().error == ""


def test_search_and_exports_cover_the_discussion(controller):
    say(controller, "a needle here", "nothing")
    controller.discussion.fork(2)
    hits = controller.discussion.search("NEEDLE")
    assert [(hit.turn_id, hit.on_branch) for hit in hits] == [(1, True), (2, True)]
    assert [hit.on_branch for hit in controller.discussion.search("nothing")] == [False, False]
    assert "a needle here" in controller.discussion.export("markdown")
    assert '"head": 2' in controller.discussion.export("json")


def test_keys_are_taken_out_of_exports(controller):
    assert controller.send("my key is sk-abcdefghijklmnopqrstuvwxyz123456", confirmed=True).accepted
    settled(controller)
    for style, places in (("markdown", 3), ("json", 2)):  # the title repeats the question
        text = controller.discussion.export(style)
        assert ("abcdefghij" not in text, text.count("[key hidden]")) == (True, places)
    assert json.loads(controller.discussion.export("json"))["hidden"] == 2
    assert controller.discussion.export("markdown").endswith("*(hidden in 3 places)*\n")


def test_a_discussion_that_another_instance_has_is_read_only_here(controller, make_controller):
    say(controller, "mine")
    other = make_controller()
    wait_until(other, lambda: other.discussion._folder)
    other.discussion.open(controller.discussion.snapshot().name).result(10)
    state = other.discussion.snapshot()
    assert (state.read_only, texts(other), f"process {os.getpid()}" in state.notice) == (True, ["mine", "mine"], True)
    assert other.send("yours").kind == "refused"
    with pytest.raises(DiscussionError, match="read-only"):
        other.discussion.delete(1)
    other.discussion.new()
    assert other.send("yours").accepted
    settled(other)


@pytest.mark.parametrize("name", ["../settings", "/etc/passwd", "nothing", "", "."])
def test_a_name_that_is_no_discussion_is_refused(controller, name):
    with pytest.raises(UnreadableDiscussionError, match="no discussion"):
        controller.discussion.open(name).result(10)


@pytest.mark.parametrize(("provider", "cost"), [("echo", Money(0)), ("anthropic", None)])
def test_a_reply_that_was_cut_by_a_kill_is_ended_when_it_is_opened(
    controller, tmp_path, make_controller, provider, cost
):
    say(controller, "whole")
    written(controller)  # it would write over what comes now
    path = tmp_path / "data/sessions" / f"{controller.discussion.snapshot().name}.jsonl"
    with open(path, "ab") as file:
        file.write(log_format.encode(Added(3, 2, 1.0, Message.of("user", "more"))))
        file.write(
            b'{"e":"begin","id":4,"parent":3,"at":1,"provider":"%s","model":"m"}\n{"+":"half an answ"}\n{"+":"to'
            % provider.encode()
        )
    other = reopened(controller, make_controller)
    turn = other.discussion.snapshot().turns[-1]
    assert (turn.message.text, type(turn.end), turn.cost) == ("half an answ", Failed, cost)  # unknown is not free
    written(other)
    assert reading.load(str(path)).discussion.reply is None


def test_a_full_disk_is_told_and_nothing_is_lost(controller, tmp_path, monkeypatch):
    real = os.write

    def full(descriptor, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    say(controller, "kept")
    wait_until(controller, lambda: any("No space left" in toast.text for toast in controller.toasts.snapshot()))
    assert texts(controller) == ["kept", "kept"]
    monkeypatch.setattr(os, "write", real)
    assert controller.discussion.close()
    (path,) = (tmp_path / "data/sessions").glob("*.jsonl")
    assert len(reading.load(str(path)).discussion) == 2


def test_discussions_are_listed_by_their_first_message(controller):
    say(controller, "first things first")
    controller.discussion.new()
    say(controller, "x" * 20_000)
    controller.discussion.refresh().result(10)
    assert [info.title for info in controller.discussion.list()] == ["x" * 57 + "...", "first things first"]
    controller.open_last_discussion()
    wait_until(controller, lambda: texts(controller) == ["first things first"] * 2)


def test_the_discussion_before_is_the_one_that_was_open_before(controller):
    for text in ("first", "second", "third"):
        controller.discussion.new().result(10)
        say(controller, text)
    wait_until(controller, lambda: {one.title for one in controller.discussion.list()} == {"first", "second", "third"})
    controller.open_last_discussion()
    wait_until(controller, lambda: texts(controller) == ["second"] * 2)
    controller.open_last_discussion()
    wait_until(controller, lambda: texts(controller) == ["third"] * 2)
    first = next(one.name for one in controller.discussion.list() if one.title == "first")
    controller.discussion.open(first).result(10)
    controller.open_last_discussion()
    wait_until(controller, lambda: texts(controller) == ["third"] * 2)
    controller.open_last_discussion()  # "second" was written to last, and "first" was open before
    wait_until(controller, lambda: texts(controller) == ["first"] * 2)


def test_editing_a_turn_leaves_the_file_that_went_along_as_it_is(controller, tmp_path):
    (tmp_path / "notes.txt").write_text("ATTACHED\n")
    controller.composer.attach(str(tmp_path / "notes.txt"))
    wait_until(controller, lambda: controller.composer.snapshot().attachments[0].part)
    say(controller, "what is this?")
    before = controller.discussion.snapshot()
    assert (typed_text(before.turns[0].message), before.title) == ("what is this?", "what is this?")
    controller.discussion.edit(1, "and this?")
    parts = controller.discussion.snapshot().turns[0].message.parts
    assert (parts[0], parts[1].text) == (before.turns[0].message.parts[0], "and this?")
    controller.discussion.edit(1, parts[0].text + "as an older Sloppy wrote it")
    assert len(controller.discussion.snapshot().turns[0].message.parts) == 1


def strangers_log(folder, *events):
    """A log as a stranger's repository may hold it."""
    path = folder / "evil.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(log_format.encode_header("evil", 1.0) + b"".join(map(log_format.encode, events)))
    return path


def test_tools_that_a_log_names_are_off_until_the_user_switches_them_on_here_and_stay_on(make_controller, tmp_path):
    controller = make_controller()
    folder = wait_until(controller, lambda: controller.discussion._folder)
    strangers_log(Path(folder), ToolsChosen(("read_file", "run_command")))
    controller.discussion.open("evil").result(10)
    assert controller.discussion.snapshot().tools == ()
    said = " ".join(toast.text for toast in controller.toasts.snapshot())
    assert "off here until you switch them on: read_file, run_command" in said
    controller.discussion.set_tools(("read_file",))
    assert controller.discussion.snapshot().tools == ("read_file",)
    controller.close()
    again = make_controller()
    wait_until(again, lambda: again.discussion._folder)
    again.discussion.open("evil").result(10)
    assert again.discussion.snapshot().tools == ("read_file",)
    again.discussion.new().result(10)
    strangers_log(Path(folder), Added(1, 0, 2.0, Message.of("user", "another")), ToolsChosen(("run_command",)))
    again.discussion.open("evil").result(10)
    assert again.discussion.snapshot().tools == ()


@pytest.mark.parametrize("name", ["evil.jsonl", "evil.jsonl.lock"])
def test_a_discussion_or_a_lock_that_is_a_link_is_not_followed(make_controller, tmp_path, name):
    controller = make_controller()
    folder = Path(wait_until(controller, lambda: controller.discussion._folder))
    strangers_log(folder, Added(1, 0, 2.0, Message.of("user", "hello")))
    victim = tmp_path / "victim"
    victim.write_text("mine\n")
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(victim)
    if name.endswith(".lock"):
        controller.discussion.open("evil").result(10)
        assert "is a link" in controller.discussion.snapshot().notice
    else:
        with pytest.raises(UnreadableDiscussionError, match="is a link"):
            controller.discussion.open("evil").result(10)
    controller.close()
    assert victim.read_text() == "mine\n"
