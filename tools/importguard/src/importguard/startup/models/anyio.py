"""`anyio`: `run` on a backend that is imported by name, and task groups."""

from __future__ import annotations

from importguard.startup.models.asyncio import in_thread, limited, nursery, run_function
from importguard.startup.models.library import Library
from importguard.startup.values.base import Invocation, Value


def _run(call: Invocation) -> Value:
    backend = call.keywords.get("backend", "asyncio")
    if isinstance(backend, str):
        call.machine.import_dynamic(f"anyio._backends._{backend}", call, "anyio")
    return run_function(call)


LIBRARY = Library(
    functions={
        "anyio._core._eventloop": {"run": _run},
        "anyio.to_thread": {"run_sync": in_thread},
        "anyio._core._tasks": {
            "create_task_group": nursery,
            "move_on_after": limited(None),
            "fail_after": limited(TimeoutError),
        },
    }
)
