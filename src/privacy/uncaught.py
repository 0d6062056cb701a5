"""Uncaught exceptions of any thread: prints them on standard error, without keys. Standard library only."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

from src.privacy.redactor import redact

if TYPE_CHECKING:
    from types import TracebackType


def install() -> None:
    """From now on, for the whole process."""
    sys.excepthook = report
    threading.excepthook = lambda failed: report(failed.exc_type, failed.exc_value, failed.exc_traceback)


def report(kind: type[BaseException], error: BaseException | None, place: TracebackType | None) -> None:
    """Prints the traceback, redacted; a SystemExit of a thread is no failure."""
    if issubclass(kind, SystemExit):
        return
    import traceback

    from src.work.terminal import harmless

    cleaned = harmless(redact("".join(traceback.format_exception(kind, error, place))))
    print(cleaned, end="", file=sys.stderr, flush=True)
