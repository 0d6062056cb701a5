"""The status bar's warmup dot, and the toast above it."""

from __future__ import annotations

import time

from imgui_bundle import hello_imgui, imgui

from src import theme_2
from src.app_controller import AppController
from src.toasts import Toast

TOAST_S = 4.0


def warmup_label(controller: AppController) -> tuple[str, imgui.ImVec4]:
    """The sentence and the dot's colour."""
    status = controller.warmup_status()
    if not status.done:
        return f"Warming up... ({len(status.completed) + len(status.failed)}/{status.total})", theme_2.colours().busy
    if status.failed:
        name, reason = status.failed[0]
        return f"{len(status.failed)} not ready: {name} ({reason})", theme_2.colours().failed
    return "All imports ready", theme_2.colours().ready


def draw_status(controller: AppController) -> None:
    """The dot and its sentence."""
    label, colour = warmup_label(controller)
    height = imgui.get_text_line_height()
    corner = imgui.get_cursor_screen_pos()
    centre = imgui.ImVec2(corner.x + height / 2, corner.y + height / 2)
    imgui.get_window_draw_list().add_circle_filled(centre, height * 0.3, imgui.color_convert_float4_to_u32(colour))
    imgui.dummy(imgui.ImVec2(height, height))
    imgui.same_line()
    imgui.text(label)


class ToastPanel:
    """Which toast is shown, and since when."""

    def __init__(self) -> None:
        self._shown: Toast | None = None
        self._since = 0.0

    def draw(self, controller: AppController) -> None:
        """The last toast, for four seconds, in the lower right corner."""
        toast = controller.snapshot().toast
        if toast is None:
            return
        if toast != self._shown:
            self._shown, self._since = toast, time.monotonic()
        if time.monotonic() - self._since > TOAST_S:
            return
        view = imgui.get_main_viewport()
        margin = hello_imgui.em_size(1.0)
        corner = imgui.ImVec2(
            view.pos.x + view.size.x - margin, view.pos.y + view.size.y - hello_imgui.em_size(2.5) - margin
        )
        imgui.set_next_window_pos(corner, imgui.Cond_.always, imgui.ImVec2(1, 1))
        flags = (
            imgui.WindowFlags_.no_decoration
            | imgui.WindowFlags_.no_inputs
            | imgui.WindowFlags_.no_docking
            | imgui.WindowFlags_.no_focus_on_appearing
            | imgui.WindowFlags_.no_saved_settings
            | imgui.WindowFlags_.always_auto_resize
        )
        imgui.begin("##toast", None, flags)
        imgui.text(toast.text)
        imgui.end()
