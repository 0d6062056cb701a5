"""Sending a message, and asking for an answer: what may be asked now, and what prevents it.

Guarantees
- Nothing waits: what cannot go out is refused with a sentence, and what is over a cap asks first.
- The message is a turn of the discussion before its answer is asked for.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

from src.ai_client import Providers
from src.chat import Message
from src.discussion.events import Added, Moved
from src.discussion.live import LiveDiscussion
from src.discussion.tree import ROOT, DiscussionError
from src.request.composer import Composer, find_secret_or_key
from src.request.material import Outgoing
from src.request.preview import Preview
from src.turn import tools
from src.turn.replies import TURN_LOOP, Replies
from src.value import Value
from src.work.background import Background

VALIDATION = "src.structured.validation"  # of a schema


class SendResult(Value):
    """`sent`, `queued` (goes out when its provider is warm), `confirm` (send again with `confirmed=True`) or `refused`.

    `reason` says why it is not on its way.
    """

    kind: Literal["sent", "queued", "confirm", "refused"]
    reason: str = ""

    @property
    def accepted(self) -> bool:
        """The message is on its way."""
        return self.kind in ("sent", "queued")


class Sending:
    """Between the composer and the replies."""

    def __init__(
        self,
        background: Background,
        providers: Providers,
        composer: Composer,
        discussion: LiveDiscussion,
        *,
        outgoing: Outgoing,
        preview: Preview,
        replies: Replies,
        is_comparing: Callable[[], bool],
    ) -> None:
        self._background = background
        self._providers = providers
        self._composer = composer
        self._discussion = discussion
        self._outgoing = outgoing
        self._preview = preview
        self._replies = replies
        self._is_comparing = is_comparing

    def send(self, text: str | None, confirmed: bool) -> SendResult:
        """As `AppController.send`."""
        try:
            message = self._composer.message(text)
        except ValueError as error:
            return SendResult("refused", str(error))
        if not message.parts:
            return SendResult("refused", "There is nothing to send.")
        blocked = self._refusal(confirmed, message if text is not None else None)
        if blocked is None and not confirmed:
            blocked = self.secret_in(text)
        if blocked is not None:
            return blocked
        discussion = self._discussion
        try:
            discussion.record(Added(discussion.next_id(), discussion.head(), time.time(), message))
        except DiscussionError as error:
            return SendResult("refused", str(error))
        self._composer.take()
        return self._ask(confirmed)

    def answer(self, confirmed: bool) -> SendResult:
        """As `AppController.answer`."""
        turns = self._discussion.snapshot().turns
        if not turns or turns[-1].message.role != "user":
            return SendResult("refused", "The discussion does not end with a message to answer.")
        blocked = self._refusal(confirmed, None)
        return blocked if blocked is not None else self._ask(confirmed)

    def regenerate(self, turn_id: int, confirmed: bool) -> SendResult:
        """As `AppController.regenerate`."""
        turn = next((one for one in self._discussion.snapshot().turns if one.id == turn_id), None)
        if turn is None:
            return SendResult("refused", f"Turn {turn_id} is not on the branch that is shown.")
        head = turn.parent if turn.message.role == "assistant" else turn.id
        if head == ROOT:
            return SendResult("refused", "There is no message before this turn to answer.")
        blocked = self._refusal(confirmed, None)
        if blocked is not None:
            return blocked
        try:
            if head != self._discussion.head():
                self._discussion.record(Moved(head))
        except DiscussionError as error:
            return SendResult("refused", str(error))
        return self._ask(confirmed)

    def _refusal(self, confirmed: bool, message: Message | None) -> SendResult | None:
        state = self._discussion.snapshot()
        if self._replies.busy or self._is_comparing():
            return SendResult("refused", "A reply is on its way; stop it first.")
        if state.read_only:
            return SendResult("refused", f"This discussion is read-only here. {state.notice}")
        servers = self._outgoing.servers
        if servers is not None and (name := servers.starting(state.tools)):
            return SendResult("refused", f"The MCP server {name} is still starting; send it in a moment.")
        drafted = self._outgoing.material()._replace(draft=message) if message is not None else None
        over = self._preview.check(drafted) or self._preview.drops(drafted)
        return SendResult("confirm", over) if over and not confirmed else None

    def secret_in(self, text: str | None) -> SendResult | None:
        """A question when what was typed holds a secret: it goes out whole, or not at all."""
        project = self._outgoing.workspace()
        accepted = project.accepted if project is not None else frozenset[str]()
        if text is not None:  # a program's, on a thread of its own
            found = find_secret_or_key(text, accepted)
        elif (looked := self._composer.secret(accepted)) is None:
            return SendResult(
                "refused", "What you wrote is still being looked through for secrets; send it in a moment."
            )
        else:
            found = looked.finding
        if found is None:
            return None
        return SendResult("confirm", f"What you wrote holds {found} ({found.hint}). It goes to the provider as it is.")

    def _needed(self) -> tuple[str, ...]:
        """What this request needs besides its provider."""
        tooled = (tools.MODULE,) if self._discussion.snapshot().tools else ()
        return (*tooled, VALIDATION) if self._composer.snapshot().schema else tooled

    def _ask(self, confirmed: bool) -> SendResult:
        provider = self._providers.find(self._composer.snapshot().provider)
        needed = (provider.module, TURN_LOOP, *self._needed())
        ready = self._background.is_warm(needed)
        if not self._replies.ask(needed, confirmed=confirmed):
            return SendResult("refused", "A reply is on its way; stop it first.")
        return SendResult("sent" if ready else "queued")
