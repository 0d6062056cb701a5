"""What commands and panels may ask of the window. A type alone: nothing imports it when the program runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from src.commands import Commands
    from src.theme_2 import Theme
    from src.window.focus import Focus
    from src.window.questions import Form, Pick, Question
    from src.window.turn_choice import TurnChoice


class Window(Protocol):
    """What commands and panels may ask of the window."""

    turns: TurnChoice
    focus: Focus
    holds_shortcuts: bool

    @property
    def commands(self) -> Commands:
        """The registry."""

    @property
    def themes(self) -> tuple[Theme, ...]:
        """The themes that exist."""

    @property
    def panels(self) -> tuple[str, ...]:
        """The titles of the panels that exist."""

    def attempt(self, action: Callable[[], object]) -> bool:
        """Does *action*; what it refuses (ValueError, OSError) becomes a toast. True when it was done."""

    def ask(self, question: Question | Form) -> None:
        """Asks the user."""

    def open_project(self, path: str) -> None:
        """Opens the project at *path*; a folder without one may be made one."""

    def pick(self, pick: Pick) -> None:
        """Lets the user choose a file or a folder."""

    def tell(self, text: str) -> None:
        """Shows a sentence."""

    def copy(self, text: str) -> None:
        """Puts *text* on the clipboard."""

    def open_palette(self) -> None:
        """Opens the command palette, or closes it."""

    def use_theme(self, name: str) -> None:
        """Takes a theme into use and remembers it."""

    def preview_theme(self, name: str) -> None:
        """Shows a theme until `end_preview` or `use_theme`."""

    def scale_font(self, factor: float) -> None:
        """Multiplies the size of the font by *factor*; 0 resets it."""

    def show_panel(self, title: str) -> None:
        """Opens a panel and gives it the keyboard."""

    def focus_composer(self) -> None:
        """Gives the composer the keyboard."""

    def toggle_search(self) -> None:
        """Opens the discussion's search with the keyboard, or closes it when it has that."""

    def unseen(self) -> str:
        """Why what waits for approval cannot be approved yet; empty when all of it was on the screen."""

    def show_settings(self, section: str) -> None:
        """Opens the settings at a section."""

    def show_sent(self, turn_id: int) -> None:
        """Opens the request at a turn, with the files that went out with it."""

    def reset_layout(self) -> None:
        """Puts every panel back where it was at first."""

    def quit(self) -> None:
        """Closes the window."""
