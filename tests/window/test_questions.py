"""Questions that are left keep what was typed, and menus and answers offer what comes next."""

import pytest
from imgui_bundle import imgui
from src.chat import Message, TextPart, ThinkingPart
from src.models.patience import in_words
from src.project.scan import frame
from src.window import invoking
from src.window.questions import Form, FormField, Question
from tests.conftest import settled
from tests.panels.test_discussion import add
from tests.scenes import beside
from tests.window.test_room import lines
from tests.window_driver import press


def long_question(answers, text="as it was first"):
    return Question("Edit the turn", "", "Keep the change", answers.append, text, is_long=True)


def leave(context, how):
    if how == "Escape":
        press(context, "Escape")
    else:
        context.item_click("//$FOCUSED/Cancel")
    context.yield_(3)


@pytest.mark.parametrize("how", ["Escape", "Cancel"])
def test_what_was_typed_into_a_long_question_is_there_again(drive, how):
    answers = []

    def steps(context, gui):
        gui.ask(long_question(answers))
        context.yield_(4)
        context.key_chars_replace("an hour's work")
        context.yield_(2)
        leave(context, how)
        assert (gui.asked, answers) == (None, [])
        gui.ask(long_question(answers, "another turn"))
        context.yield_(4)
        assert "This is what you typed" not in lines(context, gui)
        leave(context, how)
        gui.ask(long_question(answers))
        context.yield_(4)
        assert "This is what you typed" in lines(context, gui)
        press(context, "Ctrl+Enter")
        context.yield_(3)
        assert answers == ["an hour's work"]
        gui.ask(long_question(answers))  # it was answered
        context.yield_(4)
        press(context, "Ctrl+Enter")
        context.yield_(3)
        assert answers == ["an hour's work", "as it was first"]

    drive(steps)


def test_a_question_that_was_left_goes_back_to_its_own_text(drive):
    answers = []

    def steps(context, gui):
        gui.ask(long_question(answers))
        context.yield_(4)
        context.key_chars_replace("typed")
        leave(context, "Escape")
        gui.ask(long_question(answers))
        context.yield_(4)
        context.item_click("//$FOCUSED/As it was")
        context.yield_(2)
        context.item_click("//$FOCUSED/Keep the change")
        context.yield_(2)
        assert answers == ["as it was first"]

    drive(steps)


def test_a_form_that_was_left_keeps_its_lines_but_no_secret(drive):
    answers = []
    fields = (FormField("Name"), FormField("Token", is_secret=True, is_optional=True))
    form = Form("A server", "", "Add", fields, lambda _: "", answers.append)

    def steps(context, gui):
        gui.ask(form)
        context.yield_(4)
        context.key_chars_replace("clock")
        press(context, "Tab")
        context.yield_(2)
        context.key_chars_replace("a-token")
        context.yield_(2)
        leave(context, "Cancel")
        gui.ask(form)
        context.yield_(4)
        context.item_click("//$FOCUSED/Add")
        context.yield_(2)
        assert answers == [("clock", "")]

    drive(steps)


def test_each_group_of_a_menu_begins_with_a_command_that_exists(drive):
    def steps(context, gui):
        fixed = [command.id for command in gui.commands.fixed]
        assert set(fixed) >= invoking.GROUPS
        assert len({invoking._menu_of(one) for one in gui.commands.fixed if one.id in invoking.GROUPS}) >= 5

    drive(steps)


def test_a_long_menu_has_lines_between_its_groups(drive, monkeypatch):
    drawn, separator = [], imgui.separator

    def count():
        drawn.append(imgui.internal.get_current_window().name)
        separator()

    def steps(context, gui):
        monkeypatch.setattr(imgui, "separator", count)
        context.menu_click("//##MainMenuBar/Turn")
        context.yield_(3)
        in_menu = [name for name in drawn if "Menu" in name]
        assert len(in_menu) >= 4, drawn
        assert len(in_menu) % 4 == 0  # of each frame

    drive(steps)


def test_a_cut_answer_offers_to_go_on_beside_trying_again(drive):
    def steps(context, gui):
        controller = gui.controller
        controller.send("[[truncate]] some words that are cut")
        beside(context, lambda: settled(controller))
        text = lines(context, gui)
        assert "[ Continue ]" in text
        assert text.count("Continue") == 1
        go_on = context.item_info("//Discussion/**/###continue").rect_full
        again = context.item_info("//Discussion/**/Try again").rect_full
        assert abs(go_on.min.y - again.min.y) < 1
        before = len(controller.discussion.snapshot().turns)
        context.item_click("//Discussion/**/###continue")
        beside(context, lambda: settled(controller))
        assert len(controller.discussion.snapshot().turns) == before + 2

    drive(steps)


def test_the_row_of_an_answer_begins_with_what_it_says_not_with_its_thoughts(drive):
    def steps(context, gui):
        add(gui.controller, Message.of("user", "a question"))
        said = (ThinkingPart("hidden musing"), TextPart("the plain answer"))
        add(gui.controller, Message("assistant", said, "echo", "echo-1"))
        gui.show_panel("Request")
        context.yield_(4)
        rows = [line for line in lines(context, gui).split("\n") if "2. assistant" in line]
        assert any("the plain answer" in row for row in rows), rows
        assert not any("musing" in row for row in rows)

    drive(steps)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (-3, "0 s"), (0.4, "0 s"), (59.6, "1 min"), (90, "1 min 30 s"), (3600, "1 h"), (3599, "59 min 59 s"),
     (5400, "1 h 30 min"), (86_401, "24 h 1 s")],
)  # fmt: skip
def test_times_are_in_the_units_of_people(seconds, words):
    assert in_words(seconds) == words


def test_a_long_choice_is_on_the_screen_as_a_whole(drive):
    path, answers = "/home/me/" + "a folder whose name goes on/" * 8 + "project", []

    def steps(context, gui):
        gui.ask(Question("Open a project", "", "Open", answers.append, "", choices=("/short", path)))
        context.yield_(4)
        short, long = (context.item_info(f"//$FOCUSED/###{one}").rect_full for one in ("choice0", "choice1"))
        assert long.get_height() > 2 * short.get_height()
        assert path.replace(" ", "") in lines(context, gui).replace("\n", "").replace(" ", "")
        context.item_click("//$FOCUSED/###choice1")
        context.yield_(2)
        assert answers == [path]

    drive(steps)


def test_who_edits_a_long_text_goes_on_at_its_end(drive):
    answers = []

    def steps(context, gui):
        gui.ask(long_question(answers, "first line\nMake me a plan"))
        context.yield_(6)
        context.key_chars(" for tomorrow")
        context.yield_(2)
        press(context, "Ctrl+Enter")
        context.yield_(3)
        assert answers == ["first line\nMake me a plan for tomorrow"]

    drive(steps)


def test_a_turn_with_a_file_is_edited_without_the_file_which_stays(drive):
    def steps(context, gui):
        discussion = gui.controller.discussion
        add(gui.controller, Message("user", (TextPart(frame("notes.txt", "ATTACHED LINE")), TextPart("what is this?"))))
        gui.commands.run("message.edit")
        context.yield_(4)
        assert gui.asked.text == "what is this?"
        context.key_chars(" And why?")
        press(context, "Ctrl+Enter")
        context.yield_(3)
        (turn,) = discussion.snapshot().turns
        assert [part.text for part in turn.message.parts] == [
            frame("notes.txt", "ATTACHED LINE"),
            "what is this? And why?",
        ]

    drive(steps)


def test_a_long_name_of_a_model_leaves_room_in_the_status_bar(drive):
    def steps(context, gui):
        gui.controller.choose_provider("echo", "a-model-whose-name-goes-on-" * 8)
        context.yield_(4)
        shown = lines(context, gui).split("\n")[-1]
        assert shown.startswith("a-model") is False, shown
        assert "ready" in shown or "Warming" in shown
        assert "... $0 spent" in shown

    drive(steps, size=(700, 500))


def test_a_new_discussion_is_written_into_at_once(drive):
    def steps(context, gui):
        context.yield_(4)
        gui.show_panel("Request")
        context.yield_(6)
        press(context, "Ctrl+N")
        context.yield_(6)
        context.key_chars("the first question")
        context.yield_(3)
        assert (gui.focus.field, gui.controller.composer.snapshot().text) == ("composer", "the first question")

    drive(steps)
