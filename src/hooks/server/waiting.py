"""Waiting on the server's loop for what the controller does on the pool, for a bounded time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future
from http import HTTPStatus
from typing import Any

from src.api_hooks import MAX_WAIT_S, HookError
from src.hooks.server.changes import Changes

WORK_S = 30.0
SHOWN_S = 5.0


async def work(job: Future[Any]) -> Any:
    """What *job* returns. Raises HookError for what goes wrong with files and values, and when it takes too long."""
    try:
        # Shielded: a client that gives up does not take the job with it.
        return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(job)), WORK_S)
    except TimeoutError:
        reason = f"This takes more than {WORK_S:.0f} s; it goes on, ask again for its outcome."
        raise HookError(reason, HTTPStatus.SERVICE_UNAVAILABLE) from None
    except OSError as error:
        raise HookError(f"{error.filename}: {error.strerror}" if error.filename else str(error)) from error
    except ValueError as error:
        raise HookError(str(error)) from error


async def until(changes: Changes, is_done: Callable[[], bool], timeout: float = SHOWN_S) -> None:
    """Returns when *is_done*, which is asked after every change, or after *timeout* seconds, at most `MAX_WAIT_S`."""
    deadline = time.monotonic() + min(timeout, MAX_WAIT_S)
    while True:
        seen, left = changes.count, deadline - time.monotonic()
        if is_done() or changes.closed or left <= 0:
            return
        await changes.wait(seen, left)
