"""The NERV theme's scan lines, drawn over everything."""

from __future__ import annotations

from imgui_bundle import imgui

SPACING = 4.0  # pixels
_LINE = 0x14000000  # ABGR: black, 8 % opaque


def draw() -> None:
    """One frame of scan lines."""
    view = imgui.get_main_viewport()
    canvas = imgui.get_foreground_draw_list()
    height = view.pos.y
    while height < view.pos.y + view.size.y:
        left, right = imgui.ImVec2(view.pos.x, height), imgui.ImVec2(view.pos.x + view.size.x, height)
        canvas.add_line(left, right, _LINE)
        height += SPACING
