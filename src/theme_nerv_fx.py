"""The NERV theme's effects: scan lines, a flash around the window at an alert, a status hexagon. Draws only.

Nothing here moves by itself: between alerts no frame is asked for, so an idle window stays idle. A flash fades once, in
less than a second; it never repeats fast enough to harm.
"""

from __future__ import annotations

import math

from imgui_bundle import hello_imgui, imgui

FLASH_S = 0.8
MAX_LINES = 160


class Effects:
    """When the last alert was."""

    def __init__(self) -> None:
        self._alert_at = -math.inf

    def alert(self) -> None:
        """Starts a flash."""
        self._alert_at = imgui.get_time()

    def draw(self, alarm: imgui.ImVec4) -> None:
        """One frame, over everything; *alarm* is the colour of the flash."""
        view = imgui.get_main_viewport()
        canvas = imgui.get_foreground_draw_list()
        _draw_scan_lines(canvas, view)
        left = 1.0 - (imgui.get_time() - self._alert_at) / FLASH_S
        if left > 0:
            _draw_flash(canvas, view, alarm, left)
            hello_imgui.request_refresh()


def _draw_scan_lines(canvas: imgui.ImDrawList, view: imgui.Viewport) -> None:
    spacing = max(4.0, view.size.y / MAX_LINES)
    left, right, top = view.pos.x, view.pos.x + view.size.x, view.pos.y
    line = imgui.get_color_u32(imgui.ImVec4(0, 0, 0, 0.22))
    for number in range(int(view.size.y / spacing)):
        height = top + number * spacing
        canvas.add_line((left, height), (right, height), line)


def _draw_flash(canvas: imgui.ImDrawList, view: imgui.Viewport, alarm: imgui.ImVec4, strength: float) -> None:
    wide = hello_imgui.em_size(0.6)
    colour = imgui.get_color_u32(imgui.ImVec4(alarm.x, alarm.y, alarm.z, 0.8 * strength))
    inset = wide / 2
    first = (view.pos.x + inset, view.pos.y + inset)
    last = (view.pos.x + view.size.x - inset, view.pos.y + view.size.y - inset)
    canvas.add_rect(first, last, colour, 0.0, wide)


def draw_hexagon(centre: tuple[float, float], radius: float, colour: imgui.ImVec4) -> None:
    """The status hexagon: the outline and the core, in place of the status bar's dot."""
    canvas = imgui.get_window_draw_list()
    shade = imgui.get_color_u32(colour)
    canvas.add_ngon(centre, radius, shade, 6, max(1.0, radius * 0.18))
    canvas.add_ngon_filled(centre, radius * 0.55, shade, 6)
