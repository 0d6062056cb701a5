"""One request to several models at once. Their answers become branches of the discussion, one beside the other.

Guarantees
- The same words, files and turns go to each; tools do not, because their answers would make the requests differ.
- Each request is reserved in the ledger before it goes out, and settled when it has ended.
- An answer is written into the discussion when it has ended, stopped ones too; until then it is in memory alone.
- `_lock` guards the fields. Nothing here waits on the caller's thread.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from src.ai_client import Providers
from src.chat import (
    Done,
    End,
    Failed,
    ModelReply,
    Part,
    Stopped,
    Text,
    TextPart,
    Thinking,
    ThinkingPart,
    ToolCall,
    ToolCallPart,
    Truncated,
)
from src.discussion.events import Added, Arrived, Begun, DiscussionEvent, Ended, SentFile
from src.discussion.live import LiveDiscussion
from src.discussion.tree import Discussion, DiscussionError
from src.models.prices import Money
from src.models.variant import parse, written
from src.privacy.detector import digest_of
from src.request.build import Material, build
from src.request.composer import Composer
from src.request.material import Outgoing
from src.request.preview import Preview
from src.spending.ledger import Ledger
from src.spending.settling import settled_as
from src.turn.compared import Column
from src.turn.replies import TURN_LOOP, check_schema
from src.turn.sending import VALIDATION, SendResult
from src.value import Value
from src.work.background import Background

if TYPE_CHECKING:
    from src.request.cache_memory import CacheMemory

MAX_COLUMNS = 8
NEEDED = 2


class ComparisonState(Value):
    """The comparison that runs, or the last one. `asked` is the turn that all of *columns* answer; 0 without one."""

    asked: int
    columns: tuple[Column, ...]

    @property
    def is_running(self) -> bool:
        """Some answer is still to come."""
        return any(not column.has_ended for column in self.columns)


class _Order(Value):
    material: Material
    sent: tuple[SentFile, ...]
    tokens: int
    reserved: str


class Comparison:
    """What is asked of several models at once."""

    def __init__(
        self,
        background: Background,
        providers: Providers,
        composer: Composer,
        discussion: LiveDiscussion,
        *,
        outgoing: Outgoing,
        preview: Preview,
        ledger: Ledger,
        memory: Callable[[], CacheMemory | None],
        is_busy: Callable[[], bool],
        secret_in: Callable[[str | None], SendResult | None],
        notify: Callable[[], None],
    ) -> None:
        self._background = background
        self._providers = providers
        self._composer = composer
        self._discussion = discussion
        self._outgoing = outgoing
        self._preview = preview
        self._ledger = ledger
        self._memory = memory
        self._is_busy = is_busy
        self._secret_in = secret_in
        self._notify = notify
        self._lock = threading.Lock()
        self._number = 0
        self._state = ComparisonState(0, ())
        self._running: list[Future[None]] = []

    def snapshot(self) -> ComparisonState:
        """The comparison now."""
        with self._lock:
            return self._state

    def ask(self, models: tuple[tuple[str, str], ...], text: str | None, *, confirmed: bool) -> SendResult:
        """Sends *text*, or what is typed, or the last question again, to each of *models*.

        Each is a provider and a model, which may have settings of its own behind it (`src.models.variant`).
        """
        try:
            columns = tuple(_column(provider, name) for provider, name in models)
            refusal = self._refusal(columns)
            message = self._composer.message(text)
        except ValueError as error:
            return SendResult("refused", str(error))
        turns = self._discussion.snapshot().turns
        if not refusal and not message.parts and not any(turn.message.role == "user" for turn in turns):
            refusal = "There is nothing to send."
        if refusal:
            return SendResult("refused", refusal)
        if message.parts and not confirmed and (blocked := self._secret_in(text)) is not None:
            return blocked
        try:
            if message.parts:
                self._discussion.record(
                    Added(self._discussion.next_id(), self._discussion.head(), time.time(), message)
                )
                self._composer.take()
            elif turns[-1].message.role != "user":
                self._discussion.fork(next(turn.id for turn in reversed(turns) if turn.message.role == "user"))
        except DiscussionError as error:
            return SendResult("refused", str(error))
        needed = (TURN_LOOP, *((VALIDATION,) if self._composer.snapshot().schema else ()))
        modules = tuple(dict.fromkeys((*needed, *(self._providers.find(one.provider).module for one in columns))))
        with self._lock:
            self._number += 1
            number, self._running = self._number, []
            self._state = ComparisonState(self._discussion.head(), columns)
        ready = self._background.is_warm(modules)
        begin = partial(self._begin, number, self._discussion.tree(), confirmed)
        self._background.when_warm(modules, lambda: self._background.submit(begin), partial(self._refuse_all, number))
        self._notify()
        return SendResult("sent" if ready else "queued")

    def stop(self) -> None:
        """Ends all answers that still stream; what has arrived stays."""
        with self._lock:
            running, self._running = self._running, []
            number = self._number
            waiting = self._state.is_running and not running
        for future in running:
            future.cancel()
        if waiting:
            self._refuse_all(number, "stopped")

    def choose(self, turn: int) -> None:
        """Goes on with the answer *turn*. Raises DiscussionError when it is gone."""
        self._discussion.switch(turn)

    def _refusal(self, columns: tuple[Column, ...]) -> str:
        if self._is_busy() or self.snapshot().is_running:
            return "A reply is on its way; stop it first."
        if not NEEDED <= len(set(columns)) == len(columns) <= MAX_COLUMNS:
            return f"A comparison needs {NEEDED} to {MAX_COLUMNS} different models, or one model with other settings."
        for column in columns:
            try:
                self._providers.find(column.provider)
            except ValueError as error:
                return str(error)
        state = self._discussion.snapshot()
        return f"This discussion is read-only here. {state.notice}" if state.read_only else ""

    def _begin(self, number: int, tree: Discussion, confirmed: bool) -> None:
        """Makes and reserves each request, and starts it. On the pool."""
        for at, column in enumerate(self.snapshot().columns):
            try:
                order = self._order(column, confirmed)
            except Exception as error:
                self._change(number, at, refusal=f"The request cannot be made: {error}")
                continue
            if isinstance(order, str):
                self._change(number, at, refusal=order, over_cap=True)
                continue
            with self._lock:
                if self._number != number or self._state.columns[at].has_ended:
                    self._ledger.settle(order.reserved, "not sent", None, Money(0), False)
                    continue
            future = self._background.run_on_loop(self._stream(number, at, tree, order))
            if future is None:
                self._ledger.settle(order.reserved, "not sent", None, Money(0), False)
                self._change(number, at, refusal="The loop of the replies does not run.")
                continue
            with self._lock:
                self._running.append(future)
        self._background.submit(self._ledger.flush)

    def _order(self, column: Column, confirmed: bool) -> _Order | str:
        material = self._outgoing.fresh_material_for(column.provider, column.model, column.settings)
        check_schema(material)
        sent = tuple(SentFile(file.path, digest_of(text), len(text.encode())) for file, text in material.files)
        weighed = self._preview.weigh(material)
        if weighed.drops and not confirmed:
            return weighed.drops
        line = self._outgoing.order(material, weighed.highest, "comparison")
        reserved = self._ledger.reserve(line, weighed.total_tokens, self._outgoing.caps(), confirmed=confirmed)
        return reserved.refusal or _Order(material, sent, weighed.total_tokens, reserved.id)

    async def _stream(self, number: int, at: int, tree: Discussion, order: _Order) -> None:
        material, began, asked_at = order.material, time.monotonic(), time.time()
        reply, first = ModelReply(material.provider, material.model), 0.0
        memory = self._memory()
        outlook = memory.note(material, beside=True) if memory is not None else None
        self._change(number, at, reply=reply)
        end: End = Stopped()
        try:
            end = Truncated()
            async for event in self._providers.stream(build(material), self._outgoing.patience()):
                if isinstance(event, Done | Truncated | Stopped | Failed):
                    end = event
                    break
                reply = reply.after(event)
                if not first and isinstance(event, Text | Thinking | ToolCall):
                    first = time.monotonic() - began
                    self._change(number, at, first_s=first)
                self._change(number, at, reply=reply)
        except Exception as error:
            end = Failed(f"{type(error).__name__}: {error}")
        except BaseException:  # it was stopped
            end = Stopped()
            raise
        finally:
            cost = self._outgoing.prices().cost(reply.provider, reply.model, reply.usage)
            self._ledger.settle(order.reserved, *settled_as(order.tokens, reply, end, self._outgoing.prices()))
            self._background.submit(self._ledger.flush)
            turn = self._record(tree, reply, Ended(end, cost), order, asked_at=asked_at)
            if memory is not None and outlook is not None and turn:
                memory.expect(self._discussion.snapshot().name, turn, outlook, order.tokens)
            whole = time.monotonic() - began
            self._change(number, at, reply=reply.after(end), whole_s=whole, cost=cost, turn=turn)

    def _record(self, tree: Discussion, reply: ModelReply, ended: Ended, order: _Order, *, asked_at: float) -> int:
        """Writes the answer down as a branch; its turn, 0 when there is none."""
        asked = self.snapshot().asked
        pieces = [piece for part in reply.parts if (piece := _piece(part)) is not None]
        with suppress(DiscussionError):  # another discussion is open now, or the question was deleted
            turn = self._discussion.next_id()
            begun = Begun(
                turn,
                asked,
                asked_at,
                reply.provider,
                reply.model,
                order.material.schema,
                written(order.material.options),
            )
            usage = [Arrived(reply.usage)] if reply.usage is not None else []
            events: tuple[DiscussionEvent, ...] = (begun, *map(Arrived, pieces), *usage, ended)
            if self._discussion.record_all_in(tree, events, order.sent) and reply.parts:
                return turn
        return 0

    def _refuse_all(self, number: int, reason: str) -> None:
        for at, column in enumerate(self.snapshot().columns):
            if not column.has_ended:
                self._change(number, at, refusal=reason)

    def _change(self, number: int, at: int, **fields: object) -> None:
        with self._lock:
            if self._number != number:
                return
            columns = list(self._state.columns)
            columns[at] = columns[at]._replace(**fields)
            self._state = self._state._replace(columns=tuple(columns))
        self._notify()


def _column(provider: str, name: str) -> Column:
    variant = parse(name)
    return Column(provider, variant.model, settings=variant.settings)


def _piece(part: Part) -> Text | Thinking | ToolCall | None:
    match part:
        case TextPart(text):
            return Text(text)
        case ThinkingPart(text, signature):
            return Thinking(text, signature)
        case ToolCallPart(call_id, name, arguments, signature):
            return ToolCall(call_id, name, arguments, signature)
    return None
