"""Work off the main thread: runs an action once what it needs is warm, a job on the pool, a job later.

Guarantees
- Nothing here blocks the caller or starts a thread; jobs run on the pool or on the turn loop, itself a job of the pool.
- A job that raises is reported, never lost in silence; after `close` jobs are dropped.
- `_lock` guards `_wanted`, `_clock` and `_early`; actions run outside it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

from importguard.warmup import NotWarmedError, Warmup, WarmupFailedError
from src.work.io_pool import IoPool

T = TypeVar("T")
Action = Callable[[], object]


if TYPE_CHECKING:
    from typing import Protocol

    class Clock(Protocol):
        """What calls back later: the turn loop."""

        def call_later(self, delay_s: float, action: Action) -> None:
            """Calls *action* in *delay_s* seconds, on the loop's thread."""

        def submit(self, turn: Coroutine[Any, Any, T]) -> Future[T]:
            """Starts *turn* on the loop."""
            raise NotImplementedError


class Background:
    """The pool and the warmup together."""

    def __init__(self, pool: IoPool, warmup: Warmup, report: Callable[[str], None]) -> None:
        self._pool = pool
        self._warmup = warmup
        self._report = report
        self._lock = threading.Lock()
        self._wanted: list[tuple[tuple[str, ...], Action, Callable[[str], None]]] = []
        self._clock: Clock | None = None
        self._early: list[tuple[float, Action]] = []

    def submit(self, job: Callable[[], T]) -> Future[T]:
        """Runs *job* on the pool; the future of its answer. What it raises is reported too; dropped when closing."""

        def run() -> T:
            try:
                return job()
            except Exception as error:
                self._report(str(error) or type(error).__name__)
                raise

        try:
            return self._pool.submit(run)
        except RuntimeError as error:
            future: Future[T] = Future()
            future.set_exception(error)
            return future

    def when_warm(self, modules: tuple[str, ...], action: Action, failed: Callable[[str], None] | None = None) -> None:
        """Runs *action* once all *modules* are warm: now, or on a worker when the last is. A failure is reported."""
        with self._lock:
            self._wanted.append((modules, action, failed or self._report))
        self.look()

    def is_warm(self, modules: tuple[str, ...]) -> bool:
        """All *modules* are warm."""
        try:
            for module in modules:
                self._warmup.require_warmed(module)
        except (NotWarmedError, WarmupFailedError):
            return False
        return True

    def look(self) -> None:
        """Runs the actions whose module is warm by now. Called after each job of the warmup."""
        ready: list[Action] = []
        with self._lock:
            kept = []
            for modules, action, failed in self._wanted:
                try:
                    for module in modules:
                        self._warmup.require_warmed(module)
                    ready.append(action)
                except NotWarmedError:
                    kept.append((modules, action, failed))
                except WarmupFailedError as error:
                    ready.append(_telling(failed, f"{error}. Open the Startup panel to retry."))
            self._wanted = kept
        for action in ready:
            action()

    def later(self, delay_s: float, action: Action) -> None:
        """Calls *action* on the loop's thread in *delay_s* seconds; before there is a loop, when it comes."""
        with self._lock:
            clock = self._clock
            if clock is None:
                self._early.append((delay_s, action))
        if clock is not None:
            clock.call_later(delay_s, action)

    def run_on_loop(self, turn: Coroutine[Any, Any, T]) -> Future[T] | None:
        """Starts *turn* on the turn loop; None when there is none yet."""
        with self._lock:
            clock = self._clock
        if clock is None:
            turn.close()
            return None
        return clock.submit(turn)

    def set_clock(self, clock: Clock) -> None:
        """From now on *clock* calls back."""
        with self._lock:
            self._clock = clock
            early, self._early = self._early, []
        for delay_s, action in early:
            clock.call_later(delay_s, action)

    @property
    def has_clock(self) -> bool:
        """`later` is really later."""
        with self._lock:
            return self._clock is not None

    @property
    def is_full(self) -> bool:
        """Every worker is taken: a job would wait."""
        return self._pool.is_full


def _telling(failed: Callable[[str], Any], reason: str) -> Action:
    return lambda: failed(reason)
