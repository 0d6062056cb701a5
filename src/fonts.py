"""The fonts of the window: Roboto for reading, Inconsolata for technical looks; both ship with imgui-bundle."""

from __future__ import annotations

from imgui_bundle import hello_imgui, imgui

SIZE = 16.0


class Fonts:
    """The loaded fonts; None before the window has loaded them."""

    reading: imgui.ImFont | None = None
    technical: imgui.ImFont | None = None


def load() -> None:
    """Loads them; the callback of hello_imgui for that. Glyphs are drawn when they are first needed."""
    Fonts.reading = hello_imgui.load_font_ttf_with_font_awesome_icons("fonts/Roboto/Roboto-Regular.ttf", SIZE)
    Fonts.technical = hello_imgui.load_font_ttf_with_font_awesome_icons("fonts/Inconsolata-Medium.ttf", SIZE)


def use(*, technical: bool) -> None:
    """Sets everything but Markdown in one of them from the next frame on."""
    font = Fonts.technical if technical else Fonts.reading
    if font is not None:
        imgui.get_io().font_default = font
