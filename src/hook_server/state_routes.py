"""Routes for the conversation: its state, the provider, sending."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body

from src import api_hooks
from src.app_controller import AppController
from src.hook_server.bodies import Name, Text
from src.hook_server.changes import Changes


def make_router(controller: AppController, _changes: Changes) -> APIRouter:
    """State, provider and send."""
    router = APIRouter(tags=["conversation"])

    @router.get("/api/state")
    async def state() -> dict[str, Any]:
        """Provider, model, messages, the reply that streams."""
        return api_hooks.state(controller)

    @router.post("/api/provider")
    async def choose_provider(
        name: Annotated[Name, Body()], model: Annotated[Name | None, Body()] = None
    ) -> dict[str, Any]:
        """Switches provider."""
        return api_hooks.choose_provider(controller, name, model)

    @router.post("/api/send")
    async def send(text: Annotated[Text, Body(embed=True)]) -> dict[str, Any]:
        """Sends to the chosen provider."""
        return api_hooks.send(controller, text)

    return router
