"""The log: what happened, newest last, without keys."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from imgui_bundle import hello_imgui, imgui

from src import theme_2
from src.window import controls

if TYPE_CHECKING:
    from src.app_controller import AppController
    from src.window.protocol import Window
    from src.work.log_book import LogRecord

_TABLE = imgui.TableFlags_.row_bg | imgui.TableFlags_.scroll_y | imgui.TableFlags_.scroll_x
LEVELS = ("debug", "info", "warning", "error")


class LogPanel:
    """What is filtered."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self.lowest = 1
        self.searched = ""
        self._last = 0

    def draw(self, controller: AppController) -> None:
        """One frame."""
        records = self._filter(controller.log.snapshot())
        imgui.set_next_item_width(hello_imgui.em_size(7))
        _, self.lowest = imgui.combo("##level", self.lowest, [f"{level} and up" for level in LEVELS])
        imgui.same_line()
        imgui.set_next_item_width(-controls.width_of_button("Copy") - imgui.get_style().item_spacing.x)
        _, self.searched = imgui.input_text_with_hint("##search", "Search", self.searched)
        imgui.same_line()
        if imgui.button("Copy"):
            imgui.set_clipboard_text("\n".join(_line(record) for record in records))
        if not records:
            controls.draw_muted("No messages of this level yet.")
            return
        self._draw_records(records)

    def _filter(self, records: tuple[LogRecord, ...]) -> list[LogRecord]:
        wanted, levels = self.searched.casefold().strip(), LEVELS[self.lowest :]
        return [
            one
            for one in records
            if one.level in levels and (not wanted or wanted in one.text.casefold() or wanted in one.source.casefold())
        ]

    def _draw_records(self, records: list[LogRecord]) -> None:
        if not imgui.begin_table("records", 3, _TABLE):
            return
        colours = theme_2.colours()
        shades = {"debug": colours.muted, "info": colours.text, "warning": colours.busy, "error": colours.failed}
        imgui.table_setup_column("when", imgui.TableColumnFlags_.width_fixed, hello_imgui.em_size(4))
        imgui.table_setup_column("where", imgui.TableColumnFlags_.width_fixed, hello_imgui.em_size(6))
        imgui.table_setup_column("what", imgui.TableColumnFlags_.width_stretch)
        clipper = imgui.ListClipper()
        clipper.begin(len(records))
        while clipper.step():
            for number in range(clipper.display_start, clipper.display_end):
                record = records[number]
                imgui.table_next_row()
                imgui.table_next_column()
                imgui.text_disabled(time.strftime("%H:%M:%S", time.localtime(record.at)))
                imgui.table_next_column()
                imgui.text_disabled(record.source)
                imgui.table_next_column()
                imgui.push_style_color(imgui.Col_.text, shades[record.level])
                imgui.text_unformatted(record.text.replace("\n", " "))
                imgui.pop_style_color()
                if imgui.is_item_hovered():
                    imgui.set_tooltip(record.text)
        if records[-1].number != self._last:
            self._last = records[-1].number
            imgui.set_scroll_y(imgui.get_scroll_max_y() + imgui.get_text_line_height_with_spacing())
        imgui.end_table()


def _line(record: LogRecord) -> str:
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record.at))
    return f"{when} {record.level:7} {record.source}: {record.text}"
