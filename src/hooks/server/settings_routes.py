"""Routes for the settings and for what was spent."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from src.app_controller import AppController
from src.hooks import bench, values
from src.hooks.server.changes import Changes
from src.spending import report


def make_router(controller: AppController, _changes: Changes) -> APIRouter:
    """The settings and the ledger, to read."""
    router = APIRouter(tags=["settings"])

    @router.get("/api/settings")
    async def settings() -> dict[str, Any]:
        """The user's settings as in their file: the names under which keys are found, never keys."""
        return bench.settings(controller)

    @router.get("/api/spending")
    async def spending() -> values.Spending:
        """What was paid to whom, by all Sloppys of the user, and the caps."""
        return bench.spending(controller)

    @router.get("/api/spending/csv")
    async def spending_csv() -> values.Export:
        """The ledger as CSV, one line for each request."""
        return values.Export("csv", report.to_csv(controller.ledger.entries()))

    return router
