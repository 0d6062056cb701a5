"""The request: exactly what goes out next, part by part, with what each part weighs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgui_bundle import hello_imgui, imgui
from imgui_bundle import icons_fontawesome_6 as icons

from src import theme_2
from src.discussion.text import typed_text
from src.discussion.tree import sent_turns
from src.panels.composer import describe
from src.window import controls, secret_commands

if TYPE_CHECKING:
    from src.app_controller import AppController
    from src.discussion.tree import Turn
    from src.project_manager import ProjectState
    from src.request.preview import RequestPreview
    from src.request.sent_files import SentNow
    from src.window.protocol import Window

_TABLE = imgui.TableFlags_.row_bg | imgui.TableFlags_.scroll_y | imgui.TableFlags_.borders_outer
MAX_SHOWN = 200_000
MAX_HELD = 4
MAX_SENT_ROWS = 8
ACCEPTED = icons.ICON_FA_UNLOCK
NARROW = 14  # em; below it the names need the room of the first column
TITLES = {
    "preset": "Preset",
    "tools": "Tools",
    "schema": "Schema",
    "file": "File",
    "turn": "Turn",
    "draft": "What is typed",
    "attachment": "Attached",
}


SPOKEN = ("turn", "draft")  # parts whose label does not say what is in them
MAX_BEGINNING = 120  # characters


class RequestPanel:
    """Which part is opened."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self.chosen = 0
        self._opens = 0
        self._scrolls = False
        self._is_narrow = False
        self._overview: _Overview | None = None

    def open_turn(self, turn_id: int) -> None:
        """Chooses the part of the turn at the next frame."""
        self._opens = turn_id

    def draw(self, controller: AppController) -> None:
        """One frame."""
        preview = controller.preview()
        imgui.text_wrapped(describe(preview))
        if preview.window_tokens:
            share = preview.total_tokens / preview.window_tokens
            colours = theme_2.colours()
            controls.draw_bar(share, colours.failed if share > 1 else colours.busy if share > 0.8 else colours.accent)
        if preview.drops:
            controls.draw_coloured(theme_2.colours().failed, preview.drops)
        if preview.over_cap:
            controls.draw_coloured(theme_2.colours().busy, preview.over_cap)
        if missing := controller.missing_tools():
            said = f"Switched on and not sent, see Approvals: {', '.join(missing[:MAX_HELD])}"
            controls.draw_coloured(theme_2.colours().busy, f"{icons.ICON_FA_TRIANGLE_EXCLAMATION}  {said}")
        self._draw_held(controller, controller.project.snapshot())
        if not preview.parts:
            controls.draw_muted("Nothing would go out yet. Write something, or choose files in Context.")
            return
        from src.panels import cache_lines, part_marks  # the first frame has no parts

        cache_lines.draw_outlook(preview)
        overview = self._overview
        if overview is None or not overview.is_of(preview, controller.discussion.snapshot().turns):
            overview = self._overview = _Overview(preview, controller.discussion.snapshot().turns, overview)
        if self._opens:
            self._choose_turn(overview)
        room = imgui.get_content_region_avail().y
        self._draw_parts(overview, room * 0.45)
        part_marks.draw_left_out(controller, self._window, overview.left_out)
        self._draw_text(controller, overview)

    def _choose_turn(self, overview: _Overview) -> None:
        for number, turn in enumerate(overview.turns):
            if turn is not None and turn.id == self._opens:
                self.chosen = number
                self._scrolls = True
        self._opens = 0

    def _draw_held(self, controller: AppController, state: ProjectState) -> None:
        """The files that would go out but for what looks like a secret."""
        for file in state.held[:MAX_HELD]:
            controls.draw_coloured(
                theme_2.colours().busy, f"{icons.ICON_FA_LOCK}  {file.path} is kept back: {file.suspect}"
            )
            if imgui.small_button(f"Not a secret...###accept {file.path}"):
                secret_commands.accept(controller, self._window, file)
        if len(state.held) > MAX_HELD:
            controls.draw_muted(f"and {len(state.held) - MAX_HELD:,} more files")
        hidden = secret_commands.hidden_now(controller)
        if hidden and imgui.tree_node(f"{len(hidden):,} hidden in what tools answered###hidden"):
            for one in hidden[:MAX_HELD]:
                controls.draw_muted(f"{icons.ICON_FA_LOCK}  {one.tool}: {one.finding} ({one.finding.hint})")
                if imgui.small_button(f"Not a secret...###accept {one.finding.digest}"):
                    secret_commands.accept_hidden(controller, self._window, one)
            imgui.tree_pop()

    def _draw_parts(self, overview: _Overview, height: float) -> None:
        preview = overview.preview
        self._is_narrow = imgui.get_content_region_avail().x < hello_imgui.em_size(NARROW)
        if not imgui.begin_table("parts", 2 if self._is_narrow else 3, _TABLE, imgui.ImVec2(0, height)):
            return
        imgui.table_setup_scroll_freeze(0, 1)
        if not self._is_narrow:
            flags = imgui.TableColumnFlags_.width_fixed | imgui.TableColumnFlags_.no_resize
            imgui.table_setup_column("From", flags)
        imgui.table_setup_column("Part", imgui.TableColumnFlags_.width_stretch)
        imgui.table_setup_column("Tokens", imgui.TableColumnFlags_.width_fixed, hello_imgui.em_size(4))
        imgui.table_headers_row()
        if self._scrolls:
            self._scrolls = False
            row = imgui.get_text_line_height() + 2 * imgui.get_style().cell_padding.y
            imgui.set_scroll_y(row * (self.chosen + 1) - height / 2)
        clipper = imgui.ListClipper()
        clipper.begin(len(preview.parts))
        while clipper.step():
            for number in range(clipper.display_start, clipper.display_end):
                self._draw_row(overview, number)
        imgui.end_table()

    def _draw_row(self, overview: _Overview, number: int) -> None:
        preview, turn = overview.preview, overview.turns[number]
        part = preview.parts[number]
        imgui.table_next_row()
        imgui.table_next_column()
        if not self._is_narrow:
            imgui.text_colored(theme_2.colours().muted, TITLES.get(part.origin, part.origin))
            imgui.table_next_column()
        flags = imgui.SelectableFlags_.span_all_columns
        mark = f"{ACCEPTED}  " if part.accepted else ""
        label = part.label if self._is_narrow or part.origin != "draft" else ""  # the column before says the same
        shown = controls.fit_here(f"{mark}{controls.shown(label)}")
        row = imgui.get_cursor_screen_pos()
        if imgui.selectable(f"{shown}###part{number}", number == self.chosen, flags)[0]:
            self.chosen = number
        imgui.set_item_tooltip(part.label)
        if part.origin in SPOKEN:
            gap = imgui.get_style().item_spacing.x if shown else 0.0
            said = typed_text(turn.message) if turn is not None else ""  # rather than thoughts or a file
            _draw_beginning(said or part.text, row.x + imgui.calc_text_size(shown).x + gap)
        imgui.table_next_column()
        start, width = imgui.get_cursor_screen_pos(), imgui.get_content_region_avail().x
        high = imgui.get_text_line_height()
        shade = imgui.get_color_u32(theme_2.vector(theme_2.current().palette.accent, 0.25))
        filled = width * part.tokens / overview.largest
        imgui.get_window_draw_list().add_rect_filled(start, (start.x + filled, start.y + high), shade, 2)
        if preview.cache.of_part(number + 1):
            from src.panels import cache_lines

            cache_lines.draw_mark(preview, number + 1)
        label = controls.count(part.tokens)
        controls.move_right(imgui.calc_text_size(label).x)
        imgui.text_unformatted(label)

    def _draw_text(self, controller: AppController, overview: _Overview) -> None:
        preview = overview.preview
        self.chosen = min(self.chosen, len(preview.parts) - 1)
        part = preview.parts[self.chosen]
        text = (
            part.text
            if len(part.text) <= MAX_SHOWN
            else f"{part.text[:MAX_SHOWN]}\n... ({len(part.text):,} characters)"
        )
        controls.draw_title(part.label)
        if part.accepted:
            said = ", ".join(map(str, part.accepted))
            controls.draw_muted(f"{ACCEPTED}  Sent as it is, because you said that it is no secret: {said}")
            if imgui.small_button("Take that back"):
                secret_commands.take_back(controller, self._window, part.accepted)
        if imgui.small_button("Copy this part"):
            imgui.set_clipboard_text(part.text)
        label = "Copy as JSON" if self._is_narrow else "Copy the request as JSON"
        controls.stay_on_line(controls.width_of_button(label))
        command = self._window.commands.find("request.copy")
        if command is not None and imgui.small_button(f"{label}###copy"):
            self._window.commands.run_command(command)
        if turn := overview.turns[self.chosen]:
            _draw_sent(controller.sent_files(turn.id))
            from src.panels import part_marks

            part_marks.draw_turn(controller, self._window, turn)
        imgui.input_text_multiline(
            "##text", text, imgui.ImVec2(-1, -1), imgui.InputTextFlags_.read_only | imgui.InputTextFlags_.word_wrap
        )


class _Overview:
    """What the panel shows of all parts and turns: worked out when they change, because there may be thousands.

    `turns` has the turn of each part, None for a part that is no turn; `largest` is the most tokens of a part.
    """

    def __init__(self, preview: RequestPreview, turns: tuple[Turn, ...], before: _Overview | None) -> None:
        from src.panels.part_marks import LeftOut

        self.preview = preview
        self._all_turns = turns
        same = before if before is not None and before._all_turns is turns else None  # at each letter that is typed
        self._sent: tuple[Turn, ...] = same._sent if same is not None else sent_turns(turns)
        self.left_out: LeftOut = same.left_out if same is not None else LeftOut(turns)
        sent = iter(self._sent)
        self.turns = tuple(next(sent, None) if part.origin == "turn" else None for part in preview.parts)
        self.largest = max(part.tokens for part in preview.parts) or 1

    def is_of(self, preview: RequestPreview, turns: tuple[Turn, ...]) -> bool:
        """Whether it was made of this preview and these turns."""
        return self.preview is preview and self._all_turns is turns


def _draw_beginning(text: str, left: float) -> None:
    """The first words of *text* behind the label of its row, from the pixel *left* on."""
    imgui.same_line()
    imgui.set_cursor_screen_pos(imgui.ImVec2(left, imgui.get_cursor_screen_pos().y))
    imgui.text_disabled(controls.fit_here(controls.shown(" ".join(text[:MAX_BEGINNING].split()))))


def _draw_sent(files: tuple[SentNow, ...] | None) -> None:
    """The files that went out with a turn, and which of them are no longer as they were."""
    if files is None:
        controls.draw_working("Looking at the files that went out with it")
        return
    if not files:
        return
    changed = sum(bool(one.change) for one in files)
    since = f"{changed:,} changed since" if changed else "none changed since"
    if not imgui.tree_node(f"{len(files):,} file{'s' * (len(files) > 1)} went out, {since}###sent"):
        return
    colours = theme_2.colours()
    rows = min(len(files), MAX_SENT_ROWS) + 0.5
    if imgui.begin_table("sent", 2, _TABLE, imgui.ImVec2(0, rows * imgui.get_text_line_height_with_spacing())):
        clipper = imgui.ListClipper()
        clipper.begin(len(files))
        while clipper.step():
            for one in files[clipper.display_start : clipper.display_end]:
                imgui.table_next_row()
                imgui.table_next_column()
                imgui.text_unformatted(one.file.path)
                imgui.set_item_tooltip(f"{one.file.path}\n{one.file.size:,} bytes went out, SHA-256 {one.file.digest}")
                imgui.table_next_column()
                imgui.text_colored(colours.busy if one.change else colours.muted, one.change or "as it was")
                imgui.set_item_tooltip(one.change or "as it was")
        imgui.end_table()
    imgui.tree_pop()
