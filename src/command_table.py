"""Sloppy's commands, and what they may ask of the window. Everything that the program does stands here by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Protocol

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


Ask = Callable[["AppController", Window], tuple[Command, ...]]


def fixed(controller: AppController, window: Window) -> tuple[Command, ...]:
    """The commands that always exist, in the order of the menus."""
    return (
        *_discussion(controller),
        *_message(controller),
        *_view(window),
        *_look(window),
    )


def varying(controller: AppController, window: Window) -> tuple[Command, ...]:
    """The commands that come and go: one for each provider, theme and panel."""
    return (
        *(
            Command(
                f"provider.{one.name}", f"Use {one.title}", "Provider", partial(controller.choose_provider, one.name)
            )
            for one in ai_client.PROVIDERS
        ),
        *(
            Command(
                f"theme.{name}",
                title,
                "Theme",
                partial(window.use_theme, name),
                preview=partial(window.preview_theme, name),
            )
            for name, title in window.themes
        ),
        *(
            Command(f"panel.{title.lower()}", f"Go to {title}", "Panels", partial(window.show_panel, title))
            for title in window.panels
        ),
    )


def _discussion(controller: AppController) -> tuple[Command, ...]:
    return (
        Command("discussion.new", "New discussion", "Discussion", controller.discussion.new, "Ctrl+N"),
        Command("discussion.open_last", "Open the last discussion", "Discussion", controller.open_last_discussion),
    )


def _message(controller: AppController) -> tuple[Command, ...]:
    def nothing_streams() -> str:
        return "" if controller.snapshot().reply is not None else "no reply is on its way"

    return (Command("message.stop", "Stop the reply", "Message", controller.stop, "Escape", nothing_streams),)


def _view(window: Window) -> tuple[Command, ...]:
    return (
        Command("view.palette", "Command palette", "View", window.open_palette, "Ctrl+Shift+P"),
        Command("view.reset_layout", "Put the panels back", "View", window.reset_layout),
        Command("view.quit", "Quit", "View", window.quit, "Ctrl+Q"),
    )


def _look(window: Window) -> tuple[Command, ...]:
    return (
        Command("view.larger", "Larger text", "View", partial(window.scale_font, 1.1), "Ctrl+="),
        Command("view.smaller", "Smaller text", "View", partial(window.scale_font, 1 / 1.1), "Ctrl+-"),
        Command("view.normal", "Text in its own size", "View", partial(window.scale_font, 0.0), "Ctrl+0"),
    )
