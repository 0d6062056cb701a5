"""What is typed while a field gets the keyboard, which takes some frames: its letters, kept until it takes them.

imgui's field takes no letters in the frame in which the keyboard comes to it without a click, and drops those; before
that frame nothing takes them. A hand does not wait. Main thread only, inside a frame.
"""

from __future__ import annotations

from imgui_bundle import imgui

MOST = 256  # letters


class EarlyLetters:
    """Those of one field."""

    def __init__(self) -> None:
        self._offered: list[int] = []
        self._kept: list[int] = []

    def offer(self, *, waits: bool) -> None:
        """Call it before the field is drawn. *waits*: the field is to get the keyboard."""
        queue = imgui.get_io().input_queue_characters
        for letter in reversed(self._kept):
            queue.push_front(letter)
        self._kept = []
        self._offered = list(queue)[:MOST] if waits else []

    def keep(self) -> bool:
        """Keeps what the field did not take, unless another one had the keyboard. Call it after the field is drawn.

        True once the field takes letters.
        """
        is_active, is_new = imgui.is_item_active(), imgui.is_item_activated()
        if self._offered and (is_new if is_active else not imgui.is_any_item_active()):
            self._kept = self._offered
        self._offered = []
        return is_active and not is_new

    def forget(self) -> None:
        """What was typed is for something else."""
        self._kept = []
