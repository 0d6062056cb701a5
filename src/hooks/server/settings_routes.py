"""Routes for the settings."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from src.app_controller import AppController
from src.hooks import bench
from src.hooks.server.changes import Changes


def make_router(controller: AppController, _changes: Changes) -> APIRouter:
    """The settings, to read."""
    router = APIRouter(tags=["settings"])

    @router.get("/api/settings")
    async def settings() -> dict[str, Any]:
        """The user's settings as in their file: the names under which keys are found, never keys."""
        return bench.settings(controller)

    return router
