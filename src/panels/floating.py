"""Floating panels: windows over the others, as wide as their lines need."""

from __future__ import annotations

from collections.abc import Callable

from imgui_bundle import hello_imgui, imgui

WIDTH, HEIGHT = 46.0, 38.0  # em, where the window has room for it


class Floating:
    """Whether it is open, and whether it comes to the front at the next frame."""

    def __init__(self, title: str, draw: Callable[[], None]) -> None:
        self.title = title
        self.is_open = False
        self._draw = draw
        self._rises = False
        self._area = imgui.ImVec4(0, 0, 0, 0)  # left, top, right, bottom

    def show(self) -> None:
        """Opens it, in front and with the keyboard."""
        self.is_open = self._rises = True

    def uncover(self, area: imgui.ImVec4) -> None:
        """Closes it when it covers a part of *area*."""
        own = self._area
        if own.x < area.z and area.x < own.z and own.y < area.w and area.y < own.w:
            self.is_open = False

    def draw(self) -> None:
        """One frame; call it outside any window."""
        if not self.is_open:
            return
        view = imgui.get_main_viewport()
        wide = min(hello_imgui.em_size(WIDTH), view.work_size.x * 0.94)
        high = min(hello_imgui.em_size(HEIGHT), view.work_size.y * 0.92)
        imgui.set_next_window_size(imgui.ImVec2(wide, high), imgui.Cond_.appearing)
        imgui.set_next_window_pos(view.get_work_center(), imgui.Cond_.appearing, imgui.ImVec2(0.5, 0.5))
        if self._rises:
            self._rises = False
            imgui.set_next_window_focus()
        flags = imgui.WindowFlags_.no_docking | imgui.WindowFlags_.no_saved_settings | imgui.WindowFlags_.no_collapse
        shown, is_open = imgui.begin(self.title, True, flags)
        first, size = imgui.get_window_pos(), imgui.get_window_size()
        self._area = imgui.ImVec4(first.x, first.y, first.x + size.x, first.y + size.y)
        if shown:
            self._draw()
        self.is_open = bool(is_open) and not (_has_keyboard() and imgui.is_key_pressed(imgui.Key.escape, False))
        imgui.end()


def _has_keyboard() -> bool:
    """The panel itself has the keyboard: no field of it, and no list or question over it."""
    return imgui.is_window_focused() and not imgui.is_any_item_active()
