"""Side by side: one request to several models, their answers in columns, what differs, and which one to go on with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgui_bundle import hello_imgui, imgui
from imgui_bundle import icons_fontawesome_6 as icons

from src import theme_2
from src.panels.turn_body import TurnBody
from src.turn.compared import GONE, HEAD, NEW, Column, Line, cells, differences
from src.window import controls

if TYPE_CHECKING:
    from src.app_controller import AppController
    from src.turn.comparison import ComparisonState
    from src.window.protocol import Window

_TABLE = imgui.TableFlags_.row_bg | imgui.TableFlags_.borders
NARROWEST = 16  # em of a column of answers
NARROWEST_MODEL = 9  # em of the model's name beside its figures
MAX_SHOWN = 100_000  # characters of an answer


class ComparePanel:
    """Whether differences are shown, and those of the answers that were drawn last."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self.shows_differences = False
        self._lines: dict[int, tuple[str, str, tuple[Line, ...]]] = {}
        self._asked, self._bodies = 0, dict[int, TurnBody]()

    def draw(self, controller: AppController) -> None:
        """One frame."""
        self._draw_models(controller)
        state = controller.comparison.snapshot()
        if not state.columns:
            controls.draw_muted(
                "Choose at least two models, each in the composer, then Add. What is typed, or else the last question, "
                "goes to all at once."
            )
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
        now = controller.composer.snapshot()
        is_chosen = f"{now.provider}/{now.model}" in chosen
        labels = (
            ("compare.toggle", f"Take {now.model} out" if is_chosen else f"Add {now.model}"),
            ("compare.settings", "Add it with other settings..."),
            ("compare.ask", "Ask all"),
        )
        for number, (name, label) in enumerate(labels):
            command = self._window.commands.find(name)
            if command is None:
                continue
            if number:
                controls.stay_on_line(controls.width_of_button(label))
            reason = command.refusal()
            imgui.begin_disabled(bool(reason))
            if controls.draw_command_button(label, name):
                self._window.commands.run_command(command)
            imgui.end_disabled()
            if imgui.is_item_hovered(imgui.HoveredFlags_.allow_when_disabled):
                imgui.set_tooltip(reason or command.title)

    def _draw_table(self, state: ComparisonState) -> None:
        """The figures. The model has the room that they leave; where there is none, they are scrolled beside it."""
        rows = tuple(cells(column) for column in state.columns)
        pad, line = imgui.get_style().cell_padding, imgui.get_text_line_height()
        widths = [max(imgui.calc_text_size(row[at].partition("\n")[0]).x for row in (HEAD, *rows))
                  for at in range(len(HEAD))]  # fmt: skip
        rest = sum(widths[1:]) + len(HEAD) * (2 * pad.x + 1)
        room = imgui.get_content_region_avail().x - rest
        widths[0] = min(widths[0], max(room, hello_imgui.em_size(NARROWEST_MODEL)))
        is_wider = widths[0] > room
        height = (len(rows) + 1) * (line + 2 * pad.y) + 2 + (imgui.get_style().scrollbar_size if is_wider else 0)
        flags = _TABLE | (imgui.TableFlags_.scroll_x if is_wider else imgui.TableFlags_.none)
        if not imgui.begin_table("figures", len(HEAD), flags, imgui.ImVec2(0, height if is_wider else 0)):
            return
        imgui.table_setup_scroll_freeze(1, 1)
        for title, width in zip(HEAD, widths, strict=True):
            imgui.table_setup_column(title.capitalize(), imgui.TableColumnFlags_.width_fixed, width)
        imgui.table_headers_row()
        for row in rows:
            imgui.table_next_row()
            for number, cell in enumerate(row):
                imgui.table_next_column()
                shown = cell.partition("\n")[0]
                imgui.text_unformatted(shown if number else controls.fit_model(shown, "/", widths[0]))
                imgui.set_item_tooltip(cell)
        imgui.end_table()

    def _draw_answers(self, controller: AppController, state: ComparisonState) -> None:
        count = len(state.columns)
        room = imgui.get_content_region_avail()
        width = max(room.x, count * hello_imgui.em_size(NARROWEST))
        flags = _TABLE | imgui.TableFlags_.scroll_x | imgui.TableFlags_.scroll_y | imgui.TableFlags_.resizable
        size = imgui.ImVec2(0, max(room.y, hello_imgui.em_size(10)))
        if not imgui.begin_table("answers", count, flags, size, width):
            return
        imgui.table_setup_scroll_freeze(0, 1)
        for column in state.columns:
            label = f"{column.name}###{column.provider}/{column.name}"
            imgui.table_setup_column(label, imgui.TableColumnFlags_.width_stretch)
        imgui.table_headers_row()
        imgui.table_next_row()
        shown = controller.discussion.snapshot().turns
        for number, column in enumerate(state.columns):
            imgui.table_next_column()
            imgui.push_id(number)
            self._draw_choice(controller, column, is_shown=any(turn.id == column.turn for turn in shown))
            self._draw_answer(number, state, column)
            imgui.pop_id()
        imgui.end_table()

    def _draw_choice(self, controller: AppController, column: Column, *, is_shown: bool) -> None:
        if is_shown:
            controls.draw_coloured(theme_2.colours().ready, f"{icons.ICON_FA_CHECK}  The discussion goes on with this")
        elif column.turn and imgui.small_button("Go on with this"):
            self._window.attempt(lambda: controller.comparison.choose(column.turn))

    def _draw_answer(self, number: int, state: ComparisonState, column: Column) -> None:
        first = state.columns[0]
        if column.refusal:
            controls.draw_coloured(theme_2.colours().failed, column.refusal)
            return
        if column.reply is None:
            return
        text = column.reply.text[:MAX_SHOWN]
        if not self.shows_differences or not number or first.reply is None:
            self._body(state.asked, number).draw(column.reply.message(), is_growing=not column.has_ended)
            return
        colours = theme_2.colours()
        for kind, line in self._differences(number, first.reply.text[:MAX_SHOWN], text):
            shade = {GONE: colours.failed, NEW: colours.ready}.get(kind, colours.muted)
            controls.draw_coloured(shade, f"{kind} {line}")

    def _body(self, asked: int, number: int) -> TurnBody:
        """What draws the answer of that column; another one for each question."""
        if self._asked != asked:
            self._asked, self._bodies = asked, {}
        if number not in self._bodies:
            self._bodies[number] = TurnBody(f"compared{asked}.{number}")
        return self._bodies[number]

    def _differences(self, number: int, first: str, text: str) -> tuple[Line, ...]:
        known = self._lines.get(number)
        if known is None or known[:2] != (first, text):
            known = self._lines[number] = (first, text, differences(first, text))
        return known[2]
