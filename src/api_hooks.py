"""The hook API's handlers as plain functions: controller in, values of `hooks.values` out. Knows no web framework."""

from __future__ import annotations

import os
from typing import Any

from src.app_controller import AppController
from src.hooks.values import (
    Command,
    CommandList,
    CommandRun,
    FailedModule,
    Health,
    PoolStatus,
    WarmupStatus,
    WarmupWait,
)

VERSION = 1
MAX_WAIT_S = 30.0
MAX_TEXT = 1_000_000  # characters


class HookError(Exception):
    """A request that cannot be served; the message says why, `status` is HTTP's word for it."""

    def __init__(self, reason: str, status: int = 409) -> None:
        super().__init__(reason)
        self.status = status


def health(controller: AppController) -> Health:
    """That the program runs, and whether all of it is ready."""
    return Health("ok", controller.wait_for_warmup(0), controller.window_link.is_open, VERSION, os.getpid())


def warmup_status(controller: AppController) -> WarmupStatus:
    """`pending`, `completed` and `failed` modules, and what runs now."""
    status = controller.warmup_status()
    return WarmupStatus(
        pending=((status.running,) if status.running else ()) + status.pending,
        completed=status.completed,
        failed=tuple(FailedModule(name, reason) for name, reason in status.failed),
        running=status.running,
        job_ms={name: round(ms, 1) for name, ms in status.job_ms},
    )


def warmup_wait(controller: AppController, timeout: float = 0.0) -> WarmupWait:
    """Waits up to *timeout* seconds (at most 30), then answers as `warmup_status` with `done`. Blocks its thread."""
    done = controller.wait_for_warmup(min(max(timeout, 0.0), MAX_WAIT_S))
    return WarmupWait(**vars(warmup_status(controller)), done=done)


def startup_profile(controller: AppController) -> dict[str, float]:
    """Named moments in milliseconds since the process began."""
    return {name: round(ms, 1) for name, ms in controller.startup_profile().items()}


def io_pool_status(controller: AppController) -> PoolStatus:
    """The pool's workers and counters."""
    return PoolStatus(**controller.io_pool_status()._asdict())


def list_commands(window: Any) -> CommandList:
    """The commands of *window*'s registry; on its thread."""
    registry = window.commands
    return CommandList(
        tuple(Command(one.id, one.title, one.category, registry.keys_of(one), one.refusal()) for one in registry.all())
    )


def run_command(name: str, window: Any) -> CommandRun:
    """Runs a command of *window*'s registry; on its thread. Raises HookError when there is none or it is refused."""
    try:
        refusal = window.commands.run(name)
    except KeyError:
        raise HookError(f"There is no command {name!r}; GET /api/commands lists them.", 404) from None
    if refusal:
        raise HookError(f"{name} cannot run now: {refusal}.")
    return CommandRun(name)
