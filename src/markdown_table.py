"""Markdown tables: text to rows (`parse`), rows to an imgui table (`draw`)."""

from __future__ import annotations

from imgui_bundle import imgui

MAX_COLUMNS = 32


def parse(lines: list[str]) -> list[list[str]] | None:
    """The cells of a pipe table, header first, rows padded to its width; None when *lines* are not one."""
    if len(lines) < 2 or "|" not in lines[0] or lines[1].strip(" |:-\t") or "-" not in lines[1]:
        return None
    rows = [
        [cell.strip().replace("`", "") for cell in line.strip().strip("|").split("|")]
        for line in (lines[0], *lines[2:])
    ]
    width = min(len(rows[0]), MAX_COLUMNS)
    return [(row + [""] * width)[:width] for row in rows]


def draw(identifier: str, rows: list[list[str]]) -> None:
    """Draws the rows; the first is the header."""
    flags = imgui.TableFlags_.borders | imgui.TableFlags_.row_bg | imgui.TableFlags_.resizable
    if imgui.begin_table(identifier, len(rows[0]), flags):
        for name in rows[0]:
            imgui.table_setup_column(name)
        imgui.table_headers_row()
        for row in rows[1:]:
            imgui.table_next_row()
            for cell in row:
                imgui.table_next_column()
                imgui.text_wrapped(cell)
        imgui.end_table()
