"""One reply in up to a few attempts: retries with a visible wait, reports and ends silence, makes every end explicit.

Alike for all providers, whose SDKs' own retries are off. Standard library only.

Guarantees
- The events of `stream` end with exactly one of Done, Truncated, Failed; cancelling the task that iterates ends it at
  once, whatever the provider does, and what had come stays.
- Nothing is asked for again after a part of the answer (text, thought, tool call) has been shown.
- A reply never waits longer than `idle_timeout_s` for the next sign of life, nor longer than `longest_wait_s` to retry.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from contextvars import ContextVar

from src.chat import Done, Event, Failed, Idle, Retrying, Text, Thinking, ToolCall, Truncated
from src.models.errors import CutOffError, ProviderError
from src.models.patience import Patience, in_words
from src.privacy.redactor import redact

MAX_WAITING_EVENTS = 256  # events that may wait for a slow reader before the provider's stream is held back
# How long a stopped attempt may take to close its connection before it is left to close by itself.
CLOSING_S = 0.03

Attempt = Callable[[int], AsyncGenerator[Event]]


class Exchange:
    """One attempt's HTTP exchange: the provider's `title`, when the last byte came, what closes the connection."""

    def __init__(self, title: str, patience: Patience) -> None:
        self.title = title
        self.patience = patience
        self.last_sign = time.monotonic()
        self.close: Callable[[], Awaitable[None]] | None = None

    def sign_of_life(self) -> None:
        """Something came, if only a ping: the silence begins anew."""
        self.last_sign = time.monotonic()


exchange: ContextVar[Exchange | None] = ContextVar("exchange", default=None)


async def stream(title: str, attempt: Attempt, patience: Patience) -> AsyncGenerator[Event]:
    """The events of one reply: `attempt(n)` yields those of the n-th attempt, and raises ProviderError or CutOffError.

    An attempt that ends without Done was cut: Truncated.
    """
    for number in range(1, patience.attempts + 1):
        shown = False
        try:
            async with aclosing(_watched(title, attempt, number, patience)) as events:
                async for event in events:
                    shown = shown or isinstance(event, Text | Thinking | ToolCall)
                    yield event
                    if isinstance(event, Done):
                        return
            if shown:
                yield Truncated()
                return
            failure = ProviderError("network", f"{title} closed the connection without an answer.", again=True)
        except CutOffError:
            if shown:
                yield Truncated()
                return
            failure = ProviderError("network", f"The connection to {title} broke before an answer came.", again=True)
        except ProviderError as error:
            failure = error
        except Exception as error:
            failure = ProviderError("internal", f"{title}: {type(error).__name__}: {error}")
        wait = _wait_before(number + 1, failure, patience)
        if shown or not failure.again or number == patience.attempts or wait > patience.longest_wait_s:
            yield _final(failure, number, wait, patience, shown)
            return
        for left in _countdown(wait, patience.tick_s):
            yield Retrying(number + 1, left, failure.reason)
            await asyncio.sleep(min(left, patience.tick_s))


def _final(failure: ProviderError, number: int, wait: float, patience: Patience, shown: bool) -> Failed:
    reason = failure.reason
    if failure.again and not shown and wait > patience.longest_wait_s:
        reason = f"{reason.rstrip('.')}. It asks to wait {in_words(wait)}: try again then."
    elif failure.again and number > 1:
        reason = f"{reason.rstrip('.')}. Tried {number} times."
    return Failed(redact(reason), failure.kind)


def _wait_before(number: int, failure: ProviderError, patience: Patience) -> float:
    if failure.retry_after_s is not None:
        return failure.retry_after_s
    wait = min(patience.first_wait_s * 2.0 ** (number - 2), patience.longest_wait_s)
    return wait * (1 - patience.jitter * random.random())  # noqa: S311  spreads clients, guards nothing


def _countdown(wait: float, tick: float) -> list[float]:
    """What is left at each tick of *wait* seconds; one entry at least, so that a retry is always reported."""
    ticks = max(1, int(-(-wait // tick)))
    return [wait - tick * position for position in range(ticks)]


async def _watched(title: str, attempt: Attempt, number: int, patience: Patience) -> AsyncGenerator[Event]:
    """The events of one attempt, with Idle while nothing comes.

    The attempt runs as a task of its own, so that waiting for it with a deadline does not cancel it.
    """
    here = Exchange(title, patience)
    queue: asyncio.Queue[Event | Exception | None] = asyncio.Queue(MAX_WAITING_EVENTS)
    pump = asyncio.ensure_future(_pump(here, attempt, number, queue))
    last_event = time.monotonic()
    try:
        while True:
            now = time.monotonic()
            until_given_up = here.last_sign + patience.idle_timeout_s - now
            if until_given_up <= 0:
                silent = (
                    f"{title} has sent nothing for {now - here.last_sign:.0f} s; the reply was given up. Try again."
                )
                raise ProviderError("timeout", silent)
            try:
                async with asyncio.timeout(min(patience.tick_s, until_given_up)):
                    item = await queue.get()
            except TimeoutError:
                elapsed = time.monotonic() - last_event
                if elapsed >= patience.quiet_s:
                    yield Idle(elapsed)
                continue
            if item is None:
                return
            if isinstance(item, Exception):
                raise item
            last_event = time.monotonic()
            yield item
    finally:
        pump.cancel()
        await asyncio.wait({pump}, timeout=CLOSING_S)


async def _pump(here: Exchange, attempt: Attempt, number: int, queue: asyncio.Queue[Event | Exception | None]) -> None:
    exchange.set(here)
    end: Exception | None = None
    try:
        async with aclosing(attempt(number)) as events:
            async for event in events:
                here.sign_of_life()
                await queue.put(event)
    except Exception as error:
        end = error
    finally:
        if here.close is not None:  # not every SDK closes what it has stopped reading
            await here.close()
    await queue.put(end)
