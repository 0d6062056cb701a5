"""The tools of a discussion while its reply runs: answers a model's calls, on the turn loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from importguard.warmup import require_warmed as _require_warmed
from src.chat import ToolCallPart, ToolResultPart
from src.discussion.live import LiveDiscussion
from src.request.material import Outgoing
from src.tools.applied_edits import AppliedEdits
from src.tools.approvals import Approvals
from src.work.background import Background

if TYPE_CHECKING:
    from src.privacy.hidden_texts import HiddenTexts
    from src.tools.allowed_commands import AllowedCommands

MODULE = "src.tools.use"


class TurnTools:
    """What the tools work with. `src.tools.use` is heavy, so each call asks the warmup for it."""

    def __init__(
        self,
        background: Background,
        discussion: LiveDiscussion,
        outgoing: Outgoing,
        *,
        approvals: Approvals,
        edits: AppliedEdits,
        hidden: Callable[[], HiddenTexts],
        allowed: Callable[[], AllowedCommands],
    ) -> None:
        self._background = background
        self._discussion = discussion
        self._outgoing = outgoing
        self._approvals = approvals
        self._edits = edits
        self._hidden = hidden
        self._allowed = allowed

    async def answer(self, calls: tuple[ToolCallPart, ...]) -> tuple[ToolResultPart, ...]:
        """The results of *calls*, with the tools that the discussion allows. Waits for the user's approvals."""
        use = _require_warmed("src.tools.use").ToolUse(
            self._background.submit,
            self._approvals,
            self._edits,
            self._hidden().add,
            allows=self._is_allowed,
            servers=self._outgoing.servers,
        )
        allowed, workspace = self._discussion.snapshot().tools, self._outgoing.workspace()
        results: tuple[ToolResultPart, ...] = await use.answer(calls, allowed, workspace)
        return results

    def _is_allowed(self, argv: tuple[str, ...]) -> bool:
        return self._allowed().allows(self._outgoing.project_path(), argv)

    def end(self) -> None:
        """The reply has ended: refuses what still waits for an approval."""
        self._approvals.deny_all()
