"""What the provider's cache does for the next request, and did for an answer, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from src import theme_2
from src.window import controls

if TYPE_CHECKING:
    from src.request.cache_result import CacheResult
    from src.request.preview import RequestPreview

READ, WRITE = icons.ICON_FA_BOLT, icons.ICON_FA_FLOPPY_DISK
TIPS = {"read": "Read from the provider's cache", "write": "Written to the provider's cache"}


def draw_outlook(preview: RequestPreview) -> None:
    """The lines above the parts of the next request."""
    cache = preview.cache
    if cache.read or cache.written:
        read = f"{READ} {controls.count(cache.read)} from the cache" if cache.read else ""
        written = f"{WRITE} {controls.count(cache.written)} written to {'it' if read else 'the cache'}"
        said = [read, written if cache.written else "", _saving(preview)]
        controls.draw_muted("   ".join(one for one in said if one))
    elif preview.parts:
        controls.draw_muted(f"Cache: {cache.why}")
    if cache.broken:
        controls.draw_coloured(theme_2.colours().busy, f"{icons.ICON_FA_LINK_SLASH}  {cache.broken}")


def _saving(preview: RequestPreview) -> str:
    if preview.saved is None:
        return ""
    nanos = preview.saved.nanos
    if nanos < 0:
        return f"costs {controls.money(preview.saved._replace(nanos=-nanos))} more now"
    return f"saves {controls.money(preview.saved)}" if nanos else ""


def draw_mark(preview: RequestPreview, number: int) -> None:
    """The mark of part *number*, from 1 on, if it is read from the cache, or written to it."""
    if does := preview.cache.of_part(number):
        shade = theme_2.colours().ready if does == "read" else theme_2.colours().muted
        imgui.text_colored(shade, READ if does == "read" else WRITE)
        imgui.set_item_tooltip(TIPS[does])
        imgui.same_line()


def result_words(result: CacheResult | None) -> str:
    """What the cache did for an answer, short; empty when it did nothing."""
    if result is None:
        return ""
    said = f"{READ} {result.rate:.0%} cached"
    if result.saved is not None and result.saved.nanos:
        nanos = result.saved.nanos
        more = controls.money(result.saved._replace(nanos=abs(nanos)))
        said += f", {more} saved" if nanos > 0 else f", {more} for writing it"
    return said
