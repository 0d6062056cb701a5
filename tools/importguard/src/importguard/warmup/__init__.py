"""The runtime of a warmup: imports heavy modules in the background in one ordered chain, and says what is ready.

An application composes a Warmup with its own executor. Standard library only; importing this takes a few milliseconds.
The guarantees stand where they are kept: `chain`, `smoothness`, `process`, `threads`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from importguard.warmup.chain import Warmup, warmups
from importguard.warmup.manifest import SCHEMA, WARM_CALLS, ManifestError, WarmupJob, WarmupManifest
from importguard.warmup.status import (
    DeadlineError,
    ForkedError,
    JobStatus,
    NotWarmedError,
    WarmupFailedError,
    WarmupStatus,
)
from importguard.warmup.threads import DaemonThreads, end_process
from importguard.warmup.waiting import Waiting

if TYPE_CHECKING:
    import os
    from types import ModuleType

    from importguard.warmup.waiting import Report

__all__ = [
    "SCHEMA",
    "WARM_CALLS",
    "DaemonThreads",
    "DeadlineError",
    "ForkedError",
    "JobStatus",
    "ManifestError",
    "NotWarmedError",
    "Waiting",
    "Warmup",
    "WarmupFailedError",
    "WarmupJob",
    "WarmupManifest",
    "WarmupStatus",
    "end_process",
    "guard",
    "install",
    "product",
    "ready",
    "require_warmed",
    "staleness",
    "warmups",
]

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


def ready(name: str) -> bool:
    """Whether the installed warmup has warmed the module *name*; False before one is installed."""
    return _installed is not None and _installed.ready(name)


def guard(report: Report = "log") -> None:
    """`Warmup.guard` of the installed warmup. Raises NotWarmedError before one is installed."""
    _current("a guard").guard(report)


def staleness(path: str | os.PathLike[str]) -> str:
    """Why the manifest in *path* no longer fits the sources beside it; "" when it does or nothing can be known.

    Reads those sources: call it on a worker, after the warmup. Raises ManifestError.
    """
    from importguard.warmup import freshness  # needs `re`, which a start may not have paid for

    return freshness.staleness(path)


def _current(name: str) -> Warmup:
    if _installed is None:
        raise NotWarmedError(f"{name} is asked for before a warmup was installed")
    return _installed
