"""The palette, the menus and the shortcuts in the window: all are made from the registry."""

from imgui_bundle import imgui
from imgui_bundle.imgui import test_engine
from src import theme_2
from src.commands import Command
from tests.window_driver import press


def type_and_enter(context, letters):
    press(context, "Ctrl+Shift+P")
    context.key_chars(letters)
    context.yield_(2)
    press(context, "Enter")


def test_a_command_is_run_from_the_palette_by_keyboard(drive):
    assert drive(lambda context, gui: type_and_enter(context, "gemini")).controller.snapshot().provider == "gemini"


def test_arrows_choose_among_the_matches(drive):
    def steps(context, gui):
        found = gui.commands.match("go to")
        press(context, "Ctrl+Shift+P")
        context.key_chars("go to")
        context.yield_(2)
        press(context, "Down")
        press(context, "Down")
        press(context, "Up")
        press(context, "Enter")
        assert gui.commands.recent()[0] == found[1].id

    drive(steps)


def test_a_refused_command_stays_and_says_why(drive):
    def steps(context, gui):
        type_and_enter(context, "stop the reply")
        assert context.item_exists("//$FOCUSED/##typed")
        press(context, "Escape")
        assert not context.item_exists("//$FOCUSED/##typed")
        assert gui.commands.recent() == ()

    drive(steps)


def test_a_theme_is_previewed_while_it_is_chosen_and_kept_when_it_is_run(drive):
    def steps(context, gui):
        press(context, "Ctrl+Shift+P")
        context.key_chars("theme light")
        context.yield_(2)
        assert (theme_2.current().name, gui.look.theme) == ("light", "dark")
        press(context, "Escape")
        assert theme_2.current().name == "dark"
        type_and_enter(context, "theme light")
        assert (theme_2.current().name, gui.look.theme) == ("light", "light")

    drive(steps)


def test_every_command_stands_in_the_menu_of_its_category(drive):
    def steps(context, gui):
        context.set_ref("##MainMenuBar")
        for one in gui.commands.all():  # a missing item fails the engine's test
            context.menu_action(test_engine.TestAction.hover, f"{one.category}/###{one.id}")
        context.menu_click("View/Theme/###theme.light")
        context.yield_(2)
        assert gui.look.theme == "light"

    drive(steps)


def test_a_shortcut_runs_its_command_unless_two_share_it(drive):
    ran = []

    def steps(context, gui):
        mapped = {}
        gui.commands._mapped = lambda: mapped
        gui.commands._fixed += (Command("a", "A", "View", lambda: ran.append("a"), "F9"),)
        context.yield_(2)
        press(context, "F9")
        assert ran == ["a"]
        gui.commands._fixed += (Command("b", "B", "View", lambda: ran.append("b"), "F9"),)
        mapped = {}
        press(context, "F9")
        assert ran == ["a"]

    drive(steps)


def test_a_chord_of_alt_runs_its_command_while_somebody_types(drive):
    ran = []

    def steps(context, gui):
        gui.commands._mapped = dict
        gui.commands._fixed += (Command("a", "A", "View", lambda: ran.append("a"), "Alt+2"),)
        gui.commands._fixed = tuple(one for one in gui.commands._fixed if one.id != "approval.change_2")
        context.yield_(2)
        press(context, "Ctrl+L")
        context.key_chars("before ")
        context.key_down(imgui.Key.mod_alt)
        context.yield_(2)
        context.key_press(imgui.Key._2)
        context.yield_(2)
        context.key_up(imgui.Key.mod_alt)
        context.yield_(2)
        context.key_chars("after")
        context.yield_(2)
        assert (ran, gui.controller.composer.snapshot().text) == (["a"], "before after")

    drive(steps)


def test_the_text_grows_and_shrinks(drive):
    def steps(context, gui):
        press(context, "Ctrl+=")
        assert round(gui.look.font_scale, 3) == 1.1
        press(context, "Ctrl+0")
        assert gui.look.font_scale == 1.0
        for _ in range(20):
            press(context, "Ctrl+=")
        assert gui.look.font_scale == 3.0

    drive(steps)
