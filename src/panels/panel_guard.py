"""Draws a panel so that what it raises stays in it: the error in its place, and a button to try again."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

from imgui_bundle import imgui

from src import theme_2

if TYPE_CHECKING:
    from typing import Protocol

    from src.app_controller import AppController

    class Drawable(Protocol):
        """A panel."""

        def draw(self, controller: AppController) -> None:
            """One frame."""


MAX_TRACE = 4_000


class PanelGuard:
    """The error of one panel, if it has one."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.error = ""
        self._trace = ""

    def clear(self) -> None:
        """Lets the panel draw again."""
        self.error = self._trace = ""

    def draw(self, panel: Drawable, controller: AppController) -> None:
        """One frame of *panel*, or its error."""
        if self.error:
            self._draw_error()
            return
        state = imgui.internal.ErrorRecoveryState()
        imgui.internal.error_recovery_store_state(state)
        try:
            panel.draw(controller)
        except Exception as error:  # whatever a panel does, the window goes on
            self.error = f"{type(error).__name__}: {error}"
            self._trace = traceback.format_exc()[-MAX_TRACE:]
            _recover(state)

    def _draw_error(self) -> None:
        imgui.push_style_color(imgui.Col_.text, theme_2.colours().failed)
        imgui.text_wrapped(f"The {self.title} panel stopped: {self.error}")
        imgui.pop_style_color()
        imgui.text_wrapped(
            "Everything else goes on. If trying again does not help, please report this with the text below."
        )
        if imgui.button("Try again"):
            self.clear()
        imgui.same_line()
        if imgui.button("Copy the details"):
            imgui.set_clipboard_text(self._trace)
        imgui.text_wrapped(self._trace)


def _recover(state: imgui.internal.ErrorRecoveryState) -> None:
    """Ends what the panel has begun: imgui would report the imbalance as our error."""
    io = imgui.get_io()
    kept = io.config_error_recovery_enable_assert, io.config_error_recovery_enable_tooltip
    io.config_error_recovery_enable_assert = io.config_error_recovery_enable_tooltip = False
    imgui.internal.error_recovery_try_to_recover_state(state)
    io.config_error_recovery_enable_assert, io.config_error_recovery_enable_tooltip = kept
