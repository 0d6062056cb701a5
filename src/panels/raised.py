"""Approvals that wait come to the front by themselves, once each; the keyboard stays where somebody types."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from src.panels.board import SETTLED, docking
from src.window.focus import bring_to_front

if TYPE_CHECKING:
    from src.tools.approvals import Approval


class RaisedApprovals:
    """The newest approval that was brought to the front. *alert* is called for each that comes."""

    def __init__(self, alert: Callable[[], object]) -> None:
        self._alert = alert
        self._newest = self._frames = 0

    def follow(self, waiting: tuple[Approval, ...]) -> None:
        """Call it in each frame with what waits."""
        newest = waiting[-1].id if waiting else 0
        if newest > self._newest:
            self._newest = newest
            docking().dockable_window_of_name("Approvals").is_visible = True
            self._frames = SETTLED
            self._alert()
        if self._frames and bring_to_front("Approvals"):
            self._frames -= 1
