"""The log: what happened, newest last, without keys."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from imgui_bundle import hello_imgui, imgui

from src import theme_2
from src.window import controls
from src.window.flow import Flow

if TYPE_CHECKING:
    from src.app_controller import AppController
    from src.window.protocol import Window
    from src.work.log_book import LogRecord

SETTLED = 3  # frames until it is known how high a new message is
LEVELS = ("debug", "info", "warning", "error")


class LogPanel:
    """What is filtered."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self.lowest = 1
        self.searched = ""
        self._last = self._rises = 0
        self._shown: object = None
        self._flow = Flow()

    def draw(self, controller: AppController) -> None:
        """One frame."""
        records = self._filter(controller.log.snapshot())
        imgui.set_next_item_width(hello_imgui.em_size(7))
        _, self.lowest = imgui.combo("##level", self.lowest, [f"{level} and up" for level in LEVELS])
        copy = controls.width_of_button("Copy") + imgui.get_style().item_spacing.x
        controls.stay_on_line(copy + hello_imgui.em_size(4))
        imgui.set_next_item_width(-copy)
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
        if imgui.begin_child("records"):
            shown = (records[0].number, imgui.get_content_region_avail().x, self.lowest, self.searched)
            if shown != self._shown:
                self._shown = shown
                self._flow.clear()
            line = imgui.get_text_line_height_with_spacing()
            self._flow.resize(len(records), lambda _number: 2 * line)
            self._flow.draw(lambda number: _draw_record(records[number]))
            if records[-1].number != self._last:
                self._last, self._rises = records[-1].number, SETTLED
            if self._rises:
                self._rises -= 1
                imgui.set_scroll_y(imgui.get_scroll_max_y())
        imgui.end_child()


def _draw_record(record: LogRecord) -> None:
    """When and where, then all of what happened."""
    colours = theme_2.colours()
    shades = {"debug": colours.muted, "info": colours.text, "warning": colours.busy, "error": colours.failed}
    when = time.strftime("%H:%M:%S", time.localtime(record.at))
    imgui.text_disabled(f"{when}  {record.level}  {record.source}")
    controls.draw_coloured(shades[record.level], record.text.replace("\n", " "))


def _line(record: LogRecord) -> str:
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record.at))
    return f"{when} {record.level:7} {record.source}: {record.text}"
