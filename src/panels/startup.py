"""The start: its phases and warmup jobs on a time line, what was predicted beside what was measured, pool, frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgui_bundle import hello_imgui, imgui, implot
from imgui_bundle import icons_fontawesome_6 as icons

from src import theme_2
from src.value import Value
from src.window import controls

if TYPE_CHECKING:
    from importguard.warmup import JobStatus
    from src.app_controller import AppController
    from src.window.protocol import Window

_TABLE = imgui.TableFlags_.row_bg | imgui.TableFlags_.borders_outer
PHASES = {
    "main": "interpreter",
    "controller": "controller",
    "imgui_bundle": "imgui_bundle",
    "gui": "own modules",
    "immapp.run": "",
    "window": "window",
    "first frame": "first frame",
}
GOAL_MS = 33.0
WIDE = 19  # em; below it a title and its figure take a line of their own
SEEN = 0.005  # the share of the line that a finished job must take to be drawn; the table has all


class Bar(Value):
    """A stretch of the time line in milliseconds since the process began."""

    label: str
    begin: float
    end: float
    kind: str  # "phase", or a job's state


class StartupPanel:
    """The bars of the last status, made once for each."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._bars: tuple[object, list[Bar]] = (None, [])
        self._plots: implot.Context | None = None

    def draw(self, controller: AppController) -> None:
        """One frame."""
        status, marks = controller.warmup_status(), controller.startup_profile()
        if self._bars[0] != (status.jobs, tuple(marks)):
            self._bars = ((status.jobs, tuple(marks)), time_line(marks, status.jobs))
        self._draw_summary(controller, marks)
        self._draw_time_line(self._bars[1])
        controls.draw_title("Warmup")
        self._draw_jobs(controller, status.jobs)

    def _draw_summary(self, controller: AppController, marks: dict[str, float]) -> None:
        colours, frames, pool = theme_2.colours(), controller.frames, controller.io_pool_status()
        first = _ms(marks["first frame"]) if "first frame" in marks else "not yet"
        ready = _ms(marks["warmup done"]) if "warmup done" in marks else "not yet"
        cells = (
            ("First frame", first, colours.text),
            ("All ready", ready, colours.text),
            (
                "Longest frame",
                f"{frames.worst_ms:,.0f} ms",
                colours.busy if frames.worst_ms > GOAL_MS else colours.ready,
            ),
            ("Pool busy", f"{pool.running} of {pool.workers}", colours.text),
        )
        columns = 4 if imgui.get_content_region_avail().x >= hello_imgui.em_size(WIDE) else 2
        if not imgui.begin_table("summary", columns, imgui.TableFlags_.sizing_fixed_fit.value):
            return
        for title, value, colour in cells:
            imgui.table_next_column()
            imgui.text_disabled(title)
            imgui.table_next_column()
            imgui.text_colored(colour, value)
        imgui.end_table()

    def _draw_time_line(self, bars: list[Bar]) -> None:
        if not bars:
            return
        if implot.get_current_context() is None:  # made when it is first needed: no start without the panel pays for it
            self._plots = implot.create_context()
        flags = implot.Flags_.no_legend | implot.Flags_.no_title | implot.Flags_.no_menus | implot.Flags_.no_mouse_text
        height = hello_imgui.em_size(3.2 + 1.2 * len(bars))
        implot.push_style_color(implot.Col_.frame_bg, imgui.ImVec4(0, 0, 0, 0))
        implot.push_style_color(implot.Col_.plot_bg, theme_2.colours().field)
        if implot.begin_plot("##timeline", imgui.ImVec2(-1, height), flags):
            quiet = implot.AxisFlags_.no_tick_labels | implot.AxisFlags_.no_tick_marks | implot.AxisFlags_.no_grid_lines
            implot.setup_axes(
                "ms since the process began", "", 0, quiet | implot.AxisFlags_.invert | implot.AxisFlags_.lock
            )
            last = max(bar.end for bar in bars)
            implot.setup_axis_limits(implot.ImAxis_.x1, 0, max(last * 1.02, 1), implot.Cond_.once)
            implot.setup_axis_limits_constraints(implot.ImAxis_.x1, 0, max(last * 1.2, 1))
            implot.setup_axis_limits(implot.ImAxis_.y1, -0.2, len(bars) + 0.2, implot.Cond_.always)
            self._draw_bars(bars)
            implot.end_plot()
        implot.pop_style_color(2)

    def _draw_bars(self, bars: list[Bar]) -> None:
        colours = theme_2.colours()
        shades = {"phase": colours.accent, "running": colours.busy, "failed": colours.failed}
        implot.push_plot_clip_rect()
        canvas, start = implot.get_plot_draw_list(), implot.get_plot_pos().x
        edge = start + implot.get_plot_size().x
        for row, bar in enumerate(bars):
            first = implot.plot_to_pixels(bar.begin, row + 0.15)
            last = implot.plot_to_pixels(bar.end, row + 0.85)
            wide = max(last.x, first.x + 2)
            shade = imgui.get_color_u32(shades.get(bar.kind, colours.ready))
            canvas.add_rect_filled((first.x, first.y), (wide, last.y), shade, 2)
            label = f"{bar.label.removeprefix('src.providers.')}  {bar.end - bar.begin:,.0f} ms"
            room = imgui.calc_text_size(label).x + 10
            y = (first.y + last.y - imgui.get_text_line_height()) / 2
            right, left = wide + room < edge, first.x - room > start
            inside = wide - first.x > room or not (right or left)
            x = first.x + 5 if inside else wide + 5 if right else first.x - room + 5
            text = colours.on_accent if inside else colours.text
            if inside and wide - first.x <= room:  # no room anywhere: the name alone
                label = label.partition("  ")[0]
            canvas.add_text((x, y), imgui.get_color_u32(text), label)
        implot.pop_plot_clip_rect()

    def _draw_jobs(self, controller: AppController, jobs: tuple[JobStatus, ...]) -> None:
        if not imgui.begin_table("jobs", 3, _TABLE):
            return
        imgui.table_setup_column("Module", imgui.TableColumnFlags_.width_stretch)
        imgui.table_setup_column("Predicted", imgui.TableColumnFlags_.width_fixed, hello_imgui.em_size(4.5))
        imgui.table_setup_column("Took", imgui.TableColumnFlags_.width_fixed, hello_imgui.em_size(4))
        imgui.table_headers_row()
        for job in jobs:
            imgui.push_id(job.module)
            self._draw_job(controller, job)
            imgui.pop_id()
        imgui.end_table()

    def _draw_job(self, controller: AppController, job: JobStatus) -> None:
        colours = theme_2.colours()
        icon, shade = {
            "completed": (icons.ICON_FA_CHECK, colours.ready),
            "running": (icons.ICON_FA_ARROWS_ROTATE, colours.busy),
            "failed": (icons.ICON_FA_XMARK, colours.failed),
        }.get(job.state, (icons.ICON_FA_CLOCK, colours.muted))
        imgui.table_next_row()
        imgui.table_next_column()
        imgui.text_colored(shade, icon)
        imgui.same_line(0, hello_imgui.em_size(0.5))
        imgui.text_unformatted(job.module)
        imgui.set_item_tooltip("\n".join(line for line in (job.state, job.reason, job.thread, job.traceback) if line))
        if job.state == "failed":
            controls.draw_coloured(colours.failed, job.failure)
            if imgui.small_button(f"Retry###retry {job.module}"):
                controller.retry_warmup(job.module)
        imgui.table_next_column()
        _draw_ms(job.cost_us / 1000 if job.cost_us is not None else None)
        imgui.table_next_column()
        _draw_ms(job.elapsed_ms if job.order else None)


def _draw_ms(ms: float | None) -> None:
    label = "" if ms is None else _ms(ms)
    controls.move_right(imgui.calc_text_size(label).x)
    imgui.text_unformatted(label)


def _ms(ms: float) -> str:
    return f"{ms:,.0f} ms" if ms < 10_000 else f"{ms / 1000:,.1f} s"


def time_line(marks: dict[str, float], jobs: tuple[JobStatus, ...]) -> list[Bar]:
    """The phases up to the first frame, then the jobs one after the other in the order in which they began."""
    bars: list[Bar] = []
    last = 0.0
    for name, at in marks.items():
        if name in PHASES:
            if PHASES[name]:
                bars.append(Bar(PHASES[name], last, at, "phase"))
            last = at
    for job in sorted((job for job in jobs if job.order), key=lambda job: job.order):
        bars.append(Bar(job.module, last, last + job.elapsed_ms, job.state))
        last += job.elapsed_ms
    return [bar for bar in bars if bar.kind in ("phase", "failed", "running") or bar.end - bar.begin >= last * SEEN]
