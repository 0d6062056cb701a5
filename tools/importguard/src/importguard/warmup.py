"""The runtime of a warmup: imports heavy modules on an executor's thread in one ordered chain, and says what is ready.

An application composes a Warmup with its own executor. Standard library only; importing this takes a few milliseconds.

Guarantees
- Jobs run one at a time, in order; nothing here starts a thread. Two threads that import parts of one package tree can
  deadlock or see half a module (CPython issue 83065); one chain cannot.
- `require_warmed` answers from the warmup's own record, never from `sys.modules`, which holds a module before its body
  has finished. It neither imports nor waits.
- While jobs run the cyclic collector is off and the interpreter switches threads often; both are restored at the end,
  whatever happened. The warmed objects are then frozen, so that later collections do not walk them.
- A callback that raises is kept in `callback_errors`; the other callbacks still run.
"""

from __future__ import annotations

import gc
import importlib
import json
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Executor
    from pathlib import Path
    from types import ModuleType

SCHEMA = 1
SWITCH_INTERVAL = (
    0.0005  # seconds; measured: the worst frame of a 60 Hz loop falls from 104 to 24 ms with the collector off
)


class ManifestError(ValueError):
    """A manifest that cannot be used; the message names the file, the place and the next step."""


class NotWarmedError(RuntimeError):
    """The module is not ready yet, or nothing warms it."""


class WarmupFailedError(RuntimeError):
    """The module's import or factory raised; `__cause__` is what it raised."""


class WarmupJob(NamedTuple):
    """Import *module*, then call *factory* ("package.module:attribute"). Jobs of one *group* stay together."""

    module: str
    factory: str | None = None
    priority: int = 0
    reason: str = ""
    cost_us: int | None = None
    group: int = 0


class WarmupManifest(NamedTuple):
    """What to warm, in order. `fingerprint` is the digest of the analysed code's answer."""

    schema: int
    entry: str
    jobs: tuple[WarmupJob, ...]
    fingerprint: str = ""

    @classmethod
    def of(cls, modules: Iterable[str], *, entry: str = "") -> WarmupManifest:
        """A manifest that imports *modules* in the given order."""
        jobs = tuple(WarmupJob(module, group=position) for position, module in enumerate(modules))
        return cls(SCHEMA, entry, jobs)

    @classmethod
    def load(cls, path: str | Path) -> WarmupManifest:
        """The manifest in *path*. Raises ManifestError."""
        try:
            with open(path, encoding="utf-8") as file:
                data = json.load(file)
        except OSError as error:
            raise ManifestError(
                f"{path}: cannot be read ({error.strerror}); run `importguard manifest --write`"
            ) from error
        except ValueError as error:
            raise ManifestError(f"{path}: is not JSON ({error}); run `importguard manifest --write`") from error
        return cls.parse(data, str(path))

    @classmethod
    def parse(cls, data: Any, name: str = "manifest") -> WarmupManifest:
        """The manifest that the JSON value *data* describes. Raises ManifestError naming *name* and the field."""
        if not isinstance(data, dict) or not isinstance(data.get("schema"), int):
            raise ManifestError(f"{name}: `schema` must be a number; run `importguard manifest --write`")
        if data["schema"] > SCHEMA:
            raise ManifestError(
                f"{name}: has schema {data['schema']}, this importguard reads up to {SCHEMA}; upgrade importguard"
            )
        rows = data.get("jobs")
        if not isinstance(rows, list):
            raise ManifestError(f"{name}: `jobs` must be a list; run `importguard manifest --write`")
        jobs = tuple(_parse_job(row, f"{name}: jobs[{position}]") for position, row in enumerate(rows))
        return cls(data["schema"], str(data.get("entry", "")), jobs, str(data.get("fingerprint", "")))

    def to_json(self) -> str:
        """The file's text: the same manifest gives the same bytes; costs, which are a machine's, are left out."""
        jobs = [
            {
                "module": job.module,
                **({"factory": job.factory} if job.factory else {}),
                **({"priority": job.priority} if job.priority else {}),
                "group": job.group,
                "reason": job.reason,
            }
            for job in self.jobs
        ]
        data = {"schema": self.schema, "entry": self.entry, "fingerprint": self.fingerprint, "jobs": jobs}
        return json.dumps(data, indent=2) + "\n"


_FIELDS: dict[str, tuple[tuple[type, ...], str]] = {
    "module": ((str,), "a text"),
    "factory": ((str, type(None)), "a text"),
    "priority": ((int,), "a whole number"),
    "reason": ((str,), "a text"),
    "cost_us": ((int, type(None)), "a whole number"),
    "group": ((int,), "a whole number"),
}


def _parse_job(row: Any, place: str) -> WarmupJob:
    if not isinstance(row, dict) or not row.get("module"):
        raise ManifestError(f"{place}: expected an object with `module`; run `importguard manifest --write`")
    for key, value in row.items():
        kinds, expected = _FIELDS.get(key, ((object,), ""))
        if not isinstance(value, kinds) or isinstance(value, bool):
            raise ManifestError(f"{place}.{key}: expected {expected}; run `importguard manifest --write`")
    return WarmupJob(**{key: value for key, value in row.items() if key in _FIELDS})


class WarmupStatus(NamedTuple):
    """A snapshot. Names are modules of the manifest; `failed` pairs each with its reason; times in milliseconds."""

    pending: tuple[str, ...]
    running: str | None
    running_ms: float
    completed: tuple[str, ...]
    failed: tuple[tuple[str, str], ...]
    job_ms: tuple[tuple[str, float], ...]

    @property
    def total(self) -> int:
        """How many jobs there are."""
        return len(self.pending) + (self.running is not None) + len(self.completed) + len(self.failed)

    @property
    def done(self) -> bool:
        """Nothing is left to run."""
        return not self.pending and self.running is None


class _Smoothness:
    """Collector off and short switch interval while at least one warmup runs. `_lock` guards all fields."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._collected = True
        self._interval = 0.005

    def enter(self) -> None:
        with self._lock:
            self._users += 1
            if self._users == 1:
                self._collected, self._interval = gc.isenabled(), sys.getswitchinterval()
                gc.disable()
                sys.setswitchinterval(min(SWITCH_INTERVAL, self._interval))

    def leave(self) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0:
                gc.freeze()
                if self._collected:
                    gc.enable()
                sys.setswitchinterval(self._interval)


_smoothness = _Smoothness()


class Warmup:
    """Runs a manifest's jobs on *executor*. `_lock` guards every field below it; callbacks run outside it."""

    def __init__(self, manifest: WarmupManifest, executor: Executor) -> None:
        self.manifest = manifest
        self.callback_errors: list[BaseException] = []
        self._executor = executor
        self._ready: dict[str, tuple[ModuleType, Any]] = {}  # written under the lock; single reads need none
        self._lock = threading.Lock()
        self._pending: list[WarmupJob] = list(manifest.jobs)
        self._running: WarmupJob | None = None
        self._running_since = 0.0
        self._failed: dict[str, BaseException] = {}
        self._job_ms: dict[str, float] = {}
        self._active = False
        self._closed = False
        self._finished = threading.Event()
        self._progress: list[Callable[[WarmupStatus], None]] = []
        self._complete: list[Callable[[WarmupStatus], None]] = []

    def start(self) -> None:
        """Begins the chain; a second call does nothing."""
        with self._lock:
            if self._active or self._closed or self._finished.is_set():
                return
            self._active = True
        _smoothness.enter()
        self._submit_next()

    def status(self) -> WarmupStatus:
        """What is pending, running, completed and failed now."""
        with self._lock:
            return self._snapshot()

    def wait(self, timeout: float | None = None) -> bool:
        """Waits up to *timeout* seconds for the chain to end; True when it did. Never call it on the GUI thread."""
        return self._finished.wait(timeout)

    def on_progress(self, callback: Callable[[WarmupStatus], None]) -> None:
        """Calls *callback* on the worker after each job."""
        with self._lock:
            self._progress.append(callback)

    def on_complete(self, callback: Callable[[WarmupStatus], None]) -> None:
        """Calls *callback* when the chain ends, on the worker, or here and now when it has ended already.

        A `retry` starts a chain of its own, which ends with another call.
        """
        with self._lock:
            self._complete.append(callback)
            ended = self._finished.is_set()
        if ended:
            self._notify([callback])

    def require_warmed(self, name: str) -> ModuleType:
        """The warmed module. Raises NotWarmedError or WarmupFailedError; never imports, never waits."""
        return self._answer(name)[0]

    def product(self, name: str) -> Any:
        """What the job's factory returned; None without one. Raises as `require_warmed` does."""
        return self._answer(name)[1]

    def retry(self, name: str) -> None:
        """Runs the failed job of *name* again. Raises KeyError when it has not failed."""
        with self._lock:
            del self._failed[name]
            self._pending.append(next(job for job in self.manifest.jobs if job.module == name))
            self._finished.clear()
        self.start()

    def promote(self, name: str) -> None:
        """Moves the pending jobs of *name*'s group to the front, in their own order."""
        with self._lock:
            group = next((job.group for job in self._pending if job.module == name), None)
            if group is not None:
                self._pending.sort(key=lambda job: job.group != group)

    def close(self) -> None:
        """Runs no further job; the one that is running ends by itself."""
        with self._lock:
            self._closed = True

    def _answer(self, name: str) -> tuple[ModuleType, Any]:
        found = self._ready.get(name)
        if found is not None:
            return found
        with self._lock:
            cause = self._failed.get(name)
        if cause is not None:
            raise WarmupFailedError(f"{name} could not be warmed: {_describe(cause)}") from cause
        if any(job.module == name for job in self.manifest.jobs):
            raise NotWarmedError(f"{name} is still warming up")
        raise NotWarmedError(f"nothing warms {name}; run `importguard manifest --write`")

    def _submit_next(self) -> None:
        with self._lock:
            job = self._pending.pop(0) if self._pending and not self._closed else None
            self._running, self._running_since = job, time.perf_counter()
            callbacks = self._end() if job is None else []
        if job is None:
            self._notify(callbacks)
            return
        try:
            self._executor.submit(self._run, job)
        except RuntimeError:  # the executor was shut down: what is left never runs
            with self._lock:
                self._pending.insert(0, job)
                self._running, self._closed = None, True
                callbacks = self._end()
            self._notify(callbacks)

    def _end(self) -> list[Callable[[WarmupStatus], None]]:
        """Ends the chain, under the lock that `retry` takes too: its job comes before the end or starts a new chain."""
        _smoothness.leave()
        self._active = False
        self._finished.set()
        return list(self._complete)

    def _run(self, job: WarmupJob) -> None:
        failure: BaseException | None = None
        try:
            module = importlib.import_module(job.module)
            product = _call_factory(job.factory) if job.factory else None
        except BaseException as error:
            failure = error
        with self._lock:
            self._job_ms[job.module] = (time.perf_counter() - self._running_since) * 1000
            self._running = None
            if failure is None:
                self._ready[job.module] = (module, product)
            else:
                self._failed[job.module] = failure
            callbacks = list(self._progress)
        self._notify(callbacks)
        self._submit_next()

    def _notify(self, callbacks: Iterable[Callable[[WarmupStatus], None]]) -> None:
        status = self.status()
        for callback in callbacks:
            try:
                callback(status)
            except Exception as error:
                self.callback_errors.append(error)

    def _snapshot(self) -> WarmupStatus:
        running = self._running
        return WarmupStatus(
            pending=tuple(job.module for job in self._pending),
            running=running.module if running else None,
            running_ms=(time.perf_counter() - self._running_since) * 1000 if running else 0.0,
            completed=tuple(self._ready),
            failed=tuple((name, _describe(error)) for name, error in self._failed.items()),
            job_ms=tuple(self._job_ms.items()),
        )


def _call_factory(factory: str) -> Any:
    module, _, attribute = factory.partition(":")
    return getattr(importlib.import_module(module), attribute)()


def _describe(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


_installed: Warmup | None = None


def install(warmup: Warmup | None) -> None:
    """Makes *warmup* the one that the module's own `require_warmed` and `product` ask."""
    global _installed  # noqa: PLW0603  one process has one warmup
    _installed = warmup


def require_warmed(name: str) -> ModuleType:
    """The module *name* of the installed warmup. Raises NotWarmedError or WarmupFailedError."""
    return _current(name).require_warmed(name)


def product(name: str) -> Any:
    """The product of *name*'s factory in the installed warmup. Raises as `require_warmed` does."""
    return _current(name).product(name)


def _current(name: str) -> Warmup:
    if _installed is None:
        raise NotWarmedError(f"{name} is asked for before a warmup was installed")
    return _installed
