"""One job of a warmup while it is carried out: its state, its thread, what it gave. Guarded by the warmup's lock."""

from __future__ import annotations

import importlib
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from importguard.warmup.status import DeadlineError, JobStatus, State

if TYPE_CHECKING:
    from types import ModuleType

    from importguard.warmup.manifest import WarmupJob


class Task:
    """The mutable side of *job*. `hangs`: its deadline has passed and its thread is still in it."""

    def __init__(self, job: WarmupJob) -> None:
        self.job = job
        self.state: State = "pending"
        self.order = 0
        self.attempt = 0  # how often it was handed to the executor
        self.hangs = False
        self.due = float("inf")  # time.perf_counter() from which it hangs
        self.module: ModuleType | None = None
        self.product: Any = None
        self.error: BaseException | None = None
        self._traceback = ""
        self._thread: threading.Thread | None = None
        self._began = self._ended = 0.0

    def begin(self, deadline_s: float | None) -> None:
        """This thread carries it out now."""
        self._thread = threading.current_thread()
        self.error, self._traceback, self._began = None, "", time.perf_counter()
        self.extend(deadline_s)

    def extend(self, deadline_s: float | None) -> None:
        """It has *deadline_s* seconds from now; None: as long as it takes."""
        self.state, self.hangs = "running", False
        self.due = float("inf") if deadline_s is None else time.perf_counter() + deadline_s

    def complete(self, module: ModuleType, product: Any) -> None:
        """It gave *module*, and its factory *product*."""
        self.state, self.hangs, self._ended = "completed", False, time.perf_counter()
        self.error, self._traceback, self.module, self.product = None, "", module, product

    def fail(self, error: BaseException, traceback: str = "") -> None:
        """It raised *error*, or could not be carried out because of it."""
        self.state, self.hangs, self._ended = "failed", False, time.perf_counter()
        self.error, self._traceback = error, traceback or _format_error(error)

    def give_up(self, deadline_s: float) -> None:
        """Its deadline has passed; the thread stays in it."""
        self.fail(DeadlineError(f"did not end within {deadline_s:g} s"), self._where_it_is())
        self.hangs = True

    def status(self) -> JobStatus:
        """A snapshot."""
        ended = time.perf_counter() if self.state == "running" else self._ended
        return JobStatus(
            module=self.job.module,
            state=self.state,
            elapsed_ms=(ended - self._began) * 1000 if self._began and self.state != "pending" else 0.0,
            order=self.order,
            thread=self._thread.name if self._thread else "",
            failure=describe(self.error) if self.error else "",
            traceback=self._traceback,
            reason=self.job.reason,
            cost_us=self.job.cost_us,
        )

    def _where_it_is(self) -> str:
        import traceback  # most programs have it long before anything hangs

        frame = sys._current_frames().get(self._thread.ident or 0) if self._thread else None
        return "".join(traceback.format_stack(frame)) if frame is not None else ""


def carry_out(job: WarmupJob) -> tuple[ModuleType, Any]:
    """Imports the module and calls the factory. Raises whatever they raise."""
    module = importlib.import_module(job.module)
    if not job.factory:
        return module, None
    name, _, attribute = job.factory.partition(":")
    return module, getattr(importlib.import_module(name), attribute)()


def describe(error: BaseException) -> str:
    """ "ValueError: no key"; a deadline speaks for itself."""
    if isinstance(error, DeadlineError):
        return str(error)
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _format_error(error: BaseException) -> str:
    import traceback

    return "".join(traceback.format_exception(error))
