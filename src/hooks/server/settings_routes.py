"""Routes for the settings and for what was spent."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body

from src.app_controller import AppController
from src.hooks import bench, request_values, values
from src.hooks.server.bodies import Text
from src.hooks.server.changes import Changes
from src.spending import report


def make_router(controller: AppController, _changes: Changes) -> APIRouter:
    """The settings, those of a model to change, and the ledger."""
    router = APIRouter(tags=["settings"])

    @router.get("/api/settings")
    async def settings() -> dict[str, Any]:
        """The user's settings as in their file: the names under which keys are found, never keys."""
        return bench.settings(controller)

    @router.get("/api/model_settings")
    async def model_settings() -> request_values.ModelSettings:
        """What is set for the chosen model, and how many tokens it takes with that."""
        return bench.model_settings(controller)

    @router.post("/api/model_settings")
    async def set_model_settings(
        settings: Annotated[
            Text, Body(embed=True, description="temperature=0.2,thinking=high,tokens=2000,num_ctx=16384")
        ],
    ) -> request_values.ModelSettings:
        """Sets this for the chosen model and takes away what was set before; empty takes all away."""
        return bench.set_model_settings(controller, settings)

    @router.get("/api/spending")
    async def spending() -> request_values.Spending:
        """What was paid to whom, by all Sloppys of the user, and the caps."""
        return bench.spending(controller)

    @router.get("/api/spending/csv")
    async def spending_csv() -> values.Export:
        """The ledger as CSV, one line for each request."""
        return values.Export("csv", report.to_csv(controller.ledger.entries()))

    return router
