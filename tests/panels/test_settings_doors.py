"""Presets, protected files, prices and mentions: each has a place in the window where it is changed."""

import pytest
from imgui_bundle import imgui
from src.models.prices import Price
from tests.conftest import ECHO, wait_until

from importguard.warmup import WarmupJob

JOBS = (*ECHO, WarmupJob("tomlkit", group=2))


def open_project(context, gui, folder):
    folder.mkdir()
    (folder / "sky.py").write_text("stars = 9\n")
    (folder / "sea.py").write_text("fish = 3\n")
    assert gui.controller.wait_for_warmup(60)
    gui.controller.project.create(str(folder)).result(20)
    wait_until(gui.controller, lambda: len(gui.controller.project.snapshot().files) >= 2)
    context.yield_(4)


def project(gui):
    return gui.controller.project.snapshot().project


def test_a_preset_is_written_used_and_removed(drive, tmp_path):
    def steps(context, gui):
        open_project(context, gui, tmp_path / "orbit")
        gui.commands.run("presets.edit")
        context.yield_(4)
        context.item_input_value("//Settings/**/##preset name", "Reviewer")
        context.item_click("//Settings/**/##preset text")
        context.key_chars("Be strict.")
        context.yield_(2)
        context.item_click("//Settings/**/###keep preset")
        context.yield_(3)
        assert dict(project(gui).presets) == {"Reviewer": "Be strict."}
        context.item_click("//Settings/**/Reviewer/##used")
        context.yield_(3)
        assert gui.controller.next_request().system == "Be strict."
        context.item_click("//Settings/**/Reviewer/###remove")
        context.yield_(3)
        assert (dict(project(gui).presets), project(gui).preset) == ({}, "")

    drive(steps, drive.make(JOBS))


def test_a_file_is_protected_from_edits_in_the_tree(drive, tmp_path):
    def steps(context, gui):
        open_project(context, gui, tmp_path / "orbit")
        gui.show_panel("Context")
        context.yield_(4)
        context.mouse_move("//Context/**/sky.py/###file")
        context.mouse_click(1)
        context.yield_(2)
        context.item_click("//$FOCUSED/Read-only: tools do not edit it")
        context.yield_(2)
        assert project(gui).read_only == {"sky.py"}

    drive(steps, drive.make(JOBS))


def test_a_price_is_set_and_counts(drive):
    def steps(context, gui):
        controller = gui.controller
        controller.choose_provider("openai", "my-own-model")
        assert controller.prices().price("openai", "my-own-model") is None
        gui.commands.run("settings.prices")
        context.yield_(4)
        context.item_input_value("//Settings/**/##usd In", 2.0)
        context.item_input_value("//Settings/**/##usd Out", 10.0)
        context.item_click("//Settings/**/###set price")
        context.yield_(2)
        assert controller.settings.snapshot().prices["my-own-model"] == (2.0, 10.0)  # what is not typed is not known
        assert controller.prices().price("openai", "my-own-model") == Price(2.0, 10.0, 2.0)
        context.item_click("//Settings/**/my-own-model/###remove")
        context.yield_(2)
        assert controller.prices().price("openai", "my-own-model") is None

    drive(steps)


@pytest.mark.parametrize(
    "typed", [{}, {"In": "2"}, {"Out": "3"}, {"In": "2", "Out": "-1"}, {"In": "2", "Out": "9999999"}]
)
def test_half_a_price_is_none(drive, typed):
    def steps(context, gui):
        gui.controller.choose_provider("openai", "my-own-model")
        gui.commands.run("settings.prices")
        context.yield_(4)
        for word, amount in typed.items():
            context.item_input_value(f"//Settings/**/##usd {word}", amount)
        context.item_click("//Settings/**/###set price")
        context.yield_(2)
        assert gui.controller.settings.snapshot().prices == {}

    drive(steps)


def test_what_the_cache_costs_is_asked_apart(drive):
    def steps(context, gui):
        gui.controller.choose_provider("openai", "my-own-model")
        gui.commands.run("settings.prices")
        context.yield_(4)
        for word, amount in {"In": "2", "Out": "3", "Written to cache": "2.5"}.items():
            context.item_input_value(f"//Settings/**/##usd {word}", amount)
        context.item_click("//Settings/**/###set price")
        context.yield_(2)
        assert gui.controller.settings.snapshot().prices["my-own-model"] == (2.0, 3.0, 2.0, 2.5)

    drive(steps)


def test_a_price_is_changed_from_the_one_that_holds(drive):
    def steps(context, gui):
        controller = gui.controller
        controller.settings.change(prices={"a-model": (3.0, 15.0, 0.3)})
        controller.choose_provider("openai", "a-model")
        gui.commands.run("settings.prices")
        context.yield_(4)
        context.item_input_value("//Settings/**/##usd In", 4.0)
        context.item_click("//Settings/**/###set price")
        context.yield_(2)
        assert controller.prices().price("openai", "a-model") == Price(4.0, 15.0, 0.3)
        context.item_click("//Settings/**/###set price")  # once more, with nothing typed
        context.yield_(2)
        assert controller.prices().price("openai", "a-model") == Price(4.0, 15.0, 0.3)

    drive(steps)


def test_a_file_is_mentioned_by_a_part_of_its_name(drive, tmp_path):
    def steps(context, gui):
        open_project(context, gui, tmp_path / "orbit")
        context.item_click("//Composer/###text")
        context.key_chars("look at @sk")
        context.yield_(3)
        context.item_click("//Composer/###mention0")
        context.yield_(4)
        assert gui.controller.composer.snapshot().text == "look at `sky.py` "
        wait_until(gui.controller, lambda: [one for one in gui.controller.project.snapshot().files if one.included])
        assert [one.path for one in gui.controller.project.snapshot().files if one.included] == ["sky.py"]

    drive(steps, drive.make(JOBS))


def test_every_header_of_the_settings_is_whole_as_they_open(drive):
    def steps(context, gui):
        gui.show_panel("Settings")
        context.yield_(6)
        window = imgui.internal.find_window_by_name("Settings")
        assert window.scroll_max.y == 0
        composer = gui.board.area("Composer")
        send = composer.w - 2 * imgui.get_frame_height()  # the line of the button
        assert window.pos.y + window.size.y <= send

    drive(steps)
