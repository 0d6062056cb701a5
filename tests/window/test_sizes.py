"""At every size of the window and of the text, what is pressed is on the screen as a whole."""

import pytest
from imgui_bundle import imgui
from src.window import controls
from src.window.questions import Question
from tests.conftest import ECHO, settled
from tests.scenes import beside
from tests.window_driver import press

from importguard.warmup import WarmupJob

SCALES = [1.0, 1.6, 2.0]
BUTTONS = ["//Discussion/###discussion.search", "//Discussion/###discussion.new", "//Composer/###send"]
PROJECT = ["//Context/###project.open", "//Context/###project.create"]


def cut(context, paths):
    """Those of *paths* that are not drawn, or whose panel has no room for their whole width."""
    items = {path: context.item_info(path) for path in paths}
    return [
        path
        for path, item in items.items()
        if item.window is None or item.rect_full.max.x > item.window.inner_rect.max.x
    ]


@pytest.mark.usefixtures("a_display")
@pytest.mark.parametrize("size", [(1024, 700), (1280, 800), (1920, 1080)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_buttons_and_titles_are_not_cut(drive, size):
    def steps(context, gui):
        for scale in SCALES:
            gui.controller.settings.change(font_scale=scale)
            gui.controller.discussion.new()
            context.yield_(8)
            gui.read_next_frame()
            context.yield_(3)
            assert cut(context, BUTTONS) == []
            assert "New discussion" in "\n".join(gui.screen().lines)
            gui.show_panel("Context")  # behind the discussion where there is no room for three columns
            context.yield_(3)
            assert cut(context, PROJECT) == []
            gui.show_panel("Discussion")
            context.yield_(3)
            if (size[1], scale) == (700, 2.0):
                continue  # three lines of the conversation are on the screen: a turn's head may be scrolled out
            gui.controller.send("a question")
            beside(context, lambda: settled(gui.controller))
            gui.commands.run("message.regenerate")  # two branches: arrows and a number beside the other buttons
            beside(context, lambda: settled(gui.controller))
            answer = gui.controller.discussion.snapshot().turns[-1].id
            assert (
                cut(context, [f"//Discussion/**/###{name}{answer}" for name in ("previous", "next", "actions")]) == []
            )

    drive(steps, size=size, display=True)


def box(title):
    """Left, top, width and height of the panel in the frame drawn last."""
    window = imgui.internal.find_window_by_name(title)
    return window.pos.x, window.pos.y, window.size.x, window.size.y


def test_a_window_without_room_for_three_columns_has_one_and_typing_goes_on(drive):
    def steps(context, gui):
        whole = imgui.get_main_viewport().size.x
        press(context, "Ctrl+L")
        context.key_chars("half ")
        before = box("Discussion"), box("Composer")
        gui.controller.settings.change(font_scale=3.0)  # of the null backend's 1920 pixels: 40 em
        context.yield_(12)
        (left, _, wide, _), (_, top, below, high) = box("Discussion"), box("Composer")
        assert (left, wide, below) == (0.0, whole, whole)
        assert top + high <= imgui.get_main_viewport().size.y
        assert cut(context, ["//Composer/###send"]) == []
        context.key_chars("a word")
        context.yield_(2)
        assert gui.controller.composer.snapshot().text == "half a word"
        gui.show_panel("Request")
        context.yield_(3)
        assert box("Request")[2] == whole
        gui.controller.settings.change(font_scale=1.0)
        context.yield_(12)
        assert (box("Discussion"), box("Composer")) == before

    drive(steps)


def test_what_one_list_does_not_need_goes_to_another():
    assert controls.divide(100, (0.5, 0.5), (40, 40)) == (50, 50)
    assert controls.divide(100, (0.5, 0.5), (20, 70)) == (30, 70)
    assert controls.divide(100, (0.5, 0.5), (20, 200)) == (20, 80)
    assert controls.divide(100, (0.3, 0.4, 0.3), (40, 40, 40)) == (30, 40, 30)


@pytest.mark.usefixtures("a_display")
def test_provider_and_preset_are_whole_beside_a_short_model(drive, tmp_path):
    def steps(context, gui):
        beside(context, lambda: gui.controller.wait_for_warmup(60))
        gui.controller.project.create(str(tmp_path)).result(20)
        gui.controller.settings.change(font_scale=1.1**7)
        context.yield_(8)
        gui.read_next_frame()
        context.yield_(3)
        assert "[ Echo (offline) ] [ echo-1 ] [ No preset ]" in "\n".join(gui.screen().lines)

    drive(steps, drive.make((*ECHO, WarmupJob("tomlkit", group=2))), size=(1920, 1080), display=True)


@pytest.mark.usefixtures("a_display")
def test_the_tab_in_front_is_in_sight_whatever_the_width(drive):
    def steps(context, gui):
        def place():
            window = imgui.internal.find_window_by_name("Log")
            tabs = window.dock_node.tab_bar
            tab = next(one for one in tabs.tabs if one.id_ == window.tab_id)
            left, width = tabs.bar_rect.min.x, tabs.bar_rect.max.x - tabs.bar_rect.min.x
            return tabs.visible_tab_id == window.tab_id, tab.offset - tabs.scrolling_target, tab.width, left, width

        gui.show_panel("Log")
        context.yield_(8)
        for scale in (1.2, 1.0, 1.3):
            gui.controller.settings.change(font_scale=scale)
            context.yield_(20)
            imgui.internal.find_window_by_name("Log").dock_node.tab_bar.scrolling_target = 0.0
            gui.board._scrolled_for = (0.0, 0.0)  # as after a restart, where the tabs are where they begin
            context.yield_(30)
            in_front, offset, wide, _, room = place()
            assert in_front
            assert -1 <= offset <= room + 1 - wide, (scale, place())

    drive(steps, size=(1280, 800), display=True)


@pytest.mark.usefixtures("a_display")
def test_the_palette_and_a_long_question_fit_into_a_small_window_with_large_text(drive):
    def steps(context, gui):
        gui.controller.settings.change(font_scale=1.1**7)
        context.yield_(8)
        gui.open_palette()
        context.yield_(6)
        view, windows = imgui.get_main_viewport(), imgui.get_current_context().windows
        rows = next(one for one in windows if "/rows_" in one.name)
        assert rows.parent_window.pos.y + rows.parent_window.size.y <= view.size.y
        press(context, "Escape")
        body = "Answers follow it from now on and are checked against it. Leave it empty for answers in words."
        gui.ask(Question("A JSON Schema for the answers", body, "Use it", print, "{}", is_long=True))
        context.yield_(6)
        dialog = next(one for one in imgui.get_current_context().windows if "###question" in one.name)
        assert dialog.scroll_max.y == 0  # its buttons are on the screen

    drive(steps, size=(1024, 700), display=True)
