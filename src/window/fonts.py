"""The fonts of the window: Roboto for reading, Inconsolata for technical looks, others for scripts that a text needs.

Guarantees
- A script's font is loaded after the first text that needs it, one font a frame; the first frame pays for none.
- A file is read once, however many of the window's fonts it completes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from imgui_bundle import hello_imgui, imgui

if TYPE_CHECKING:
    from src.storage.fonts import FontsState

SIZE = 16.0
READING, TECHNICAL = "fonts/Roboto/Roboto-Regular.ttf", "fonts/Inconsolata-Medium.ttf"
_LOAD_COLOUR = 1 << 8  # ImGuiFreeTypeLoaderFlags_LoadColor, which has no name in Python


class Fonts:
    """The fonts loaded in this window, by file; the scripts that texts need, and which of them are in which font."""

    loaded: ClassVar[dict[str, imgui.ImFont]] = {}
    needed: ClassVar[dict[str, None]] = {}  # a set that keeps the order
    files: ClassVar[dict[str, tuple[object, int]]] = {}  # the atlas has their bytes: address and size
    completed: ClassVar[set[tuple[int, str]]] = set()


def load() -> None:
    """Loads the first of them; the callback of hello_imgui for that. Glyphs are drawn when they are first needed."""
    Fonts.loaded = {READING: hello_imgui.load_font_ttf_with_font_awesome_icons(READING, SIZE)}
    Fonts.files, Fonts.completed, Fonts.needed = {}, set(), {}


def use(*, technical: bool) -> None:
    """Sets everything but Markdown in one of them from the next frame on. Between frames."""
    if not Fonts.loaded:  # the window has none yet; it asks again when it has
        return
    name = TECHNICAL if technical else READING
    if name not in Fonts.loaded:
        Fonts.loaded[name] = hello_imgui.load_font_ttf_with_font_awesome_icons(name, SIZE)
    imgui.get_io().font_default = Fonts.loaded[name]


def need(text: str) -> None:
    """*text* is about to be drawn: its scripts get a font, if there is one. Costs nothing for plain Latin."""
    if not text.isascii():
        from src.storage.scripts import scripts_in  # a window of plain Latin never loads it

        Fonts.needed |= dict.fromkeys(sorted(scripts_in(text) - Fonts.needed.keys()))


def complete(state: FontsState) -> tuple[str, ...]:
    """Gives one font what it lacks of the scripts needed so far; the scripts for which no font was found.

    Between frames. Asks for another frame while there is more to do.
    """
    if not Fonts.needed or not Fonts.loaded:
        return ()
    from src.storage.scripts import BY_NAME

    for name in Fonts.needed:
        if path := state.found.get(name):
            for font in imgui.get_io().fonts.fonts:
                key = (font.font_id, path)
                if key not in Fonts.completed:
                    Fonts.completed.add(key)
                    _merge(font, path, BY_NAME[name].scale)
                    hello_imgui.request_refresh()
                    return ()
    return tuple(name for name in Fonts.needed if name not in state.found) if state.looked else ()


def unshaped() -> tuple[str, ...]:
    """The scripts needed so far whose letters the toolkit cannot join."""
    from src.storage.scripts import BY_NAME

    return tuple(name for name in Fonts.needed if BY_NAME[name].is_joined)


def needs_order() -> bool:
    """Whether some text so far runs from right to left."""
    return "Arabic" in Fonts.needed or "Hebrew" in Fonts.needed


def _merge(font: imgui.ImFont, path: str, scale: float) -> None:
    atlas, config = imgui.get_io().fonts, imgui.ImFontConfig()
    config.merge_mode, config.dst_font, config.font_loader_flags = True, font, _LOAD_COLOUR
    config.extra_size_scale = scale
    if path not in Fonts.files:
        atlas.add_font_from_file_ttf(path, 0.0, config)
        added = atlas.sources[len(atlas.sources) - 1]  # not kept: the atlas moves its list when it grows
        Fonts.files[path] = (added.font_data, added.font_data_size)
        return
    config.font_data, config.font_data_size = Fonts.files[path]
    config.font_data_owned_by_atlas = False
    atlas.add_font(config)
