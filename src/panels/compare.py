"""Side by side: one request to several models, their answers in columns, what differs, and which one to go on with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgui_bundle import hello_imgui, imgui
from imgui_bundle import icons_fontawesome_6 as icons

from src import theme_2
from src.turn.compared import GONE, HEAD, NEW, Column, Line, cells, differences
from src.window import controls

if TYPE_CHECKING:
    from src.app_controller import AppController
    from src.turn.comparison import ComparisonState
    from src.window.protocol import Window

_TABLE = imgui.TableFlags_.row_bg | imgui.TableFlags_.borders | imgui.TableFlags_.resizable
NARROWEST = 16  # em of a column of answers
MAX_SHOWN = 100_000  # characters of an answer


class ComparePanel:
    """Whether differences are shown, and those of the answers that were drawn last."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self.shows_differences = False
        self._lines: dict[int, tuple[str, str, tuple[Line, ...]]] = {}

    def draw(self, controller: AppController) -> None:
        """One frame."""
        self._draw_models(controller)
        state = controller.comparison.snapshot()
        if not state.columns:
            controls.draw_muted("Choose at least two models. What is typed, or the last question, goes to all at once.")
            return
        imgui.separator()
        self._draw_table(state)
        _, self.shows_differences = controls.draw_check("Differences from the first", self.shows_differences)
        self._draw_answers(controller, state)

    def _draw_models(self, controller: AppController) -> None:
        chosen = controller.settings.snapshot().compared
        for name in chosen:
            imgui.push_id(name)
            if controls.draw_icon_button(icons.ICON_FA_XMARK, "remove", "Do not ask this one"):
                controller.settings.change(compared=tuple(one for one in chosen if one != name))
            imgui.same_line()
            imgui.text_unformatted(controls.fit_here(name))
            imgui.pop_id()
        for name in ("compare.toggle", "compare.settings", "compare.ask"):
            command = self._window.commands.find(name)
            if command is None:
                continue
            reason = command.refusal()
            imgui.begin_disabled(bool(reason))
            if controls.draw_command_button(command.title, name):
                self._window.commands.run_command(command)
            imgui.end_disabled()
            if reason and imgui.is_item_hovered(imgui.HoveredFlags_.allow_when_disabled):
                imgui.set_tooltip(reason)

    def _draw_table(self, state: ComparisonState) -> None:
        flags = _TABLE | imgui.TableFlags_.scroll_x
        rows = (len(state.columns) + 1.8) * imgui.get_text_line_height_with_spacing()
        height = rows + imgui.get_style().scrollbar_size
        if not imgui.begin_table("figures", len(HEAD), flags, imgui.ImVec2(0, height)):
            return
        for title in HEAD:
            imgui.table_setup_column(title)
        imgui.table_headers_row()
        for column in state.columns:
            imgui.table_next_row()
            for cell in cells(column):
                imgui.table_next_column()
                imgui.text_unformatted(cell.partition("\n")[0])
                imgui.set_item_tooltip(cell)
        imgui.end_table()

    def _draw_answers(self, controller: AppController, state: ComparisonState) -> None:
        count = len(state.columns)
        room = imgui.get_content_region_avail()
        width = max(room.x, count * hello_imgui.em_size(NARROWEST))
        flags = _TABLE | imgui.TableFlags_.scroll_x | imgui.TableFlags_.scroll_y
        size = imgui.ImVec2(0, max(room.y, hello_imgui.em_size(10)))
        if not imgui.begin_table("answers", count, flags, size):
            return
        imgui.table_setup_scroll_freeze(0, 1)
        fixed = imgui.TableColumnFlags_.width_fixed
        for column in state.columns:
            label = f"{column.name}###{column.provider}/{column.name}"
            imgui.table_setup_column(label, fixed, width / count - hello_imgui.em_size(1))
        imgui.table_headers_row()
        imgui.table_next_row()
        shown = controller.discussion.snapshot().turns
        for number, column in enumerate(state.columns):
            imgui.table_next_column()
            imgui.push_id(number)
            self._draw_choice(controller, column, is_shown=any(turn.id == column.turn for turn in shown))
            self._draw_answer(number, state.columns[0], column)
            imgui.pop_id()
        imgui.end_table()

    def _draw_choice(self, controller: AppController, column: Column, *, is_shown: bool) -> None:
        if is_shown:
            controls.draw_coloured(theme_2.colours().ready, f"{icons.ICON_FA_CHECK}  The discussion goes on with this")
        elif column.turn and imgui.small_button("Go on with this"):
            self._window.attempt(lambda: controller.comparison.choose(column.turn))

    def _draw_answer(self, number: int, first: Column, column: Column) -> None:
        if column.refusal:
            controls.draw_coloured(theme_2.colours().failed, column.refusal)
            return
        text = column.reply.text[:MAX_SHOWN] if column.reply is not None else ""
        if not self.shows_differences or not number or first.reply is None:
            imgui.text_wrapped(text)
            return
        colours = theme_2.colours()
        for kind, line in self._differences(number, first.reply.text[:MAX_SHOWN], text):
            shade = {GONE: colours.failed, NEW: colours.ready}.get(kind, colours.muted)
            controls.draw_coloured(shade, f"{kind} {line}")

    def _differences(self, number: int, first: str, text: str) -> tuple[Line, ...]:
        known = self._lines.get(number)
        if known is None or known[:2] != (first, text):
            known = self._lines[number] = (first, text, differences(first, text))
        return known[2]
