"""The window around the panels: what a panel raises, dialogs, the layout."""

import gc
import itertools
import socket

import pytest
from imgui_bundle import hello_imgui, imgui
from src.panels.board import NARROW
from src.panels.places import PLACES
from src.window.focus import focused_window
from src.window.questions import Question
from tests.conftest import settled
from tests.scenes import beside
from tests.window_driver import clipboard, press


class Raising:
    """A panel that stops in the middle of everything."""

    def __init__(self, begin):
        self.begin = begin
        self.fails = True

    def draw(self, controller):
        if self.fails:
            self.begin()
            raise RuntimeError("half drawn")
        imgui.button("Drawn")


def in_a_child():
    imgui.begin_child("child")
    imgui.push_style_color(imgui.Col_.text, imgui.ImVec4(1, 0, 0, 1))
    imgui.push_id("id")
    imgui.begin_group()


def in_a_table():
    imgui.begin_table("table", 2)
    imgui.table_next_row()
    imgui.push_style_var(imgui.StyleVar_.alpha, 0.5)


@pytest.mark.parametrize("begin", [list, in_a_child, in_a_table])
def test_what_a_panel_raises_is_shown_in_it_and_the_rest_goes_on(drive, begin):
    def steps(context, gui):
        panel = gui.made["Discussion"] = Raising(begin)
        context.yield_(3)
        assert gui.board.errors["Discussion"] == "RuntimeError: half drawn"
        context.item_click("//Discussion/Copy the details")
        assert "in draw" in clipboard()
        panel.fails = False
        context.item_click("//Discussion/Try again")
        context.yield_(2)
        assert context.item_exists("//Discussion/Drawn")

    drive(steps)


def test_a_question_is_answered_by_keyboard_and_the_next_one_waits(drive):
    answers = []

    def steps(context, gui):
        gui.ask(Question("Rename", "A new name:", "Rename", answers.append, text="old"))
        gui.ask(Question("Delete", "Really?", "Delete", answers.append))
        context.yield_(3)
        context.key_chars_replace("new name")
        press(context, "Enter")
        context.yield_(3)
        press(context, "Escape")
        context.yield_(2)
        gui.ask(Question("Delete", "Really?", "Delete", answers.append))
        context.yield_(3)
        press(context, "Enter")

    drive(steps)
    assert answers == ["new name", ""]


def test_escape_in_a_long_answer_loses_nothing_but_the_question(drive):
    answers = []

    def steps(context, gui):
        gui.ask(Question("Edit", "", "Save", answers.append, text="before", is_long=True))
        context.yield_(3)
        context.key_chars("typed ")
        press(context, "Ctrl+Enter")

    drive(steps)
    assert len(answers) == 1
    assert "typed" in answers[0]


def test_closed_panels_come_back_with_the_layout(drive):
    def steps(context, gui):
        window = hello_imgui.get_runner_params().docking_params.dockable_window_of_name("Context")
        window.is_visible = False
        context.yield_(2)
        gui.commands.run("view.reset_layout")
        context.yield_(3)
        assert window.is_visible

    drive(steps)


def test_a_panel_is_opened_and_gets_the_keyboard(drive):
    def steps(context, gui):
        for place in PLACES:
            gui.commands.run(f"panel.{place.title.lower()}")
            context.yield_(3)
            focused = imgui.get_current_context().nav_window
            assert context.window_info(f"//{place.title}").window.id_ in (focused.id_, focused.root_window.id_)

    drive(steps)


def test_every_panel_draws_at_every_size_and_in_every_theme(drive):
    def steps(context, gui):
        for theme, scale in itertools.product((one.name for one in gui.themes), (0.6, 1.0, 3.0)):
            gui.controller.settings.change(theme=theme, font_scale=scale)
            for place in PLACES:
                gui.show_panel(place.title)
                context.yield_(2)
            assert gui.board.errors == {}

    drive(steps)


def test_a_refusal_becomes_a_notice_and_does_not_stop_the_window(drive):
    def refuse():
        raise OSError("The disk is full.")

    def steps(context, gui):
        assert not gui.attempt(refuse)
        assert gui.attempt(list)
        assert "The disk is full." in [toast.text for toast in gui.controller.toasts.snapshot()]

    drive(steps)


def test_a_link_is_opened_only_when_the_user_agrees(drive, monkeypatch):
    opened = []

    def steps(context, gui):
        monkeypatch.setattr(gui.controller.errands, "open_link", opened.append)
        gui.ask_for_link("file:///etc/passwd")
        context.yield_(3)
        assert any("file:///etc/passwd" in one.text for one in gui.controller.toasts.snapshot())
        for answer in ("Escape", "Enter"):
            gui.ask_for_link("https://example.com/page")
            context.yield_(3)
            press(context, answer)

    drive(steps)
    assert opened == ["https://example.com/page"]


def test_the_collector_is_on_again_after_the_first_frame(drive):
    gc.disable()
    try:
        drive(lambda context, gui: context.yield_(2))
        assert gc.isenabled()
    finally:
        gc.enable()


def test_a_connection_that_breaks_after_a_window_is_an_exception_and_no_crash(drive):
    drive(lambda context, gui: context.yield_(2))
    near, far = socket.socketpair()
    far.close()
    with near, pytest.raises(BrokenPipeError):
        near.send(b"x")


@pytest.mark.parametrize("scale", [1.0, 3.0], ids=["three columns", "one column"])
def test_what_is_asked_or_opened_is_on_the_screen(drive, scale):
    """Whatever tab was in front: an answer, or why there is none, behind another tab would be no answer at all."""

    def shown(context, gui):
        context.yield_(8)
        gui.read_next_frame()
        context.yield_(2)
        return [one.title for one in gui.screen().areas]

    def steps(context, gui):
        controller = gui.controller
        controller.settings.change(font_scale=scale)
        context.yield_(9)
        assert (hello_imgui.current_layout_name() == NARROW) == (scale > 1)
        first = controller.discussion.snapshot().name
        for act in (
            lambda: controller.send("a question"),
            lambda: gui.commands.run("message.regenerate"),
            lambda: gui.commands.run("discussion.new"),
            lambda: controller.discussion.open(first).result(20),
        ):
            gui.show_panel("Compare")
            assert "Discussion" not in shown(context, gui)
            act()
            assert "Discussion" in shown(context, gui)
            assert "Compare" not in shown(context, gui)
            beside(context, lambda: settled(controller))

    drive(steps)


def test_the_panel_that_is_asked_for_last_has_the_keyboard(drive):
    """A discussion that was opened a frame before comes to the front, and takes the keyboard from nobody."""

    def steps(context, gui):
        context.yield_(5)
        for title in ("Approvals", "Compare"):
            gui.focus_composer()
            context.yield_(8)
            gui.controller.discussion.new().result(10)
            context.yield_(1)
            gui.show_panel(title)
            context.yield_(10)
            assert focused_window() == title

    drive(steps)
