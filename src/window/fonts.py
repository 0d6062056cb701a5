"""The fonts of the window: Roboto for reading, Inconsolata for technical looks; both ship with imgui-bundle."""

from __future__ import annotations

from typing import ClassVar

from imgui_bundle import hello_imgui, imgui

SIZE = 16.0
READING, TECHNICAL = "fonts/Roboto/Roboto-Regular.ttf", "fonts/Inconsolata-Medium.ttf"


class Fonts:
    """The fonts loaded in this window, by file."""

    loaded: ClassVar[dict[str, imgui.ImFont]] = {}


def load() -> None:
    """Loads the first of them; the callback of hello_imgui for that. Glyphs are drawn when they are first needed."""
    Fonts.loaded = {READING: hello_imgui.load_font_ttf_with_font_awesome_icons(READING, SIZE)}


def use(*, technical: bool) -> None:
    """Sets everything but Markdown in one of them from the next frame on. Between frames."""
    if not Fonts.loaded:  # the window has none yet; it asks again when it has
        return
    name = TECHNICAL if technical else READING
    if name not in Fonts.loaded:
        Fonts.loaded[name] = hello_imgui.load_font_ttf_with_font_awesome_icons(name, SIZE)
    imgui.get_io().font_default = Fonts.loaded[name]
