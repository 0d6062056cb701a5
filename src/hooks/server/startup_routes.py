"""Routes that tell how Sloppy starts and runs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from src import api_hooks
from src.app_controller import AppController
from src.hooks import values
from src.hooks.server.bodies import Seconds
from src.hooks.server.changes import Changes
from src.hooks.server.waiting import until


def make_router(controller: AppController, changes: Changes) -> APIRouter:
    """Health, warmup, startup profile and pool."""
    router = APIRouter(tags=["startup"])

    @router.get("/api/health")
    async def health() -> values.Health:
        """The server answers, also while the warmup runs."""
        return api_hooks.health(controller)

    @router.get("/api/warmup_status")
    async def warmup_status() -> values.WarmupStatus:
        """What is pending, completed and failed, and what runs now."""
        return api_hooks.warmup_status(controller)

    @router.get("/api/warmup_wait")
    async def warmup_wait(
        timeout: Annotated[Seconds, Query(description="seconds; at most 30 are waited")] = 10.0,
    ) -> values.WarmupWait:
        """Answers when the warmup has ended, or after the timeout."""
        await until(changes, lambda: controller.wait_for_warmup(0), timeout)
        return api_hooks.warmup_wait(controller)

    @router.get("/api/startup_profile")
    async def startup_profile() -> dict[str, float]:
        """Named moments in milliseconds since the process began."""
        return api_hooks.startup_profile(controller)

    @router.get("/api/io_pool_status")
    async def io_pool_status() -> values.PoolStatus:
        """The pool's workers and counters."""
        return api_hooks.io_pool_status(controller)

    return router
