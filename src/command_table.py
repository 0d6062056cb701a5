"""Sloppy's commands, and what they may ask of the window. Everything that the program does stands here by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from src import ai_client
from src.commands import Command, Commands

if TYPE_CHECKING:
    from src.app_controller import AppController


class Choice(NamedTuple):
    """A name and what it is called: a theme, a panel."""

    name: str
    title: str


class Window(Protocol):
    """What commands and panels may ask of the window."""

    @property
    def commands(self) -> Commands:
        """The registry."""

    @property
    def themes(self) -> tuple[Choice, ...]:
        """The themes that exist."""

    @property
    def panels(self) -> tuple[str, ...]:
        """The titles of the panels that exist."""

    def open_palette(self) -> None:
        """Opens the command palette, or closes it."""

    def use_theme(self, name: str) -> None:
        """Takes a theme into use and remembers it."""

    def preview_theme(self, name: str) -> None:
        """Shows a theme until `end_preview` or `use_theme`."""

    def scale_font(self, factor: float) -> None:
        """Grows the font by *factor*; 0 means back to its own size."""

    def show_panel(self, title: str) -> None:
        """Opens a panel and gives it the keyboard."""

    def toggle_panel(self, title: str) -> None:
        """Opens a panel or closes it."""

    def reset_layout(self) -> None:
        """Puts every panel back where it was at first."""

    def quit(self) -> None:
        """Closes the window."""
