"""A field of several lines whose text others may change while somebody types in it. Draws only.

imgui's field keeps a copy of its text as long as it is active and gives that back: what the program sets meanwhile
would be overwritten, and Escape would bring an older text back. Here the field takes over what the program sets.
"""

from __future__ import annotations

from imgui_bundle import imgui


class TextField:
    """The text that the field and the program had in common last."""

    def __init__(self) -> None:
        self._common: str | None = None

    def draw(self, label: str, text: str, size: imgui.ImVec2, flags: int) -> str:
        """One frame; the text as it is afterwards. *text* is what the program has."""
        number = imgui.get_id(label)
        if text != self._common and imgui.internal.get_active_id() == number:
            state = imgui.internal.get_input_text_state(number)
            if state is not None:
                state.reload_user_buf_and_move_to_end()
        escaped = imgui.is_key_pressed(imgui.Key.escape, False)
        changed, typed = imgui.input_text_multiline(label, text, size, flags)
        self._common = typed if changed and not escaped else text
        return self._common
