"""The discussion and the composer in the window: what a user does with a conversation, by mouse and by keyboard."""

import time

import pytest
from src.chat import Message, ThinkingPart, ToolCallPart, ToolResultPart
from src.discussion.events import Added
from tests.conftest import settled, wait_until
from tests.window_driver import clipboard, press


def texts(controller):
    return [turn.message.text for turn in controller.discussion.snapshot().turns]


def say(context, gui, text):
    """Sends *text* and waits for the echo."""
    assert gui.controller.send(text).accepted
    settled(gui.controller)
    context.yield_(3)


def add(controller, *messages):
    """Puts turns into the discussion without asking anybody."""
    discussion = controller.discussion
    for message in messages:
        discussion.record(Added(discussion.next_id(), discussion.head(), time.time(), message))


def act(context, turn_id, title):
    """Chooses *title* in the menu of a turn."""
    context.item_click(f"//Discussion/**/###actions{turn_id}")
    context.item_click(f"//$FOCUSED/{title}")
    context.yield_(2)


def test_what_is_typed_and_sent_is_answered(drive):
    def steps(context, gui):
        context.item_click("//Composer/###text")
        context.key_chars("hello bench")
        context.yield_(2)
        context.item_click("//Composer/###send")
        settled(gui.controller)
        context.yield_(3)
        assert texts(gui.controller) == ["hello bench", "hello bench"]
        assert gui.controller.composer.snapshot().text == ""

    drive(steps)


def test_the_main_job_is_done_with_the_keyboard_alone(drive, tmp_path):
    """From the first frame: write, send, read, ask again, show the other branch, copy, attach, another provider."""
    (tmp_path / "notes.txt").write_text("some notes")

    def steps(context, gui):
        controller = gui.controller
        press(context, "Ctrl+L")
        context.key_chars("first question")
        press(context, "Ctrl+Enter")
        settled(controller)
        context.yield_(3)
        assert texts(controller) == ["first question", "first question"]
        press(context, "Ctrl+R")
        settled(controller)
        context.yield_(3)
        press(context, "Ctrl+[")
        assert controller.discussion.snapshot().turns[-1].siblings.index(gui.turns.chosen) == 0
        press(context, "Ctrl+Shift+C")
        assert clipboard() == "first question"
        press(context, "Ctrl+Shift+O")
        context.yield_(2)
        context.key_chars(str(tmp_path / "notes.txt"))
        press(context, "Enter")
        wait_until(controller, lambda: [one for one in controller.composer.snapshot().attachments if one.part])
        press(context, "Ctrl+L")
        context.key_chars("and this")
        press(context, "Ctrl+Enter")
        settled(controller)
        context.yield_(3)
        assert len(texts(controller)) == 4
        press(context, "Ctrl+K")
        press(context, "Ctrl+K")
        assert gui.turns.of(controller.discussion.snapshot().turns).id == controller.discussion.snapshot().turns[2].id
        press(context, "Ctrl+Shift+P")
        context.key_chars("anthropic")
        context.yield_(2)
        press(context, "Enter")
        assert controller.snapshot().provider == "anthropic"

    drive(steps)


def test_escape_in_the_composer_loses_nothing(drive):
    def steps(context, gui):
        press(context, "Ctrl+L")
        context.key_chars("a long thought")
        press(context, "Escape")
        context.yield_(2)
        assert gui.controller.composer.snapshot().text == "a long thought"

    drive(steps)


def test_the_last_change_of_what_is_typed_is_undone_before_the_discussion_is(drive):
    def steps(context, gui):
        say(context, gui, "kept")
        press(context, "Ctrl+L")
        context.key_chars("typed")
        context.yield_(2)
        press(context, "Ctrl+Z")
        assert texts(gui.controller) == ["kept", "kept"]

    drive(steps)


@pytest.mark.parametrize(
    ("command", "left"),
    [
        ("###message.delete", ["a", "c"]),
        ("###message.truncate", ["a", "b"]),
        ("###message.fork", ["a", "b"]),
    ],
)
def test_a_turn_is_changed_from_its_menu(drive, command, left):
    def steps(context, gui):
        add(gui.controller, *(Message.of("user", text) for text in "abc"))
        context.yield_(3)
        act(context, gui.controller.discussion.snapshot().turns[1].id, command)
        assert texts(gui.controller) == left
        gui.commands.run("discussion.undo")
        context.yield_(2)
        assert texts(gui.controller) == ["a", "b", "c"]
        gui.commands.run("discussion.redo")
        assert texts(gui.controller) == left

    drive(steps)


def test_a_turn_is_edited_and_the_change_is_kept_or_not(drive):
    def steps(context, gui):
        add(gui.controller, Message.of("user", "before"))
        context.yield_(3)
        for answer, kept in (("Escape", "before"), ("Ctrl+Enter", "after")):
            act(context, 1, "###message.edit")
            context.yield_(2)
            context.key_chars_replace("after")
            press(context, answer)
            context.yield_(2)
            assert texts(gui.controller) == [kept]

    drive(steps)


def test_branches_are_stepped_through_with_the_arrows_of_a_turn(drive):
    def steps(context, gui):
        say(context, gui, "question")
        gui.commands.run("message.regenerate")
        settled(gui.controller)
        context.yield_(3)
        second = gui.controller.discussion.snapshot().turns[-1]
        assert len(second.siblings) == 2
        context.item_click(f"//Discussion/**/###previous{second.id}")
        context.yield_(3)
        first = gui.controller.discussion.snapshot().turns[-1]
        assert first.id == second.siblings[0]
        context.item_click(f"//Discussion/**/###next{first.id}")
        context.yield_(3)
        assert gui.controller.discussion.snapshot().turns[-1].id == second.id

    drive(steps)


def test_a_turn_is_copied_whole_and_viewed_plain(drive):
    parts = (
        ThinkingPart("hm"),
        ToolCallPart("1", "read_file", '{"path": "a"}'),
        ToolResultPart("1", "read_file", "content"),
    )

    def steps(context, gui):
        add(
            gui.controller, Message("assistant", (*parts, *Message.of("assistant", "**done**").parts), "echo", "echo-1")
        )
        context.yield_(3)
        context.item_click("//Discussion/**/###copy1")
        expected = '[thought]\nhm\n\n[asks for read_file]\n{"path": "a"}\n\n[read_file answered]\ncontent\n\n**done**'
        assert clipboard() == expected
        for name in ("thought", "call", "result"):
            context.item_open(f"//Discussion/**/###{name}")
        context.yield_(2)
        act(context, 1, "###message.plain")
        assert context.item_exists("//Discussion/**/###plain")
        act(context, 1, "###message.plain")
        assert not context.item_exists("//Discussion/**/###plain")

    drive(steps)


def test_a_search_finds_words_in_other_branches_and_goes_there(drive):
    def steps(context, gui):
        add(gui.controller, Message.of("user", "the needle is here"))
        gui.controller.discussion.fork(0)
        add(gui.controller, Message.of("user", "other"))
        press(context, "Ctrl+F")
        context.item_input_value("//Discussion/##search", "NEEDLE")
        context.yield_(3)
        context.item_click("//Discussion/**/###hit0")
        context.yield_(3)
        assert texts(gui.controller) == ["the needle is here"]

    drive(steps)


def test_over_a_cap_the_user_is_asked_first(drive):
    def steps(context, gui):
        gui.controller.settings.change(token_cap=1)
        gui.controller.composer.set_text("more than one token, surely")
        gui.commands.run("message.send")
        context.yield_(3)
        press(context, "Escape")
        assert texts(gui.controller) == []
        gui.commands.run("message.send")
        context.yield_(3)
        context.item_click("//$FOCUSED/Send anyway")
        settled(gui.controller)
        assert len(texts(gui.controller)) == 2

    drive(steps)


def test_a_reply_is_stopped_with_escape_and_what_came_stays(drive):
    def steps(context, gui):
        gui.controller.choose_provider("echo", "echo-slow")
        assert gui.controller.send("word " * 400).accepted
        wait_until(gui.controller, lambda: (gui.controller.snapshot().reply or Message("user")).parts)
        context.yield_(2)
        press(context, "Escape")
        settled(gui.controller)
        context.yield_(2)
        last = gui.controller.discussion.snapshot().turns[-1]
        assert (last.message.role, type(last.end).__name__) == ("assistant", "Stopped")

    drive(steps)


def test_an_attachment_is_shown_and_taken_off(drive, tmp_path):
    (tmp_path / "a.txt").write_text("text")

    def steps(context, gui):
        composer = gui.controller.composer
        composer.attach(str(tmp_path / "a.txt"))
        wait_until(gui.controller, lambda: [one for one in composer.snapshot().attachments if one.part])
        context.yield_(3)
        context.item_click("//Composer/###attached0")
        assert composer.snapshot().attachments == ()

    drive(steps)


def test_a_new_discussion_is_started_and_the_old_one_is_opened_again(drive):
    def steps(context, gui):
        discussion = gui.controller.discussion
        say(context, gui, "the old one")
        name = discussion.snapshot().name
        press(context, "Ctrl+N")
        assert texts(gui.controller) == []
        context.item_click("//Discussion/###known")
        context.yield_(2)
        wait_until(gui.controller, lambda: [one for one in discussion.snapshot().known if one.name == name])
        context.yield_(2)
        context.item_click(f"//$FOCUSED/###{name}")
        wait_until(gui.controller, lambda: discussion.snapshot().name == name)
        assert texts(gui.controller) == ["the old one", "the old one"]

    drive(steps)


def test_the_provider_and_the_model_are_chosen_in_the_composer(drive):
    def steps(context, gui):
        context.item_click("//Composer/###provider")
        context.item_click("//$FOCUSED/###gemini")
        context.yield_(2)
        assert gui.controller.snapshot().provider == "gemini"
        context.item_click("//Composer/###model")
        context.yield_(2)
        context.item_click("**/gemini-3.5-flash-lite")
        assert gui.controller.snapshot().model == "gemini-3.5-flash-lite"

    drive(steps)


def test_the_end_of_a_growing_reply_is_followed_until_the_user_scrolls_up(drive):
    def steps(context, gui):
        controller = gui.controller
        add(controller, *(Message.of("user", f"line {number}\n" * 8) for number in range(20)))
        context.yield_(6)
        turns = context.window_info("//Discussion/turns").window
        assert turns.scroll_max.y > 100
        assert turns.scroll.y == pytest.approx(turns.scroll_max.y, abs=1)
        add(controller, Message.of("user", "more\n" * 20))
        context.yield_(6)
        assert turns.scroll.y == pytest.approx(turns.scroll_max.y, abs=1)
        context.mouse_move_to_pos((turns.pos.x + turns.size.x / 2, turns.pos.y + turns.size.y / 2))
        context.mouse_wheel_y(20)
        context.yield_(4)
        above = turns.scroll.y
        assert above < turns.scroll_max.y - 50
        controller.choose_provider("echo", "echo-slow")
        controller.discussion.fork(controller.discussion.head())
        controller.regenerate(controller.discussion.head())
        settled(controller)
        context.yield_(6)
        assert turns.scroll.y == pytest.approx(above, abs=1)

    drive(steps)


def test_two_thousand_turns_draw_only_what_is_seen(drive, monkeypatch):
    drawn = []

    def steps(context, gui):
        from src.panels.turn_body import TurnBody

        add(
            gui.controller,
            *(Message.of("user", f"turn {number}\n\n```py\nx = {number}\n```") for number in range(2000)),
        )
        context.yield_(5)
        original = TurnBody.draw
        monkeypatch.setattr(TurnBody, "draw", lambda self, *a, **k: drawn.append(1) or original(self, *a, **k))
        context.yield_(3)

    drive(steps)
    assert 0 < len(drawn) < 3 * 40
