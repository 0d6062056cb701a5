"""The toasts: short notices stacked in a corner, never over the composer or what waits for approval. Draws only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from imgui_bundle import hello_imgui, imgui
from imgui_bundle import icons_fontawesome_6 as icons

from src import theme_2
from src.window import controls

if TYPE_CHECKING:
    from src.app_controller import AppController
    from src.work.toasts import Toast

SECONDS = {"info": 5.0, "success": 4.0, "warning": 9.0, "error": 20.0}
MAX_SHOWN = 5
WIDTH = 21  # em
_FLAGS = (
    imgui.WindowFlags_.no_decoration
    | imgui.WindowFlags_.no_docking
    | imgui.WindowFlags_.no_focus_on_appearing
    | imgui.WindowFlags_.no_nav
    | imgui.WindowFlags_.no_move
    | imgui.WindowFlags_.no_saved_settings
    | imgui.WindowFlags_.always_auto_resize
)


class ToastStack:
    """Since when each toast is shown, and how high one was."""

    def __init__(self) -> None:
        self._since: dict[int, float] = {}
        self._height = 0.0

    def draw(self, controller: AppController, keep_out: Sequence[imgui.ImVec4]) -> None:
        """One frame. *keep_out*: places on the screen that stay free, each left, top, right, bottom."""
        toasts = controller.toasts.snapshot()
        now = imgui.get_time()
        self._since = {toast.number: self._since.get(toast.number, now) for toast in toasts}
        for toast in toasts:
            if not toast.sticky and now - self._since[toast.number] > SECONDS[toast.kind]:
                controller.toasts.dismiss(toast.number)
        if not toasts:
            return
        view = imgui.get_main_viewport()
        width = min(hello_imgui.em_size(WIDTH), view.size.x * 0.8)
        left, top, grows_up, count = place(_area(view), keep_out, (width, self._height), min(len(toasts), MAX_SHOWN))
        y, heights = top, 0.0
        for toast in reversed(toasts[-count:]):
            height = self._draw_toast(controller, toast, (left, y), width, grows_up)
            y += -height if grows_up else height
            heights += height
        self._height = heights / count

    def _draw_toast(
        self, controller: AppController, toast: Toast, corner: tuple[float, float], width: float, grows_up: bool
    ) -> float:
        colours = theme_2.colours()
        icon, shade = {
            "info": (icons.ICON_FA_CIRCLE_INFO, colours.accent),
            "success": (icons.ICON_FA_CIRCLE_CHECK, colours.ready),
            "warning": (icons.ICON_FA_TRIANGLE_EXCLAMATION, colours.busy),
            "error": (icons.ICON_FA_CIRCLE_XMARK, colours.failed),
        }[toast.kind]
        imgui.set_next_window_pos(corner, imgui.Cond_.always, imgui.ImVec2(0, 1 if grows_up else 0))
        imgui.set_next_window_size_constraints(imgui.ImVec2(width, 0), imgui.ImVec2(width, 100_000))
        imgui.push_style_color(imgui.Col_.window_bg, colours.raised)
        imgui.begin(f"###toast{toast.number}", None, _FLAGS)
        if not imgui.is_popup_open("", imgui.PopupFlags_.any_popup.value):  # a menu or a question stays in front
            imgui.internal.bring_window_to_display_front(imgui.internal.get_current_window())
        first, size = imgui.get_window_pos(), imgui.get_window_size()
        stripe = (first.x + hello_imgui.em_size(0.22), first.y + size.y)
        imgui.get_window_draw_list().add_rect_filled(first, stripe, imgui.get_color_u32(shade), 0)
        imgui.text_colored(shade, icon)
        imgui.same_line(hello_imgui.em_size(2.2))
        imgui.push_text_wrap_pos(width - hello_imgui.em_size(2.6))
        imgui.text_unformatted(toast.text)
        imgui.pop_text_wrap_pos()
        imgui.same_line()
        imgui.set_cursor_pos_x(width - hello_imgui.em_size(2.2))
        if controls.draw_icon_button(icons.ICON_FA_XMARK, "dismiss", "Dismiss"):
            controller.toasts.dismiss(toast.number)
        imgui.end()
        imgui.pop_style_color()
        return size.y + hello_imgui.em_size(0.4)


def _area(view: imgui.Viewport) -> imgui.ImVec4:
    """Where toasts may be: inside the work area, a little off its edges."""
    gap = hello_imgui.em_size(0.8)
    first, size = view.work_pos, view.work_size
    below = imgui.get_frame_height() * 1.4  # the status bar, which is not part of the work area's margin
    top = first.y + imgui.get_frame_height() + gap
    return imgui.ImVec4(first.x + gap, top, first.x + size.x - gap, first.y + size.y - gap - below)


def place(
    area: imgui.ImVec4, keep_out: Sequence[imgui.ImVec4], size: tuple[float, float], count: int
) -> tuple[float, float, bool, int]:
    """The place for *count* toasts of this size that leaves *keep_out* free; fewer toasts when all find no room.

    Below where it can be, else just above what stays free: the heads of the panels, with their tabs and buttons, are
    covered last. Rectangles: left, top, right, bottom. It answers x, y, whether it grows upwards, how many.
    """
    width, each = size
    left, top, right, bottom = area
    lowest = min(
        (one.y for one in keep_out if one.y < one.w and one.x < right and one.z > right - width), default=bottom
    )
    above = ((right - width, lowest, True),) if lowest < bottom else ()
    corners = (
        (right - width, bottom, True),
        *above,
        (right - width, top, False),
        (left, bottom, True),
        (left, top, False),
    )
    for fewer in range(count, 0, -1):
        height = each * fewer
        for x, y, grows_up in corners:
            first = y - height if grows_up else y
            if first < top or first + height > bottom:
                continue
            if all(x >= one.z or x + width <= one.x or first >= one.w or first + height <= one.y for one in keep_out):
                return x, y, grows_up, fewer
    return right - width, top, False, 1
