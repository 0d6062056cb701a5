"""Which turn commands are about, and which turns are shown plain. Pure; the main thread's alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from src.discussion.tree import Turn


class TurnChoice:
    """The chosen turn's number (0: none, so the last one is meant), and the plain ones."""

    def __init__(self) -> None:
        self.chosen = 0
        self.plain: set[int] = set()

    def of(self, turns: tuple[Turn, ...]) -> Turn | None:
        """The turn that is meant, of the branch *turns*."""
        return next((turn for turn in turns if turn.id == self.chosen), turns[-1] if turns else None)

    def own(self, turns: tuple[Turn, ...]) -> Turn | None:
        """The turn of the user's that is meant: the chosen one, else the last in which there are words."""
        if self.chosen:
            meant = self.of(turns)
            return meant if meant is not None and meant.message.role == "user" else None
        return next((turn for turn in reversed(turns) if turn.message.role == "user" and turn.message.text), None)

    def step(self, turns: tuple[Turn, ...], by: int) -> None:
        """Chooses the turn *by* places after the one that is meant."""
        meant = self.of(turns)
        if meant is None:
            return
        at = turns.index(meant) + (by if self.chosen else min(by + 1, 0))
        self.chosen = turns[min(max(at, 0), len(turns) - 1)].id

    def toggle_plain(self, turn: Turn) -> None:
        """Shows the turn plain, or as Markdown again."""
        self.plain ^= {turn.id}
