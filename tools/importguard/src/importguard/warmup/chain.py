"""The warmup itself: one ordered chain of jobs on an executor, watched, with answers from its own record.

Guarantees
- With `concurrency` 1 jobs run one at a time, in order. Up to Python 3.14 two threads that import parts of one package
  tree can deadlock or see half a module (CPython issue 83065); one chain cannot. Jobs of one group never run beside
  each other.
- `require_warmed` answers from the warmup's own record, never from `sys.modules`, which holds a module before its body
  has finished. It neither imports nor waits.
- While jobs run the cyclic collector is off and the interpreter switches threads often; both are restored at the end,
  whatever happened. The warmed objects are then frozen, so that later collections do not walk them.
- Jobs run on the executor. One daemon thread beside it waits for the start signal and watches the deadlines. A job that
  hangs costs the executor one worker and never a second: what is left runs on daemon threads.
- Callbacks run outside the lock. One that raises is kept in `callback_errors`; the others still run.
- A module's exception is asked to describe itself once, on the worker and outside the lock: whatever that does, the
  chain goes on and `status` never raises.
- Where no thread can be started the chain ends with its jobs pending; `start` begins it again.
- In a fork's child nothing runs: what was ready stays ready, the job that was running has failed, `start` goes on.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any

from importguard.warmup.manifest import WarmupManifest
from importguard.warmup.process import alive, remember
from importguard.warmup.smoothness import smoothness
from importguard.warmup.status import DeadlineError, ForkedError, NotWarmedError, WarmupFailedError, WarmupStatus
from importguard.warmup.task import Failure, Task, carry_out
from importguard.warmup.threads import DaemonThreads, Submits, no_thread, start_daemon
from importguard.warmup.waiting import Guard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Future
    from types import ModuleType

    from importguard.warmup.waiting import Report

    Listener = Callable[[WarmupStatus], None]

POLL_S = 0.05  # how often a start signal is looked at, so that `close` is heard meanwhile
DEADLINE_S = 60.0


class Warmup:
    """Runs a manifest's jobs. `_lock` guards every field below it; it is reentrant and held across a fork."""

    def __init__(
        self,
        manifest: WarmupManifest | str | os.PathLike[str],
        executor: Submits | None = None,
        *,
        concurrency: int = 1,
        deadline_s: float | None = DEADLINE_S,
        freeze: bool = True,
        precompile: bool = False,
    ) -> None:
        """*manifest*: one made in code, or its file. Raises ManifestError.

        *executor*: where the jobs run, a ThreadPoolExecutor for example; None: on daemon threads, which never hold the
        interpreter's exit.
        *concurrency*: how many groups may be imported side by side. Measured on 2 cores with the interpreter lock: four
        threads were no faster than one (1.51-2.46 s against 1.50-1.74 s for the same 13 modules), because importing
        holds that lock; and two imports at a time can deadlock where their packages share a dependency.
        *deadline_s*: seconds that a job may take before it counts as failed and the chain goes on; None: no limit.
        *freeze*: `gc.freeze()` at the end.
        *precompile*: where a job's module has no valid bytecode, a child process imports all of them first, so that
        compiling does not hold this process's interpreter lock for longer than a frame. `precompiled` says what came
        of it. The child runs the modules' bodies: what an import does to the world outside happens twice.
        """
        if concurrency < 1:
            raise ValueError(f"concurrency: expected 1 or more, got {concurrency}")
        self.manifest = manifest if isinstance(manifest, WarmupManifest) else WarmupManifest.load(manifest)
        self.callback_errors: deque[BaseException] = deque(maxlen=100)
        self._executor: Submits = DaemonThreads() if executor is None else executor
        self._concurrency, self._deadline_s, self._freeze = concurrency, deadline_s, freeze
        self.precompiled: str | None = None  # "" when all bytecode is there, else why not; None: nobody has looked
        self._precompile = precompile
        self._ready: dict[str, Task] = {}  # written under the lock; single reads need none
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._tasks = {job.module: Task(job) for job in self.manifest.jobs}
        self._pending = list(self._tasks.values())
        self._in_flight: set[Task] = set()  # handed to the executor and not ended
        self._begun = 0
        self._active = self._smooth = self._closed = self._halted = False
        self._here = threading.local()  # whether this thread hands over jobs already
        self._ended_at: float | None = None
        self._guard: Guard | None = None
        self._finished = threading.Event()
        self._progress: list[Listener] = []
        self._complete: list[Listener] = []
        remember(self)

    def start(self, after: threading.Event | None = None) -> None:
        """Begins the chain, once *after* is set when that is given; a second call does nothing.

        Raises RuntimeError when no thread can be started; then it can be called again.
        """
        with self._lock:
            if self._active or self._closed or (self._finished.is_set() and not self._pending):
                return
            before = self._ended_at
            self._active, self._halted, self._ended_at = True, False, None
            self._finished.clear()
        try:
            if after is not None or self._deadline_s is not None:
                start_daemon(self._watch, after)
        except BaseException:
            with self._lock:
                self._active, self._ended_at = False, before
                if before is not None:
                    self._finished.set()
            raise
        if after is None:
            self._begin()
            with self._lock:
                halted = self._halted and not self._active
            if halted:
                raise RuntimeError("no thread can be started for the warmup; start it again later")

    def status(self) -> WarmupStatus:
        """What is pending, running, completed and failed now."""
        with self._lock:
            begun = sorted((one for one in self._tasks.values() if one.state != "pending"), key=lambda one: one.order)
            handed = [task for task in self._in_flight if task.state == "pending"]
            return WarmupStatus(tuple(task.status() for task in (*begun, *handed, *self._pending)), self._closed)

    def wait(self, timeout: float | None = None) -> bool:
        """Waits up to *timeout* seconds for the chain to end; True when every job has. Never on the GUI thread."""
        return self._finished.wait(timeout) and self.status().done

    def on_progress(self, callback: Listener) -> None:
        """Calls *callback* on the worker after each job."""
        with self._lock:
            self._progress.append(callback)

    def on_complete(self, callback: Listener) -> None:
        """Calls *callback* exactly once: when the chain ends, on the worker, or here and now when it has ended already.

        A chain ends too when it is closed or its executor shut down: then jobs are still pending in the status. A
        `retry` is a chain of its own; it calls what is registered while it runs.
        """
        with self._lock:
            ended = self._finished.is_set()
            if not ended:
                self._complete.append(callback)
        if ended:
            self._notify([callback])

    @property
    def ended_at(self) -> float | None:
        """`time.perf_counter()` of the moment at which the chain ended; None before."""
        with self._lock:
            return self._ended_at

    def require_warmed(self, name: str) -> ModuleType:
        """The warmed module. Raises NotWarmedError or WarmupFailedError; never imports, never waits."""
        module = self._answer(name).module
        assert module is not None  # noqa: S101  a task is ready with its module
        return module

    def ready(self, name: str) -> bool:
        """Whether the job of the module *name* has completed: using its name costs nothing now. Never raises.

        False also for a module that nothing warms.
        """
        return name in self._ready

    def guard(self, report: Report = "log") -> None:
        """While jobs run, says when the main thread uses a module that is still warming up.

        *report*: "log" writes a warning to the logger `importguard.warmup`, "raise" raises NotWarmedError at the use; a
        callable gets a Waiting. But for "raise" the thread then waits as it would have. Call it before `start`.
        """
        with self._lock:
            if self._guard is not None:
                self._guard.remove()
            self._guard = Guard(report, self.status)
            if self._smooth:
                self._guard.install()

    def product(self, name: str) -> Any:
        """What the job's factory returned; None without one. Raises as `require_warmed` does."""
        return self._answer(name).product

    def retry(self, name: str) -> None:
        """Runs the failed job of *name* again, or gives one that still hangs another deadline.

        Raises KeyError when it has not failed, RuntimeError when the warmup is closed.
        """
        with self._lock:
            task = self._tasks[name]
            if task.state != "failed":
                raise KeyError(name)
            if self._closed:
                raise RuntimeError(f"{name} cannot be retried: the warmup is closed")
            if task.hangs:
                task.extend(self._deadline_s)
                self._in_flight.add(task)
                self._changed.notify_all()
            else:
                task.state = "pending"
                self._pending.append(task)
            self._finished.clear()
            self._ended_at = None
        self.start()

    def promote(self, name: str) -> None:
        """Moves the pending jobs of *name*'s group to the front, in their own order: the user wants it next."""
        with self._lock:
            group = next((task.job.group for task in self._pending if task.job.module == name), None)
            if group is not None:
                self._pending.sort(key=lambda task: task.job.group != group)

    def close(self) -> None:
        """Begins no further job; the one that is running ends by itself, and with it the chain."""
        with self._lock:
            self._closed = True
            self._changed.notify_all()
            callbacks = self._end_if_over()
        self._notify(callbacks)

    def hangs(self) -> bool:
        """A job's deadline has passed and its thread is still in it. See `end_process`."""
        with self._lock:
            return any(task.hangs for task in self._tasks.values())

    def _answer(self, name: str) -> Task:
        found = self._ready.get(name)
        if found is not None:
            return found
        with self._lock:
            task = self._tasks.get(name)
            state, failure = (task.state, task.failure) if task is not None else ("", None)
            closed = self._closed
        if task is not None and state == "completed":
            return task
        if task is None:
            raise NotWarmedError(f"nothing warms {name}; run `importguard manifest --write`")
        if failure is not None and state == "failed":
            raise WarmupFailedError(f"{name} could not be warmed: {failure.text}") from failure.error
        if closed and state == "pending":
            raise NotWarmedError(f"{name} was not warmed before the warmup was closed")
        raise NotWarmedError(f"{name} is still warming up")

    def _begin(self) -> None:
        with self._lock:
            if not self._active:  # closed while it waited for its signal
                return
            self._smooth = True
            smoothness.enter()
            if self._guard is not None:
                self._guard.install()
        self._advance()

    def _advance(self) -> None:
        """Hands over what may run now; ends the chain when nothing is left.

        An executor that works in place comes here from within `_hand_over`: then the call that waits there goes on.
        """
        if getattr(self._here, "busy", False):
            self._here.again = True
            return
        self._here.busy = self._here.again = True
        try:
            while self._here.again:
                self._here.again = False
                self._hand_over_all()
        finally:
            self._here.busy = False

    def _hand_over_all(self) -> None:
        try:
            while (task := self._take_next()) is not None:
                self._hand_over(task)
        finally:
            with self._lock:
                callbacks = self._end_if_over()
            self._notify(callbacks)

    def _take_next(self) -> Task | None:
        with self._lock:
            if self._closed or self._halted or not self._smooth or len(self._in_flight) >= self._concurrency:
                return None
            groups = {task.job.group for task in self._in_flight}
            task = next((one for one in self._pending if one.job.group not in groups), None)
            if task is not None:
                self._pending.remove(task)
                self._in_flight.add(task)
                task.attempt += 1
            return task

    def _hand_over(self, task: Task) -> None:
        attempt = task.attempt
        try:
            future = self._executor.submit(self._run, task)
        except BaseException as error:
            self._take_back(task, later=no_thread(error))
            if not isinstance(error, Exception):
                raise
            self.callback_errors.append(error)
            return
        if hasattr(future, "add_done_callback"):
            future.add_done_callback(partial(self._look_at, task, attempt))

    def _take_back(self, task: Task, *, later: bool = False) -> None:
        """*task* and what is left never run, as the executor was shut down; *later*: not before a `start`."""
        with self._lock:
            if task in self._in_flight and task.state == "pending":
                self._in_flight.discard(task)
                self._pending.insert(0, task)
            self._halted = self._halted or later
            self._closed = self._closed or not later

    def _look_at(self, task: Task, attempt: int, future: Future[None]) -> None:
        """Called when the executor has finished *task*: it ran, it was cancelled, or the executor cannot run it."""
        error = None if future.cancelled() else future.exception()
        failure = Failure.of(error) if error is not None else None
        with self._lock:
            if task not in self._in_flight or task.attempt != attempt:  # it ran, and perhaps runs again already
                return
            if failure is None:
                self._take_back(task)
            else:
                self._number(task)
                task.fail(failure)
                self._in_flight.discard(task)
        self._advance()

    def _run(self, task: Task) -> None:
        self._compile_first()
        with self._lock:
            wanted = task in self._in_flight and not self._closed
            if wanted:
                self._number(task)
                task.begin(self._deadline_s)
                self._changed.notify_all()
            elif task in self._in_flight:
                self._take_back(task)
        if wanted:
            self._carry_out(task)
        self._advance()

    def _compile_first(self) -> None:
        """Before the first job, on its worker."""
        with self._lock:
            wanted, self._precompile = self._precompile, False
            modules = [job.module for job in self.manifest.jobs]
        if wanted:
            from importguard.warmup.precompile import precompile

            self.precompiled = precompile(modules, lambda: not self._closed)

    def _carry_out(self, task: Task) -> None:
        failure: Failure | None = None
        try:
            module, product = carry_out(task.job)
        except BaseException as error:
            failure = Failure.of(error)
        # An executor that works in place gives Ctrl+C to the job: it ends the warmup, not only this job.
        by_user = failure is not None and isinstance(failure.error, KeyboardInterrupt)
        interrupted = by_user and threading.current_thread() is threading.main_thread()
        with self._lock:
            if failure is None:
                task.complete(module, product)
                self._ready[task.job.module] = task
            else:
                task.fail(failure)
            self._in_flight.discard(task)
            self._closed = self._closed or interrupted
            self._changed.notify_all()
            listeners = list(self._progress)
        self._notify(listeners)
        if failure is not None and interrupted:
            self._advance()
            raise failure.error

    def _number(self, task: Task) -> None:
        self._begun += 1
        task.order = self._begun

    def _end_if_over(self) -> list[Listener]:
        """Ends the chain, under the lock that `retry` takes too: its job comes before the end or starts a new chain."""
        left = bool(self._pending) and not (self._closed or self._halted)
        if self._in_flight or left or self._finished.is_set() or not (self._active or self._closed):
            return []
        if self._smooth:
            smoothness.leave(freeze=self._freeze)
            if self._guard is not None:
                self._guard.remove()
        self._active = self._smooth = False
        self._ended_at = time.perf_counter()
        self._finished.set()
        self._changed.notify_all()
        callbacks, self._complete = self._complete, []
        return callbacks

    def _notify(self, callbacks: Iterable[Listener]) -> None:
        listeners = list(callbacks)
        if not listeners:  # a status is of all jobs: not after each of thousands, for nobody
            return
        status = self.status()
        for callback in listeners:
            try:
                callback(status)
            except BaseException as error:
                self.callback_errors.append(error)
                if not isinstance(error, Exception) and threading.current_thread() is threading.main_thread():
                    raise

    def _watch(self, after: threading.Event | None) -> None:
        while after is not None and not after.wait(POLL_S):
            with self._lock:
                if not self._active:
                    return
        if after is not None:
            self._begin()
        while self._deadline_s is not None:
            with self._lock:
                now = time.perf_counter()
                running = [task for task in self._in_flight if task.state == "running"]
                overdue = [task for task in running if task.due <= now]
                if not self._active:
                    return
                if not overdue:
                    self._changed.wait(min((task.due - now for task in running), default=None))
            for task in overdue:
                self._give_up(task, self._deadline_s)

    def _give_up(self, task: Task, deadline_s: float) -> None:
        """Goes on without *task*. What must load together with it would wait for the same import: it is not tried."""
        with self._lock:
            if task.state != "running" or task.due > time.perf_counter():
                return
            why = task.give_up(deadline_s)
            self._in_flight.discard(task)
            for other in [one for one in self._pending if one.job.group == task.job.group]:
                self._pending.remove(other)
                self._number(other)
                other.fail(Failure.of(DeadlineError(f"was not tried: {task.job.module} {why}")))
            self._executor = DaemonThreads()
            listeners = list(self._progress)
        self._notify(listeners)
        self._advance()

    def quit(self) -> None:
        """The process ends: begins no further job and calls nobody."""
        with self._lock:
            self._progress.clear()
            self._complete.clear()
        self.close()

    def hold(self) -> None:
        """Keeps the record as it is until `release`, over a fork."""
        self._lock.acquire()

    def release(self, *, in_child: bool) -> None:
        """Ends `hold`. In a child the threads are gone, and with them the job that was running."""
        if in_child:
            for task in self._in_flight:
                if task.state == "running":
                    error = ForkedError("was being imported when the process forked; it cannot be imported here")
                    task.fail(Failure.of(error))
                else:
                    self._pending.insert(0, task)
            self._in_flight.clear()
            if self._guard is not None:
                self._guard.remove()
            self._active = self._smooth = False
            self._here = threading.local()
            self._executor = DaemonThreads()
            ended, self._finished = self._finished.is_set(), threading.Event()
            if ended:
                self._finished.set()
            self._changed = threading.Condition(self._lock)
        self._lock.release()


def warmups() -> tuple[Warmup, ...]:
    """The warmups of this process."""
    return tuple(one for one in alive() if isinstance(one, Warmup))
