"""Routes for what goes out: marks on turns, schemas of answers, several models side by side."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Path

from src.api_hooks import HookError
from src.app_controller import AppController
from src.discussion.marks import How, Mark
from src.hooks import bench, request_values, values
from src.hooks.server.bodies import ModelName, Part, Text
from src.hooks.server.changes import Changes
from src.hooks.server.waiting import until

MODELS = "each as provider/model, or with settings of its own: provider/model:temperature=0.2,thinking=high,tokens=2000"


def make_router(controller: AppController, changes: Changes) -> APIRouter:
    """What the user decides about the requests that follow."""
    router = APIRouter(tags=["request"])

    @router.post("/api/discussions/current/turns/{turn}/mark")
    async def mark(
        turn: Annotated[int, Path(ge=1, lt=2**53)],
        part: Annotated[Part, Body(description="-1 is the whole turn")],
        how: Annotated[How, Body(description="empty: send it again")],
        text: Annotated[Text, Body(description="what a shortened part says")] = "",
    ) -> values.Discussion:
        """Leaves a part of a turn out of the requests that follow, shortens or pins it, or takes that back."""
        return bench.mark(controller, (Mark(turn, part, how, text),))

    @router.post("/api/discussions/current/compact")
    async def compact() -> values.Discussion:
        """Shortens what is old and long and not pinned; one step of undo takes it back."""
        return bench.mark(controller, bench.compacting(controller))

    @router.get("/api/allowed_commands")
    async def allowed_commands() -> values.AllowedCommands:
        """The commands of the open project that run without a question. Only a person can allow one, in the window."""
        return values.AllowedCommands(controller.rules())

    @router.post("/api/allowed_commands/revoke")
    async def revoke_command(
        rule: Annotated[list[Text], Body(embed=True, min_length=1, max_length=200)],
    ) -> values.AllowedCommands:
        """Takes a rule away: such commands ask again."""
        if tuple(rule) not in controller.rules():
            raise HookError("There is no such rule; GET /api/allowed_commands lists them.", 404)
        controller.revoke_command(tuple(rule))
        return values.AllowedCommands(controller.rules())

    @router.post("/api/schema")
    async def choose_schema(text: Annotated[Text, Body(embed=True)]) -> values.State:
        """The JSON schema that answers follow from now on, as text; empty for answers in words."""
        return bench.choose_schema(controller, text)

    @router.get("/api/discussions/current/turns/{turn}/fit")
    async def fit(turn: Annotated[int, Path(ge=1, lt=2**53)]) -> values.Fit:
        """How an answer fits the schema that it was to follow."""
        await until(changes, lambda: bench.fit(controller, turn) is not None)
        if (found := bench.fit(controller, turn)) is None:
            raise HookError("The answer is still being checked; ask again.", 503)
        return found

    @router.get("/api/comparison")
    async def comparison() -> request_values.Comparison:
        """The answers of several models to one request, as far as they have come."""
        return bench.comparison(controller)

    @router.post("/api/comparison")
    async def compare(
        models: Annotated[list[ModelName], Body(description=MODELS, min_length=2, max_length=8)],
        text: Annotated[Text | None, Body(description="without it the last question is asked again")] = None,
        confirmed: Annotated[bool, Body(strict=True, description="go over a cap of tokens or money")] = False,
    ) -> request_values.Comparison:
        """Asks several models at once; their answers become branches. `fork` goes on with one of them."""
        pairs = (one.partition("/") for one in models)
        return bench.compare(controller, tuple((one[0], one[2]) for one in pairs), text, confirmed=confirmed)

    return router
