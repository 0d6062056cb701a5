"""The command palette: Ctrl+Shift+P, type, Enter. Draws only."""

from __future__ import annotations

from imgui_bundle import hello_imgui, imgui

from src.app_controller import AppController
from src.commands import list_commands, match

NAME = "Commands##palette"


class CommandPalette:
    """Whether it is open and what was typed."""

    def __init__(self) -> None:
        self._typed = ""

    def draw(self, controller: AppController) -> None:
        """Opens on its shortcut and draws itself while open. Call once a frame, outside any window."""
        keys = imgui.Key.mod_ctrl.value | imgui.Key.mod_shift.value | imgui.Key.p.value
        if imgui.is_key_chord_pressed(keys):
            self.open()
        centre = imgui.get_main_viewport().get_center()
        imgui.set_next_window_pos(centre, imgui.Cond_.appearing, imgui.ImVec2(0.5, 1.0))
        imgui.set_next_window_size(hello_imgui.em_to_vec2(28, 0), imgui.Cond_.appearing)
        if not imgui.begin_popup(NAME):
            return
        if imgui.is_window_appearing():
            self._typed = ""
            imgui.set_keyboard_focus_here()
        imgui.set_next_item_width(-1)
        flags = imgui.InputTextFlags_.enter_returns_true
        entered, self._typed = imgui.input_text_with_hint("##typed", "Type a command", self._typed, flags)
        for position, command in enumerate(match(list_commands(controller), self._typed)):
            chosen, _ = imgui.selectable(f"{command.title}##{position}", position == 0)
            if chosen or (entered and position == 0):
                command.run()
                imgui.close_current_popup()
        imgui.end_popup()

    def open(self) -> None:
        """Opens it with nothing typed."""
        imgui.open_popup(NAME)
