"""The search in the discussion: what is looked for in all branches, and the hits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgui_bundle import hello_imgui, imgui

from src.window import controls
from src.window.focus import COMPOSER, SEARCH

if TYPE_CHECKING:
    from src.app_controller import AppController
    from src.discussion.text import Hit
    from src.window.protocol import Window


class TurnSearch:
    """What is searched. `shown`: the turn that the user has gone to, until the panel takes it; 0 for none."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self.is_open = False
        self.text = ""
        self.shown = 0
        self._hits: tuple[str, int, tuple[Hit, ...]] = ("", 0, ())
        self._hit = -1

    def draw(self, controller: AppController) -> None:
        """One frame."""
        focus = self._window.focus
        if focus.field == SEARCH and imgui.is_key_pressed(imgui.Key.escape, False):
            self.is_open = False
            focus.want(COMPOSER)
            return
        focus.give(SEARCH)
        imgui.set_next_item_width(-1)
        before, flags = self.text, imgui.InputTextFlags_.enter_returns_true
        entered, self.text = imgui.input_text_with_hint("##search", "Search every branch", self.text, flags)
        focus.note(SEARCH)
        if self.text != before:
            self._hit = -1
        state = controller.discussion.snapshot()
        if self._hits[:2] != (self.text, id(state)):
            found = controller.discussion.search(self.text) if self.text.strip() else ()
            self._hits = (self.text, id(state), tuple(found))
        hits = self._hits[2]
        if entered:
            focus.want(SEARCH)  # for the next Enter
            self._go_to(controller, self._hit + 1)
        if self.text.strip() and imgui.begin_child("hits", imgui.ImVec2(0, hello_imgui.em_size(7)), 1):
            controls.draw_muted(f"{len(hits)} found" if hits else "Not found in any branch")
            for number, hit in enumerate(hits):
                if imgui.selectable(f"{controls.shown(hit.excerpt)}###hit{number}", number == self._hit)[0]:
                    self._go_to(controller, number)
            imgui.end_child()

    def _go_to(self, controller: AppController, number: int) -> None:
        """Shows the hit of that number; after the last comes the first."""
        hits = self._hits[2]
        if hits:
            self._hit = number % len(hits)
            hit = hits[self._hit]
            if not hit.on_branch:
                self._window.attempt(lambda: controller.discussion.switch(hit.turn_id))
            self.shown = hit.turn_id
