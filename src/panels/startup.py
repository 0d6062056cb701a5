"""The start: its moments, and every warmup job with its state, time and retry."""

from __future__ import annotations

from imgui_bundle import imgui

from importguard.warmup import JobStatus
from src import theme_2
from src.app_controller import AppController

_TABLE = imgui.TableFlags_.row_bg | imgui.TableFlags_.borders_inner_h | imgui.TableFlags_.sizing_fixed_fit

_WORDS = {"completed": "ready"}


class StartupPanel:
    """What the controller knows of its start."""

    def draw(self, controller: AppController) -> None:
        """One frame."""
        imgui.separator_text("Moments")
        if imgui.begin_table("moments", 2, _TABLE):
            for name, ms in controller.startup_profile().items():
                self._cells(name, f"{ms:,.0f} ms")
            self._cells("longest frame", f"{controller.frames.worst_ms:,.0f} ms")
            imgui.end_table()
        imgui.separator_text("Warmup")
        self._draw_jobs(controller)

    def _draw_jobs(self, controller: AppController) -> None:
        if not imgui.begin_table("jobs", 5, _TABLE):
            return
        for title in ("", "module"):
            imgui.table_setup_column(title)
        imgui.table_setup_column("state", imgui.TableColumnFlags_.width_stretch)
        for title in ("predicted", "took"):
            imgui.table_setup_column(title)
        imgui.table_headers_row()
        for job in controller.warmup_status().jobs:
            self._draw_job(controller, job)
        imgui.end_table()

    def _draw_job(self, controller: AppController, job: JobStatus) -> None:
        predicted = f"{job.cost_us / 1000:,.0f} ms" if job.cost_us is not None else ""
        took = f"{job.elapsed_ms:,.0f} ms" if job.order else ""
        self._cells(str(job.order or ""), job.module)
        if imgui.is_item_hovered():
            imgui.set_tooltip("\n".join(text for text in (job.reason, job.thread, job.traceback) if text))
        imgui.table_next_column()
        imgui.push_style_color(imgui.Col_.text, _colour_of(job))
        imgui.text_wrapped(f"failed: {job.failure}" if job.failure else _WORDS.get(job.state, job.state))
        imgui.pop_style_color()
        if job.state == "failed" and imgui.small_button(f"Retry##{job.module}"):
            controller.retry_warmup(job.module)
        for text in (predicted, took):
            imgui.table_next_column()
            imgui.text(text)

    def _cells(self, *texts: str) -> None:
        imgui.table_next_row()
        for text in texts:
            imgui.table_next_column()
            imgui.text(text)


def _colour_of(job: JobStatus) -> imgui.ImVec4:
    colours = theme_2.colours()
    return {"running": colours.busy, "completed": colours.ready, "failed": colours.failed}.get(job.state, colours.muted)
