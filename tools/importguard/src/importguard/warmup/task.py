"""One job of a warmup while it is carried out: its state, its thread, what it gave. Guarded by the warmup's lock."""

from __future__ import annotations

import importlib
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from importguard.warmup.status import DeadlineError, JobStatus, State

if TYPE_CHECKING:
    from types import ModuleType

    from importguard.warmup.manifest import WarmupJob


_NAME_OF = type.__dict__["__name__"].__get__  # whatever a metaclass makes of it
_MAX_TEXT = 10_000  # characters of what an exception says of itself
_MAX_FRAMES = 100


class Failure(NamedTuple):
    """Why a job failed. The texts are made once, where it failed: an exception's own methods may raise, or wait."""

    error: BaseException
    text: str
    traceback: str

    @classmethod
    def of(cls, error: BaseException) -> Failure:
        """Asks *error* to describe itself: never under a lock."""
        return cls(error, _described(error), _traced(error))


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
        self.failure: Failure | None = None
        self._thread: threading.Thread | None = None
        self._began = self._ended = 0.0

    def begin(self, deadline_s: float | None) -> None:
        """This thread carries it out now."""
        self._thread = threading.current_thread()
        self.failure, self._began = None, time.perf_counter()
        self.extend(deadline_s)

    def extend(self, deadline_s: float | None) -> None:
        """It has *deadline_s* seconds from now; None: as long as it takes."""
        self.state, self.hangs = "running", False
        self.due = float("inf") if deadline_s is None else time.perf_counter() + deadline_s

    def complete(self, module: ModuleType, product: Any) -> None:
        """It gave *module*, and its factory *product*."""
        self.state, self.hangs, self._ended = "completed", False, time.perf_counter()
        self.failure, self.module, self.product = None, module, product

    def fail(self, failure: Failure) -> None:
        """It could not be carried out."""
        self.state, self.hangs, self._ended = "failed", False, time.perf_counter()
        self.failure = failure

    def give_up(self, deadline_s: float) -> str:
        """Its deadline has passed; the thread stays in it. What that is called."""
        why = f"did not end within {deadline_s:g} s"
        self.fail(Failure(DeadlineError(why), why, self._where_it_is()))
        self.hangs = True
        return why

    def status(self) -> JobStatus:
        """A snapshot."""
        ended = time.perf_counter() if self.state == "running" else self._ended
        return JobStatus(
            module=self.job.module,
            state=self.state,
            elapsed_ms=(ended - self._began) * 1000 if self._began and self.state != "pending" else 0.0,
            order=self.order,
            thread=self._thread.name if self._thread else "",
            failure=self.failure.text if self.failure else "",
            traceback=self.failure.traceback if self.failure else "",
            reason=self.job.reason,
            cost_us=self.job.cost_us,
        )

    def _where_it_is(self) -> str:
        import linecache  # most programs have it long before anything hangs

        frame = sys._current_frames().get(self._thread.ident or 0) if self._thread else None
        lines: list[str] = []
        while frame is not None and len(lines) < _MAX_FRAMES:
            file, line = frame.f_code.co_filename, frame.f_lineno
            code = linecache.getline(file, line).strip()  # from the file alone: a loader of the program's may wait
            lines.append(
                f'  File "{file}", line {line}, in {frame.f_code.co_name}\n' + (f"    {code}\n" if code else "")
            )
            frame = frame.f_back
        return "".join(reversed(lines))


def carry_out(job: WarmupJob) -> tuple[ModuleType, Any]:
    """Imports the module and calls the factory. Raises whatever they raise."""
    module = importlib.import_module(job.module)
    if not job.factory:
        return module, None
    name, _, attribute = job.factory.partition(":")
    return module, getattr(importlib.import_module(name), attribute)()


def _described(error: BaseException) -> str:
    """ "ValueError: no key"; a deadline and a fork speak for themselves."""
    try:
        text = str(error)[:_MAX_TEXT]
        if type(error) is DeadlineError:
            return text
        return f"{type(error).__name__}: {text}" if text else type(error).__name__
    except BaseException:
        return f"{_NAME_OF(type(error))}, which cannot say why"


def _traced(error: BaseException) -> str:
    import traceback

    try:
        return "".join(traceback.format_exception(error))
    except BaseException:
        return "the traceback cannot be shown\n"
