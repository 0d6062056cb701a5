"""The warmup of one running Sloppy: starts it, follows it, says how it ended.

Guarantees
- `start` begins it once. `wait` is the only method that blocks. `_lock` guards `_started` and `_warns_if_stale`.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

from importguard.warmup import Warmup, WarmupManifest, WarmupStatus, install, staleness
from src.startup_profiler import StartupProfiler
from src.work.background import Background
from src.work.io_pool import IoPool
from src.work.toasts import ToastKind

MANIFEST = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "warmup_manifest.json")
JOB_DEADLINE_S = 60.0  # an import that takes longer counts as hanging; the others go on

Tell = Callable[[str, ToastKind], object]


class Warming:
    """The warmup, and the background work that waits for it.

    *toast* shows a sentence, *tell* also writes it to the log. *finished* is called whenever the warmup has ended.
    """

    def __init__(
        self,
        pool: IoPool,
        profiler: StartupProfiler,
        manifest: WarmupManifest | None,
        *,
        toast: Tell,
        tell: Tell,
        notify: Callable[[], None],
        finished: Callable[[], None],
    ) -> None:
        self._profiler = profiler
        self._toast = toast
        self._tell = tell
        self._notify = notify
        self._finished = finished
        self._lock = threading.Lock()
        self._started = False
        self._warns_if_stale = manifest is None
        self._ended = threading.Event()
        self.warmup = Warmup(manifest or MANIFEST, pool.executor, deadline_s=JOB_DEADLINE_S)
        self.background = Background(pool, self.warmup, self._report)
        install(self.warmup)
        self.warmup.on_progress(self._on_progress)
        self.warmup.on_complete(self._on_complete)

    def start(self, first: Callable[[], None]) -> None:
        """Begins the warmup, after calling *first*; a second call does nothing."""
        with self._lock:
            started, self._started = self._started, True
        if not started:
            first()
            self.warmup.start()

    def warms(self, module: str) -> bool:
        """The manifest has a job for *module*."""
        return any(job.module == module for job in self.warmup.manifest.jobs)

    def wait(self, timeout: float | None) -> bool:
        """Waits up to *timeout* seconds; True when every job has ended."""
        return self._ended.wait(timeout)

    def retry(self, name: str) -> None:
        """Imports the failed module *name* again; one that still hangs gets another deadline."""
        self._ended.clear()
        try:
            self.warmup.retry(name)
        except (KeyError, RuntimeError):  # clicked twice: it runs already, or has succeeded; or the program is closing
            if self.warmup.status().done:
                self._ended.set()
            return
        self.warmup.on_complete(self._on_complete)

    def _on_progress(self, _status: WarmupStatus) -> None:
        self.background.look()
        self._notify()

    def _on_complete(self, status: WarmupStatus) -> None:
        self._profiler.mark("warmup done")
        if status.closed:
            return
        if status.failed:
            names = ", ".join(name for name, _ in status.failed)
            self._toast(f"Not ready: {names}. The others work.", "warning")
        else:
            self._toast(f"All providers ready ({len(status.completed)} modules).", "success")
        self._ended.set()
        self._finished()
        self.background.look()
        with self._lock:
            warns, self._warns_if_stale = self._warns_if_stale, False
        if warns:
            self.background.submit(self._warn_if_stale)

    def _report(self, text: str) -> None:
        self._tell(text, "error")

    def _warn_if_stale(self) -> None:
        stale = staleness(MANIFEST)
        if stale:
            self._tell(f"{stale}.", "warning")
