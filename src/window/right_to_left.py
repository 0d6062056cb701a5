"""Draws prose that runs from right to left: at the right edge, in visual order, its Markdown marks removed.

The renderer of Markdown knows one direction only. Until `reading_order` is warm, and after it failed, letters are
drawn in the order in which they were written.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable

from imgui_bundle import imgui

from importguard.warmup import NotWarmedError, WarmupFailedError
from importguard.warmup import require_warmed as _require_warmed
from src.window.markdown_blocks import compiled

MAX_KEPT = 256
_LETTER = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
_STRONG = rf"[A-Za-z\u00c0-\u02af\u0370-\u052f\u3040-\ud7ff]|([{_LETTER}])"
_RUN = rf"[{_LETTER}]++(?:[ ,.:;!?-]++[{_LETTER}]++)*+"
_HEADING = r" {0,3}(#{1,6})[ \t]++"
_ITEM = r" {0,3}[-*+][ \t]++"
_LINK = r"\[([^\[\]\n]{1,300}+)\]\(([^()\[\s]{1,500}+)\)"
_HEADING_SIZES = (1.6, 1.35, 1.2, 1.1, 1.05, 1.0)

_kept: OrderedDict[Hashable, tuple[tuple[str, float, float], tuple[str, ...]]] = OrderedDict()


def forget() -> None:
    """Drops the lines kept from frame to frame."""
    _kept.clear()


def is_right_to_left(text: str) -> bool:
    """The first letter of *text* that has a direction runs from right to left."""
    found = compiled(_STRONG).search(text)
    return found is not None and found[1] is not None


def turn_runs(text: str) -> str:
    """*text* with each run of right-to-left words in visual order; what runs from left to right stays."""
    try:
        order = _require_warmed("src.window.reading_order")
    except (NotWarmedError, WarmupFailedError):
        return text
    turned: str = compiled(_RUN).sub(lambda run: str(order.visual(run[0])), text)
    return turned


def draw(key: Hashable, prose: str) -> bool:
    """Draws *prose* when it runs from right to left and can be put in order; else False, and nothing is drawn."""
    if prose.isascii() or not is_right_to_left(prose):
        return False
    try:
        order = _require_warmed("src.window.reading_order")
    except (NotWarmedError, WarmupFailedError):
        return False
    heading = compiled(_HEADING).match(prose)
    size = imgui.get_style().font_size_base * (_HEADING_SIZES[len(heading[1]) - 1] if heading else 1.0)
    imgui.push_font(None, size)
    room = imgui.get_content_region_avail().x
    made_for = (prose, room, imgui.get_font_size())
    kept = _kept.get(key)
    if kept is None or kept[0] != made_for:
        found = order.lines(plain(prose), room, lambda text: imgui.calc_text_size(text).x)
        kept = _kept[key] = (made_for, found)
        if len(_kept) > MAX_KEPT:
            _kept.popitem(last=False)
    _kept.move_to_end(key)
    left = imgui.get_cursor_pos_x()
    for line in kept[1]:
        imgui.set_cursor_pos_x(left + max(0.0, room - imgui.calc_text_size(line).x))
        imgui.text_unformatted(line)
    imgui.pop_font()
    return True


def plain(prose: str) -> str:
    """*prose* without the marks of Markdown: a link keeps its address, an item gets a bullet."""
    text = compiled(_LINK).sub(r"\1 (\2)", prose.strip("\n")).replace("**", "").replace("__", "").replace("`", "")
    lines = [compiled(_ITEM).sub("\u2022 ", compiled(_HEADING).sub("", line, 1), 1) for line in text.split("\n")]
    return "\n".join(lines)
