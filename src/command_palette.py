"""The command palette: type, arrows, Enter. Draws only; which commands exist is in `commands`."""

from __future__ import annotations

from collections.abc import Callable

from imgui_bundle import hello_imgui, imgui

from src import theme_2
from src.commands import Command, Commands
from src.window import controls
from src.window.early_letters import EarlyLetters

NAME = "Commands##palette"
ROWS = 12


class CommandPalette:
    """What is typed and which row is chosen. *end_preview* undoes what a command's preview shows."""

    def __init__(self, commands: Commands, end_preview: Callable[[], object]) -> None:
        self._commands = commands
        self._end_preview = end_preview
        self._wanted = self._was_open = self._is_new = False
        self._early = EarlyLetters()
        self._typed = ""
        self._chosen = 0
        self._step = 0
        self._previewed = ""

    @property
    def is_open(self) -> bool:
        """It has the keyboard."""
        return self._was_open

    def open(self) -> None:
        """Opens it at the next frame with nothing typed; closes it when it is open."""
        self._wanted = True

    def draw(self) -> None:
        """One frame; call it outside any window."""
        closing = self._wanted and self._was_open
        if self._wanted and not closing:
            imgui.open_popup(NAME)
            self._typed, self._chosen = "", 0
        self._wanted = False
        view = imgui.get_main_viewport()
        top = imgui.ImVec2(view.pos.x + view.size.x / 2, view.pos.y + view.size.y * 0.12)
        imgui.set_next_window_pos(top, imgui.Cond_.always, imgui.ImVec2(0.5, 0.0))
        width = min(hello_imgui.em_size(38), view.size.x * 0.94)
        imgui.set_next_window_size(imgui.ImVec2(width, 0))
        if not imgui.begin_popup(NAME):
            if self._was_open:
                self._leave()
            return
        self._was_open = True
        self._draw_open()
        if closing or imgui.is_key_pressed(imgui.Key.escape):
            imgui.close_current_popup()
        imgui.end_popup()

    def _leave(self) -> None:
        self._was_open = False
        if self._previewed:
            self._previewed = ""
            self._end_preview()

    def _draw_open(self) -> None:
        if imgui.is_window_appearing():
            imgui.set_keyboard_focus_here()
            self._is_new = True
        self._early.offer(waits=self._is_new)
        imgui.set_next_item_width(-1)
        flags = imgui.InputTextFlags_.enter_returns_true | imgui.InputTextFlags_.callback_history
        before = self._typed
        entered, self._typed = imgui.input_text_with_hint(
            "##typed", "Type what you want to do", self._typed, flags, self._on_arrow
        )
        self._is_new = not self._early.keep() and self._is_new
        if self._typed != before:
            self._chosen = 0
        found = self._commands.match(self._typed)
        self._chosen = max(0, min(self._chosen + self._step, len(found) - 1))
        moved, self._step = self._step != 0 or self._typed != before, 0
        if not found:
            imgui.text_disabled("No command has these letters in this order.")
            return
        clicked = self._draw_rows(found, moved)
        chosen = found[clicked if clicked is not None else self._chosen]
        self._show_preview(chosen)
        if entered or clicked is not None:
            self._run(chosen)

    def _run(self, command: Command) -> None:
        if command.refusal():
            return  # the row says why; the palette stays open
        self._previewed = ""  # what was shown is now meant
        imgui.close_current_popup()
        self._commands.run_command(command)

    def _show_preview(self, command: Command) -> None:
        name = command.id if command.preview else ""
        if name == self._previewed:
            return
        if command.preview is not None:
            command.preview()
        else:
            self._end_preview()
        self._previewed = name

    def _draw_rows(self, found: tuple[Command, ...], moved: bool) -> int | None:
        height = imgui.get_text_line_height() + hello_imgui.em_size(0.75)
        imgui.push_style_var(imgui.StyleVar_.item_spacing, imgui.ImVec2(0, 0))
        clicked = None
        view = imgui.get_main_viewport()
        below = view.pos.y + view.size.y - imgui.get_cursor_screen_pos().y - 2 * imgui.get_style().window_padding.y
        rows = max(2, min(ROWS, len(found), int(below / height)))
        if imgui.begin_child("rows", imgui.ImVec2(0, height * rows)):
            for number, command in enumerate(found):
                chosen = number == self._chosen
                if imgui.selectable(f"##{command.id}", chosen, 0, imgui.ImVec2(0, height))[0]:
                    clicked = number
                if chosen and moved:
                    imgui.set_scroll_here_y(0.5)
                if imgui.is_item_visible():
                    self._draw_row(command, imgui.get_item_rect_min(), imgui.get_item_rect_max())
        imgui.end_child()
        imgui.pop_style_var()
        return clicked

    def _draw_row(self, command: Command, first: imgui.ImVec2, last: imgui.ImVec2) -> None:
        colours = theme_2.colours()
        reason = command.refusal()
        canvas, muted = imgui.get_window_draw_list(), imgui.get_color_u32(colours.muted)
        gap = hello_imgui.em_size(0.5)
        y = (first.y + last.y - imgui.get_text_line_height()) / 2
        keys = self._commands.keys_of(command)
        right = last.x - gap
        if keys:
            right -= imgui.calc_text_size(keys).x
            canvas.add_text((right, y), muted, keys)
            right -= gap * 2
        x = first.x + gap
        title = muted if reason else imgui.get_color_u32(colours.text)
        canvas.add_text((x, y), title, command.title)
        x += imgui.calc_text_size(command.title).x + gap * 1.5
        note = imgui.get_color_u32(colours.busy) if reason else muted
        canvas.add_text((x, y), note, controls.fit(reason or command.category.replace("/", ", "), right - x))

    def _on_arrow(self, data: imgui.InputTextCallbackData) -> int:
        self._step = -1 if data.event_key == imgui.Key.up_arrow else 1
        return 0
