"""Asking a provider for the answer to a discussion, and writing down what comes. One reply at a time.

Guarantees
- Nothing here waits: the request is made on the pool, the reply streams on the turn loop, and a provider that is not
  warm yet is asked when it is.
- A stopped reply ends at once, before its first word too, and keeps what came.
- What comes for a reply that has ended, or for a discussion that was left, is dropped: `_number` tells.
- `_lock` guards every field.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any

from src.ai_client import Providers
from src.chat import (
    DEFAULT_OPTIONS,
    Done,
    End,
    Event,
    Failed,
    Idle,
    Message,
    ModelReply,
    ModelRequest,
    Retrying,
    Stopped,
    ToolCallPart,
    Truncated,
)
from src.discussion.events import Added, Arrived, Begun, Ended, SentFile
from src.discussion.live import LiveDiscussion
from src.discussion.tree import Discussion, DiscussionError
from src.models.prices import Money
from src.privacy.detector import digest_of
from src.request.build import Material, build
from src.request.material import Outgoing
from src.request.preview import Preview
from src.turn.tools import TurnTools
from src.value import Value
from src.work.background import Background

if TYPE_CHECKING:
    from src.request.cache_memory import CacheMemory
    from src.spending.ledger import Ledger

LOG = logging.getLogger("reply")
TURN_LOOP = "src.turn.loop"
MAX_ROUNDS = 25  # requests that follow one message because the model asks for tools


class ReplyState(Value):
    """`reply` streams; `waiting` until it begins and while tools work; `error` says how the last one failed.

    `over_cap`: it did not go out, because of a cap. `asked` grows with each answer that is asked for.
    """

    reply: ModelReply | None
    waiting: bool
    error: str
    over_cap: bool = False
    asked: int = 0


class _Made(Value):
    request: ModelRequest
    material: Material
    sent: tuple[SentFile, ...]
    tokens: int
    order: str = ""


class Replies:
    """The reply that is asked for. Its request is made on the pool, from the files as they are then.

    The caps are checked on that request, because a file may have grown since `Sending` looked, and another Sloppy may
    have spent meanwhile: the ledger reserves what it costs at most before it goes out.
    """

    def __init__(
        self,
        background: Background,
        providers: Providers,
        discussion: LiveDiscussion,
        *,
        outgoing: Outgoing,
        preview: Preview,
        tools: TurnTools,
        memory: Callable[[], CacheMemory | None],
        ledger: Callable[[], Ledger],
        notify: Callable[[], None],
    ) -> None:
        self._background = background
        self._providers = providers
        self._discussion = discussion
        self._outgoing = outgoing
        self._preview = preview
        self._tools = tools
        self._memory = memory
        self._ledger = ledger
        self._ordered: tuple[_Made, bool] | None = None  # what is reserved in the ledger, and whether it went out
        self._notify = notify
        self._lock = threading.RLock()  # a listener of a record may ask for the snapshot
        self._number = self._asked = 0
        self._busy = self._waiting = self._confirmed = False
        self._tree: Discussion | None = None
        self._error = ""
        self._error_after = -1  # the last turn of the branch that it is about; any one, until that is known
        self._over_cap = False
        self._retrying: Retrying | None = None
        self._idle_s = 0.0
        self._turn: Future[None] | None = None
        self._loop: Any = None
        self._early: Callable[[], None] | None = None

    def snapshot(self) -> ReplyState:
        """The reply now."""
        with self._lock:
            waiting, error, retrying, idle_s = self._waiting, self._error, self._retrying, self._idle_s
            over_cap, asked = self._over_cap, self._asked
            if error and not self._is_about(self._tree, self._error_after):
                error, over_cap = "", False
        # After `waiting`: a reply that no longer waits has begun, so that no frame shows neither.
        reply = self._discussion.reply()
        if reply is not None:
            reply = reply._replace(retrying=retrying, idle_s=idle_s)
        return ReplyState(reply, waiting, error, over_cap, asked)

    def _is_about(self, tree: Discussion | None, after: int) -> bool:
        """The turns on the screen end where the reply failed: not in another discussion, nor after another answer."""
        return tree is None or (self._discussion.tree() is tree and after in (-1, self._discussion.head()))

    @property
    def busy(self) -> bool:
        """A reply is asked for and has not ended."""
        with self._lock:
            return self._busy

    def use_loop(self, loop: Any) -> None:
        """The turn loop on which replies stream."""
        with self._lock:
            self._loop = loop
            early, self._early = self._early, None
        if early is not None:
            self._background.submit(early)

    def ask(self, modules: tuple[str, ...], *, confirmed: bool) -> bool:
        """Asks for an answer once *modules* are warm; False while another is asked for."""
        tree = self._discussion.tree()
        with self._lock:
            if self._busy:
                return False
            self._tree, self._confirmed = tree, confirmed
            self._number += 1
            self._asked += 1
            self._busy = self._waiting = True
            self._error, self._retrying, self._idle_s, self._turn = "", None, 0.0, None
            self._error_after = -1
            self._over_cap = False
            number = self._number
        ready = partial(self._background.submit, partial(self._begin, number, tree))
        self._background.when_warm(modules, ready, partial(self._give_up, number))
        self._notify()
        return True

    def stop(self) -> None:
        """Ends the reply now; what has arrived stays."""
        with self._lock:
            number, turn, busy = self._number, self._turn, self._busy
        if busy and not (turn is not None and turn.cancel()):
            self._finish(number, Stopped())

    def _begin(self, number: int, tree: Discussion) -> None:
        with self._lock:
            if self._loop is None:  # its module is warm and another worker is about to start it
                self._early = partial(self._begin, number, tree)
                return
        try:
            made = self._make(number)
        except Exception as error:
            self._give_up(number, f"The request cannot be made: {error}")
            return
        if made is None:
            return
        with self._lock:
            if self._number != number or not self._busy:
                return
            turn = self._turn = self._loop.submit(self._take(number, tree, made))
        turn.add_done_callback(partial(self._on_done, number))

    def _make(self, number: int) -> _Made | None:
        """The request, made and reserved in the ledger on the pool; None when the reply has ended, as over a cap."""
        material = self._outgoing.fresh_material()
        check_schema(material)
        sent = tuple(SentFile(file.path, digest_of(text), len(text.encode())) for file, text in material.files)
        weighed = self._preview.weigh(material)
        order = self._outgoing.order(material, weighed.highest, "reply")
        with self._lock:
            confirmed = self._confirmed
        reserved = self._ledger().reserve(order, weighed.total_tokens, self._outgoing.caps(), confirmed=confirmed)
        if reserved.refusal:
            self._finish(number, Failed(f"{reserved.refusal} Ask for the answer again to go on.", "cap"))
            return None
        made = _Made(build(material), material, sent, weighed.total_tokens, reserved.id)
        with self._lock:
            if self._number == number:
                self._ordered = (made, False)
                return made
        self._ledger().settle(reserved.id, "not sent", None, Money(0), False)
        return None

    async def _take(self, number: int, tree: Discussion, first: _Made) -> None:
        """One reply, and those that follow because it asked for tools."""
        made = first
        for _ in range(MAX_ROUNDS):
            asked = await self._stream(number, tree, made)
            if asked is None:
                return
            turn_id, calls = asked
            results = await self._tools.answer(calls)
            answered = Message("user", tuple(results))
            with self._lock:  # so that nothing stops it and changes the tree between the question and the record
                if self._number != number:  # stopped: its questions were answered with no, which is no result
                    return
                added = Added(self._discussion.next_id(), turn_id, time.time(), answered)
                self._discussion.record_in(tree, added)
            again = await self._loop.wrap(self._background.submit(partial(self._make, number)))
            if again is None:
                return
            made = again
        self._finish(number, Failed(f"The model asked for tools {MAX_ROUNDS} times in a row; ask again to go on."))

    async def _stream(self, number: int, tree: Discussion, given: _Made) -> tuple[int, tuple[ToolCallPart, ...]] | None:
        """Streams one reply. The turn and its calls when it asks for tools; None when the reply has ended for good."""
        made, turn_id = given.request, self._discussion.next_id()
        begun = Begun(
            turn_id,
            self._discussion.head(),
            time.time(),
            made.provider,
            made.model,
            made.schema,
            _settings_of(given.material),
        )
        with self._lock:
            if self._number != number:  # stopped in between
                return None
            if not (self._discussion.record_in(tree, begun) and self._discussion.record_sent(tree, given.sent)):
                return None
            self._waiting = False
            self._ordered = (given, True)
        if (memory := self._memory()) is not None:
            memory.expect(self._discussion.snapshot().name, turn_id, memory.note(given.material), given.tokens)
        end: End = Truncated()
        async for event in self._providers.stream(made, self._outgoing.patience()):
            if isinstance(event, Done | Truncated | Stopped | Failed):
                end = event
                break
            self._arrive(number, tree, event)
        reply = self._discussion.reply()
        parts = reply.parts if reply is not None else ()
        calls = tuple(part for part in parts if isinstance(part, ToolCallPart))
        if not calls or not isinstance(end, Done):
            self._finish(number, end)
            return None
        with self._lock:
            if self._number != number:
                return None
            self._waiting = True
        self._settle(reply, end)
        self._end(tree, end)
        return turn_id, calls

    def _arrive(self, number: int, tree: Discussion, event: Event) -> None:
        with self._lock:
            if self._number != number:
                return
            self._retrying = event if isinstance(event, Retrying) else None
            self._idle_s = event.elapsed_s if isinstance(event, Idle) else 0.0
        if isinstance(event, Retrying | Idle):
            self._notify()
        elif not isinstance(event, Done | Truncated | Stopped | Failed):
            self._discussion.record_in(tree, Arrived(event))

    def _on_done(self, number: int, turn: Future[None]) -> None:
        if turn.cancelled():
            self._finish(number, Stopped())
        elif error := turn.exception():
            self._finish(number, Failed(f"{type(error).__name__}: {error}"))

    def _give_up(self, number: int, reason: str) -> None:
        self._finish(number, Failed(reason))

    def _finish(self, number: int, end: End) -> None:
        """Ends the reply, once: the second end of a reply that was stopped is dropped."""
        reply = self._discussion.reply()
        # Between two replies, or before the first, there is none.
        had_parts = bool(reply.parts) if reply is not None else isinstance(end, Done | Failed)
        with self._lock:
            if self._number != number or not self._busy:
                return
            self._number += 1
            self._busy = self._waiting = False
            self._turn = self._retrying = None
            self._over_cap = isinstance(end, Failed) and end.kind == "cap"
            self._error = describe_end(end, had_parts)  # before the reply ends, so that nobody sees an end without it
            tree, error = self._tree, self._error
        if error:
            LOG.error(error)
        self._settle(reply, end)
        if tree is not None:
            self._end(tree, end)
            if tree is self._discussion.tree():
                with self._lock:
                    self._error_after = self._discussion.head()
        self._tools.end()
        self._notify()

    def _settle(self, reply: ModelReply | None, end: End) -> None:
        """Writes into the ledger what the request cost."""
        with self._lock:
            ordered, self._ordered = self._ordered, None
        if ordered is not None:
            from src.spending.settling import settled_as  # with the first request

            made, went_out = ordered
            prices = self._outgoing.prices()
            settled = settled_as(made.tokens, reply if went_out else None, end, prices)
            self._ledger().settle(made.order, *settled)
            self._background.submit(self._ledger().flush)

    def _end(self, tree: Discussion, end: End) -> None:
        """Writes the end of the reply that streams into *tree*, if one does."""
        reply = self._discussion.reply()
        if reply is not None:
            with contextlib.suppress(DiscussionError):  # another thread ended it first
                cost = self._outgoing.prices().cost(reply.provider, reply.model, reply.usage)
                self._discussion.record_in(tree, Ended(end, cost))


def _settings_of(material: Material) -> str:
    """What is set for the model that is asked, as text; empty for the provider's own settings."""
    if material.options == DEFAULT_OPTIONS:
        return ""
    from src.models.variant import written  # with the first setting of a model

    return written(material.options)


def check_schema(material: Material) -> None:
    """Raises SchemaError when the answer is to follow a schema that is none."""
    if material.schema:
        from src.structured import checked  # with the first schema

        checked.check_schema(material.schema)


def describe_end(end: End, has_parts: bool) -> str:
    """The sentence that the user sees about an end that is not a whole answer; empty for a whole one."""
    match end:
        case Failed(reason):
            return reason
        case Truncated():
            rest = "the answer may be cut." if has_parts else "nothing had come."
            return f"The stream ended without the provider's end: {rest}"
        case Done(reason) if not has_parts:
            return f"The model ended without a word ({reason})."
        case _:
            return ""
