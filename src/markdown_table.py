"""Markdown tables: text to rows (`parse`), rows to an imgui table that sorts on click and copies as TSV (`draw`)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from typing import Literal

from imgui_bundle import hello_imgui, imgui

from src.value import Value
from src.window import formulas, markdown_code
from src.window.markdown_blocks import compiled

MAX_COLUMNS = 32
MAX_CELL = 2_000  # characters drawn; the copy has all
WRAPPED_ROWS = 200  # more rows are drawn one line each, so that only the visible ones cost anything
MAX_KEPT = 64

Alignment = Literal["left", "center", "right"]
_MARKED = r"[*_`\[<~&\\]"
_PLAIN = r"\*\*|__|`|~~|(?<!\w)[*_]|[*_](?!\w)"
_PIPE = r"(?<!\\)\|"
_NUMBER = r"[^\d.eE+-]"


class Table(Value):
    """The cells as Markdown, header apart, every row as wide as it; and the columns' alignments."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    alignments: tuple[Alignment, ...]

    def to_tsv(self, order: Sequence[int] | None = None) -> str:
        """Header and rows (in *order*) as lines of plain text between tabs, as a spreadsheet pastes them."""
        rows = self.rows if order is None else [self.rows[number] for number in order]
        return "\n".join("\t".join(plain(cell).replace("\t", " ") for cell in row) for row in (self.header, *rows))


def parse(text: str) -> Table | None:
    """The pipe table in *text*, at most 32 columns; None when it is not one."""
    lines = text.strip("\n").split("\n")
    if len(lines) < 2 or "|" not in lines[0] or lines[1].strip(" |:-\t") or "-" not in lines[1]:
        return None
    header = tuple(_cells(lines[0])[:MAX_COLUMNS])
    width = len(header)
    rows = tuple(tuple((_cells(line) + [""] * width)[:width]) for line in lines[2:] if line.strip())
    marks = (_cells(lines[1]) + [""] * width)[:width]
    return Table(header, rows, tuple(_alignment(mark) for mark in marks))


def _cells(line: str) -> list[str]:
    inner = line.strip().removeprefix("|")
    if inner.endswith("|") and not inner.endswith("\\|"):
        inner = inner[:-1]
    return [cell.strip().replace("\\|", "|") for cell in compiled(_PIPE).split(inner)]


def _alignment(mark: str) -> Alignment:
    if mark.endswith(":"):
        return "center" if mark.startswith(":") else "right"
    return "left"


def plain(cell: str) -> str:
    """The cell without its marks of emphasis and code."""
    return compiled(_PLAIN).sub("", cell)


def sort_key(cells: Sequence[str]) -> list[tuple[float, str]]:
    """For each of a column's cells what to sort it by: numbers if all but the empty ones are, else letters."""
    texts = [plain(cell) for cell in cells]
    numbers = [_to_number(text) for text in texts]
    if all(number is not None or not text for number, text in zip(numbers, texts, strict=True)):
        return [(float("-inf") if number is None else number, "") for number in numbers]
    return [(0.0, text.casefold()) for text in texts]


def _to_number(text: str) -> float | None:
    try:
        return float(compiled(_NUMBER).sub("", text)) if text[:1] in "+-.0123456789$€£<>~" and text else None
    except ValueError:
        return None


class _Shown:
    """A table as it is drawn: parsed once, its order, and the widths in pixels that its columns would like."""

    def __init__(self, text: str, table: Table) -> None:
        self.text = text
        self.table = table
        self.order: Sequence[int] = range(len(table.rows))
        rows = (table.header, *table.rows[:WRAPPED_ROWS])
        longest = (max((plain(row[column])[:200] for row in rows), key=len) for column in range(len(table.header)))
        self.weights = [imgui.calc_text_size(cell).x + hello_imgui.em_size(2.2) for cell in longest]

    def sort(self, column: int, direction: imgui.SortDirection | None) -> None:
        """Sorts by *column*; None restores the order of the text."""
        if direction is None or direction == imgui.SortDirection.none:
            self.order = range(len(self.table.rows))
            return
        keys = sort_key([row[column] for row in self.table.rows])
        descending = direction == imgui.SortDirection.descending
        self.order = sorted(range(len(keys)), key=keys.__getitem__, reverse=descending)


_shown: OrderedDict[Hashable, _Shown] = OrderedDict()


def forget() -> None:
    """Drops every table drawn before."""
    _shown.clear()


def draw(key: Hashable, text: str) -> bool:
    """Draws the table in *text*; False when it is none. *key* tells one table from another from frame to frame."""
    shown = _shown.get(key)
    if shown is None or shown.text != text:
        table = parse(text)
        if table is None:
            return False
        shown = _shown[key] = _Shown(text, table)
        if len(_shown) > MAX_KEPT:
            _shown.popitem(last=False)
    _shown.move_to_end(key)
    table, order, count = shown.table, shown.order, len(shown.table.rows)
    note = f"{count:,} row{'s' * (count != 1)}"
    markdown_code.draw_bar(note, "Copy as TSV", lambda: table.to_tsv(order))
    _draw_table(shown, table)
    return True


def _draw_table(shown: _Shown, table: Table) -> None:
    flags = (
        imgui.TableFlags_.borders_inner_v
        | imgui.TableFlags_.borders_outer
        | imgui.TableFlags_.row_bg
        | imgui.TableFlags_.resizable
        | imgui.TableFlags_.sortable
        | imgui.TableFlags_.sort_tristate
        | imgui.TableFlags_.sizing_stretch_prop
        | imgui.TableFlags_.no_saved_settings
    )
    if not imgui.begin_table("##table", len(table.header), flags):
        return
    room = imgui.get_content_region_avail().x
    for name, weight in zip(table.header, shown.weights, strict=True):
        wide = imgui.TableColumnFlags_.width_stretch
        imgui.table_setup_column(plain(name)[:200], wide, max(weight, room * 0.06))
    imgui.table_headers_row()
    specs = imgui.table_get_sort_specs()
    if specs is not None and specs.specs_dirty:
        if specs.specs_count:
            first = specs.get_specs(0)
            shown.sort(first.column_index, first.sort_direction)
        else:
            shown.sort(0, None)
        specs.specs_dirty = False
    if len(table.rows) <= WRAPPED_ROWS:
        for number in shown.order:
            _draw_row(table, table.rows[number], wrapped=True)
    else:
        clipper = imgui.ListClipper()
        clipper.begin(len(table.rows))
        while clipper.step():
            for position in range(clipper.display_start, clipper.display_end):
                _draw_row(table, table.rows[shown.order[position]], wrapped=False)
    imgui.end_table()


def _draw_row(table: Table, row: tuple[str, ...], *, wrapped: bool) -> None:
    imgui.table_next_row()
    for number, cell in enumerate(row):
        imgui.table_next_column()
        _draw_cell(cell, table.alignments[number], wrapped)


def _draw_cell(cell: str, alignment: Alignment, wrapped: bool) -> None:
    short = cell if len(cell) <= MAX_CELL else f"{cell[:MAX_CELL]}..."
    if wrapped and alignment == "left" and compiled(_MARKED).search(short):
        formulas.render(short)
        return
    text = plain(short)
    if alignment != "left":
        free = imgui.get_content_region_avail().x - imgui.calc_text_size(text).x
        if free > 0:
            imgui.set_cursor_pos_x(imgui.get_cursor_pos_x() + (free if alignment == "right" else free / 2))
    if wrapped:
        imgui.text_wrapped(text)
    else:
        imgui.text_unformatted(text.replace("\n", " "))
