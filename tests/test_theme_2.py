"""The themes: readable by the numbers, complete, and cheap."""

from types import SimpleNamespace

import pytest
from imgui_bundle import imgui
from src import theme_2
from src.theme_nerv_fx import Effects
from src.window.look import find_theme, themes


def luminance(rgb):
    parts = [(rgb >> shift & 255) / 255 for shift in (16, 8, 0)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first, second):
    """The contrast of WCAG 2, from 1 to 21."""
    bright, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", themes(), ids=lambda theme: theme.name)
@pytest.mark.parametrize("ground", ["panel", "raised", "field", "ground"])
@pytest.mark.parametrize("role", ["text", "muted", "accent", "ready", "busy", "failed"])
def test_every_colour_of_text_is_readable_on_every_ground(theme, role, ground):
    wanted = 7.0 if theme.name == "high_contrast" else 4.5
    assert contrast(getattr(theme.palette, role), getattr(theme.palette, ground)) >= wanted


@pytest.mark.parametrize("theme", themes(), ids=lambda theme: theme.name)
def test_text_on_buttons_is_readable(theme):
    palette = theme.palette
    assert contrast(palette.text, palette.button) >= 4.5
    assert contrast(palette.on_accent, palette.accent) >= 4.5


@pytest.mark.parametrize("theme", themes(), ids=lambda theme: theme.name)
def test_a_theme_sets_every_colour(theme):
    wanted = {slot for name, slot in imgui.Col_.__members__.items() if name != "count"}
    assert wanted - set(theme_2._slots(theme.palette)) == set()


def test_an_unknown_theme_is_the_dark_one():
    assert find_theme("pink") is theme_2.DARK


def test_sizes_grow_with_the_font(drive):
    def steps(context, gui):
        before = imgui.get_style().frame_padding.x
        gui.scale_font(2.0)
        context.yield_(2)
        assert (imgui.get_style().frame_padding.x, imgui.get_style().font_scale_main) == (before * 2, 2.0)

    drive(steps)


def test_the_effects_are_off_with_reduced_motion(drive):
    def steps(context, gui):
        gui.use_theme("nerv")
        context.yield_(2)
        assert gui.look.has_effects
        gui.controller.settings.change(reduced_motion=True)
        context.yield_(2)
        assert not gui.look.has_effects

    drive(steps)


def test_a_flash_ends_and_then_no_frame_is_asked_for(drive, monkeypatch):
    asked = []
    toolkit = SimpleNamespace(request_refresh=lambda: asked.append(1), em_size=float)
    monkeypatch.setattr("src.theme_nerv_fx.hello_imgui", toolkit)
    effects = Effects()

    def steps(context, gui):
        gui.effects = effects
        gui.use_theme("nerv")
        context.yield_(2)
        assert asked == []
        effects.alert()
        context.yield_(3)
        assert asked
        context.sleep_no_skip(1.0, 0.1)
        asked.clear()
        context.yield_(3)
        assert asked == []

    drive(steps)
