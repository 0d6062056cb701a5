"""Packs old discussions away in the background: first a plan that can be shown, then that plan."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING

from src.discussion.live import LiveDiscussion
from src.work.background import Background
from src.work.toasts import ToastKind

if TYPE_CHECKING:
    from src.log_pruner import Candidate, Pruned


class Archive:
    """The discussions in *folder*, which is empty until the user's folders are known."""

    def __init__(
        self,
        background: Background,
        discussion: LiveDiscussion,
        folder: Callable[[], str],
        tell: Callable[[str, ToastKind], object],
    ) -> None:
        self._background = background
        self._discussion = discussion
        self._folder = folder
        self._tell = tell

    def plan(self) -> Future[tuple[Candidate, ...]]:
        """Which discussions are old or too much and would be packed away; changes nothing."""
        return self._background.submit(self._plan)

    def pack(self, planned: tuple[Candidate, ...]) -> Future[Pruned]:
        """Packs away what `plan` named; a toast tells what became of it."""
        return self._background.submit(lambda: self._pack(planned))

    def _plan(self) -> tuple[Candidate, ...]:
        from src import log_pruner  # here and below: on the pool, and seldom

        return log_pruner.plan(self._folder(), self._discussion.open_paths())

    def _pack(self, planned: tuple[Candidate, ...]) -> Pruned:
        from src import log_pruner

        done = log_pruner.archive(planned)
        for sentence in done.left:
            self._tell(sentence, "warning")
        count = len(done.archives)
        self._tell(f"{count} discussion{'' if count == 1 else 's'} packed into {log_pruner.ARCHIVE}/.", "success")
        self._discussion.refresh()
        return done
