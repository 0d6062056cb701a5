"""What was spent: caps, what was paid to which model, and the last requests."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from imgui_bundle import hello_imgui, imgui

from src import theme_2
from src.spending.entries import day_of
from src.spending.report import Row, rows
from src.window import controls

if TYPE_CHECKING:
    from src.app_controller import AppController
    from src.models.prices import Caps, Spent
    from src.spending.entries import Entry
    from src.window.protocol import Window

_TABLE = imgui.TableFlags_.row_bg | imgui.TableFlags_.borders_outer
PERIODS = ("Today", "This month", "All")
SHOWN = 200  # requests in the list
FULL = 0.8  # of a cap: it is shown as nearly reached


class SpendingPanel:
    """Which period is shown; the rows of it, until the ledger changes."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self.period = 0
        self._seen: tuple[int, int, str] | None = None
        self._rows: tuple[Row, ...] = ()
        self._last: tuple[Entry, ...] = ()

    def draw(self, controller: AppController) -> None:
        """One frame."""
        caps = controller.caps()
        self._draw_caps(caps)
        for number, title in enumerate(PERIODS):
            if number:
                imgui.same_line()
            if controls.draw_radio(title, self.period == number):
                self.period = number
        self._look(controller)
        if notice := controller.ledger.notice:
            controls.draw_coloured(theme_2.colours().failed, notice)
        if not self._rows:
            controls.draw_muted("Nothing was asked for in this time.")
        else:
            self._draw_rows()
        command = self._window.commands.find("spending.export")
        if command is not None and controls.draw_command_button(command.title, "export"):
            self._window.commands.run_command(command)
        self._draw_last()

    def _draw_caps(self, caps: Caps) -> None:
        sums = caps.sums
        bars = (
            ("Today", sums.day, caps.day_usd),
            ("This project", sums.project, caps.project_usd),
            ("This discussion", sums.discussion, caps.usd),
        )
        for title, spent, cap in bars:
            of = f" of ${cap:,.2f}" if cap is not None else ""
            imgui.text_wrapped(f"{title}: {controls.money(spent)}{of}")
            if cap:
                _draw_share(spent, cap)
        if caps.request_usd is not None:
            controls.draw_muted(f"A request: ${caps.request_usd:,.2f} at most")

    def _look(self, controller: AppController) -> None:
        revision, today = controller.ledger.revision, day_of(time.time())
        if self._seen == (revision, self.period, today):
            return
        self._seen = (revision, self.period, today)
        entries, start = controller.ledger.entries(), (today, today[:7], "")[self.period]
        chosen = tuple(entry for entry in entries if entry.day.startswith(start))
        self._rows, self._last = rows(chosen), tuple(reversed(chosen[-SHOWN:]))

    def _draw_rows(self) -> None:
        titles = ("Paid to", "In", "Cached", "Out", "Paid")
        shown = _with_room(titles, (9, 3, 4, 3, 5))
        if not _begin("models", tuple(titles[number] for number in shown), _TABLE):
            return
        for row in self._rows:
            share = f"{row.cached_tokens / row.input_tokens:.0%}" if row.input_tokens else "-"
            tokens = controls.count(row.input_tokens), share, controls.count(row.output_tokens)
            cells = (f"{row.provider} {row.model}", *tokens, _short(row.paid))
            tokens_said = f"{row.input_tokens:,} tokens in, {share} cached, {row.output_tokens:,} out"
            said = f"{cells[0]}: {row.requests:,} requests, {tokens_said}, {controls.money(row.paid)}"
            _draw_cells(tuple(cells[number] for number in shown), said)
        imgui.end_table()

    def _draw_last(self) -> None:
        controls.draw_title("The last requests")
        height = max(hello_imgui.em_size(6), imgui.get_content_region_avail().y)
        flags = _TABLE | imgui.TableFlags_.scroll_y
        titles = ("To", "When", "Tokens", "Paid")
        shown = _with_room(titles, (9, 3 if not self.period else 6, 6, 5))
        if not _begin("entries", tuple(titles[number] for number in shown), flags, height):
            return
        for entry in self._last:
            used = entry.usage
            tokens = (
                f"{controls.count(used.input_tokens)} in, {controls.count(used.output_tokens)} out" if used else "?"
            )
            when = time.strftime("%H:%M" if not self.period else "%d %b %H:%M", time.localtime(entry.at))
            cells = (f"{entry.order.provider} {entry.order.model}", when, tokens, paid(entry))
            _draw_cells(tuple(cells[number] for number in shown), ", ".join(cells))
        imgui.end_table()


def _with_room(titles: tuple[str, ...], widths: tuple[float, ...]) -> tuple[int, ...]:
    """The numbers of the columns that fit; *widths* in em. The first and the last stay, of the others the first go."""
    shown, room = list(range(len(titles))), imgui.get_content_region_avail().x / hello_imgui.em_size(1)
    while len(shown) > 2 and sum(widths[number] for number in shown) > room:
        del shown[1]
    return tuple(shown)


def _short(amount: Spent) -> str:
    """*amount* for a column: how much is unknown is in words only where the row is pointed at."""
    if not amount.unknown:
        return controls.money(amount)
    return f"{controls.money(amount.known)} + ?" if amount.known.nanos else "unknown"


def paid(entry: Entry) -> str:
    """What an entry cost, in words."""
    if not entry.end:
        return f"up to {controls.money(entry.order.highest)}, not settled"
    return f"{'~' if entry.guessed else ''}{controls.money(entry.cost)}"


def _draw_share(spent: Spent, cap: float) -> None:
    share, colours = spent.known.usd / cap, theme_2.colours()
    controls.draw_bar(share, colours.failed if share > 1 else colours.busy if share > FULL else colours.accent)


def _begin(name: str, titles: tuple[str, ...], flags: int, height: float = 0.0) -> bool:
    """A table whose first column takes the room that the others leave."""
    if not imgui.begin_table(name, len(titles), flags | imgui.TableFlags_.sizing_fixed_fit, imgui.ImVec2(0, height)):
        return False
    imgui.table_setup_scroll_freeze(0, 1)
    for number, title in enumerate(titles):
        flags_of = imgui.TableColumnFlags_  # without a hand on it, a column follows the widest of what is in it now
        imgui.table_setup_column(title, flags_of.width_fixed | flags_of.no_resize if number else flags_of.width_stretch)
    imgui.table_headers_row()
    return True


def _draw_cells(cells: tuple[str, ...], said: str = "") -> None:
    imgui.table_next_row()
    for number, cell in enumerate(cells):
        imgui.table_next_column()
        imgui.text_unformatted(cell if number else controls.fit_model(cell, " ", imgui.get_content_region_avail().x))
        imgui.set_item_tooltip(said or cell)
