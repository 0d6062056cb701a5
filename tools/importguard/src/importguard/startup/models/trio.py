"""`trio`: `run`, nurseries, sleep and time limits."""

from __future__ import annotations

from importguard.startup.models.asyncio import in_thread, limited, nursery, run_function
from importguard.startup.models.asyncio_tasks import Sleep
from importguard.startup.models.library import Library
from importguard.startup.values.base import Invocation, Value


class TooSlowError(Exception):
    """What trio raises after a time limit, by its name there."""


def _checkpoint(call: Invocation) -> Value:
    """`checkpoint()`: others have their turn."""
    return Sleep(Invocation(call.machine, call.frame, [0], {}, call.line, True))


LIBRARY = Library(
    functions={
        "trio._core._run": {
            "run": run_function,
            "open_nursery": nursery,
            "checkpoint": _checkpoint,
            "checkpoint_if_cancelled": _checkpoint,
            "cancel_shielded_checkpoint": _checkpoint,
        },
        "trio._threads": {"to_thread_run_sync": in_thread},
        "trio._timeouts": {"sleep": Sleep, "move_on_after": limited(None), "fail_after": limited(TooSlowError)},
    }
)
