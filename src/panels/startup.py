"""The start: its moments, and every warmup job with its state, time and retry."""

from __future__ import annotations

from imgui_bundle import imgui

from src import theme_2
from src.app_controller import AppController

_TABLE = imgui.TableFlags_.row_bg | imgui.TableFlags_.borders_inner_h | imgui.TableFlags_.sizing_fixed_fit


class StartupPanel:
    """The longest frame so far."""

    def __init__(self) -> None:
        self.worst_frame_ms = 0.0

    def draw(self, controller: AppController) -> None:
        """One frame."""
        if imgui.get_frame_count() > 3:  # the first frames build fonts and the dock layout
            self.worst_frame_ms = max(self.worst_frame_ms, imgui.get_io().delta_time * 1000)
        imgui.separator_text("Moments")
        if imgui.begin_table("moments", 2, _TABLE):
            for name, ms in controller.startup_profile().items():
                self._row(name, f"{ms:,.0f} ms")
            self._row("longest frame", f"{self.worst_frame_ms:,.0f} ms")
            imgui.end_table()
        imgui.separator_text("Warmup")
        self._draw_jobs(controller)

    def _draw_jobs(self, controller: AppController) -> None:
        status = controller.warmup_status()
        times = dict(status.job_ms)
        if not imgui.begin_table("jobs", 3, _TABLE):
            return
        imgui.table_setup_column("module")
        imgui.table_setup_column("state", imgui.TableColumnFlags_.width_stretch)
        imgui.table_setup_column("time")
        for name in status.completed:
            self._job(name, "ready", theme_2.colours().ready, f"{times[name]:,.0f} ms")
        if status.running:
            self._job(status.running, "running", theme_2.colours().busy, f"{status.running_ms:,.0f} ms")
        for name in status.pending:
            self._job(name, "pending", theme_2.colours().muted, "")
        for name, reason in status.failed:
            self._job(name, f"failed: {reason}", theme_2.colours().failed, "")
            if imgui.small_button(f"Retry##{name}"):
                controller.retry_warmup(name)
        imgui.end_table()

    def _job(self, name: str, state: str, colour: imgui.ImVec4, time: str) -> None:
        imgui.table_next_row()
        imgui.table_next_column()
        imgui.text(name)
        imgui.table_next_column()
        imgui.push_style_color(imgui.Col_.text, colour)
        imgui.text_wrapped(state)
        imgui.pop_style_color()
        imgui.table_next_column()
        if time:
            imgui.text(time)

    def _row(self, name: str, value: str) -> None:
        imgui.table_next_row()
        imgui.table_next_column()
        imgui.text(name)
        imgui.table_next_column()
        imgui.text(value)
