"""An answer that follows a schema: whether it fits, and its values as a table or a tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from src import theme_2
from src.structured.fit import Fit, Table, shown, table_of
from src.window import controls

if TYPE_CHECKING:
    from src.app_controller import AppController
    from src.discussion.tree import Turn

_TABLE = imgui.TableFlags_.row_bg | imgui.TableFlags_.borders | imgui.TableFlags_.resizable | imgui.TableFlags_.scroll_y
MAX_LINES = 15  # rows of a table that are seen at once
MAX_CHILDREN = 500
MAX_ERRORS = 5


def draw(controller: AppController, turn: Turn) -> None:
    """What is known of the answer *turn* beside its schema."""
    fit = controller.fit_of(turn)
    if fit is None:
        controls.draw_muted("The answer is being checked against its schema.")
        return
    colours = theme_2.colours()
    if fit.errors:
        controls.draw_coloured(colours.failed, f"{icons.ICON_FA_XMARK}  It does not fit the schema.")
        for error in fit.errors[:MAX_ERRORS]:
            controls.draw_coloured(colours.failed, error)
    else:
        controls.draw_coloured(colours.ready, f"{icons.ICON_FA_CHECK}  It fits the schema.")
    if fit.value is not None:
        draw_value(fit)


def draw_value(fit: Fit) -> None:
    """The value as a table where it is one, else as a tree."""
    table = table_of(fit.value)
    if isinstance(fit.value, dict):
        for name, one in fit.value.items():
            if table is None or not isinstance(one, list):
                _draw_node(str(name), one)
    elif table is None:
        _draw_node("answer", fit.value)
    if table is not None:
        _draw_table(table)


def _draw_table(table: Table) -> None:
    lines = min(len(table.rows), MAX_LINES) + 1.5
    size = imgui.ImVec2(0, lines * imgui.get_text_line_height_with_spacing())
    if not imgui.begin_table("fields", len(table.columns), _TABLE, size):
        return
    imgui.table_setup_scroll_freeze(0, 1)
    for name in table.columns:
        imgui.table_setup_column(name)
    imgui.table_headers_row()
    clipper = imgui.ListClipper()
    clipper.begin(len(table.rows))
    while clipper.step():
        for row in table.rows[clipper.display_start : clipper.display_end]:
            imgui.table_next_row()
            for cell in row:
                imgui.table_next_column()
                imgui.text_unformatted(controls.shown(cell))
                imgui.set_item_tooltip(cell)
    imgui.end_table()


def _draw_node(name: str, value: Any) -> None:
    if not isinstance(value, dict | list):
        imgui.text_wrapped(f"{controls.shown(name)}: {controls.shown(shown(value))}")
        return
    children = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    if imgui.tree_node(f"{controls.shown(name)}  ({len(children):,})###{name}"):
        for number, (key, one) in enumerate(children[:MAX_CHILDREN]):
            imgui.push_id(number)
            _draw_node(str(key), one)
            imgui.pop_id()
        imgui.tree_pop()
