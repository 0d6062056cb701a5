"""Routes for discussions: list, open, send, stop, fork, export, and what happens as events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Body, Path, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent

from src.api_hooks import HookError
from src.app_controller import AppController
from src.hooks import bench, request_values, values
from src.hooks.server import events
from src.hooks.server.bodies import Name, Text, TurnId
from src.hooks.server.changes import Changes
from src.hooks.server.waiting import until, work


def make_router(controller: AppController, changes: Changes) -> APIRouter:
    """Provider and discussions."""
    router = APIRouter(tags=["discussion"])

    @router.get("/api/state")
    async def state() -> values.State:
        """What is chosen and what happens now."""
        return bench.state(controller)

    @router.get("/api/toasts")
    async def toasts() -> values.ToastList:
        """The notices to the user that are shown now."""
        return bench.toasts(controller)

    @router.post("/api/provider")
    async def choose_provider(
        name: Annotated[Name, Body()], model: Annotated[Name | None, Body()] = None
    ) -> values.State:
        """Switches provider and model; without a model to the provider's first."""
        return bench.choose_provider(controller, name, model)

    @router.get("/api/discussions")
    async def list_discussions() -> values.DiscussionList:
        """The discussions in the folder."""
        await work(controller.discussion.refresh())
        return bench.list_discussions(controller)

    @router.post("/api/discussions/new")
    async def new_discussion() -> values.Discussion:
        """Starts an empty discussion."""
        controller.discussion.new()
        return bench.discussion(controller)

    @router.post("/api/discussions/{name}/open")
    async def open_discussion(name: Annotated[Name, Path(description="as listed")]) -> values.Discussion:
        """Opens a discussion; a reply that streams in the one before is stopped and kept."""
        await work(controller.discussion.refresh())
        await work(controller.discussion.open(bench.find_discussion(controller, name)))
        return bench.discussion(controller)

    @router.get("/api/discussions/current")
    async def current_discussion() -> values.Discussion:
        """The discussion that is open."""
        return bench.discussion(controller)

    @router.post("/api/discussions/current/send")
    async def send(
        text: Annotated[Text, Body()],
        confirmed: Annotated[bool, Body(strict=True, description="go over a cap of tokens or money")] = False,
    ) -> values.Sent:
        """Sends a message; the answer comes as events."""
        return bench.send(controller, text, confirmed=confirmed)

    @router.post("/api/discussions/current/stop")
    async def stop() -> values.State:
        """Stops the reply that streams; what has come stays."""
        controller.stop()
        return bench.state(controller)

    @router.post("/api/discussions/current/fork")
    async def fork(turn: Annotated[TurnId, Body(embed=True)]) -> values.Discussion:
        """Goes on from a turn: the next message starts a branch there. 0 is the beginning."""
        return bench.fork(controller, turn)

    @router.get("/api/discussions/current/turns/{turn}/files")
    async def sent_files(
        turn: Annotated[int, Path(ge=0, lt=2**53)],
    ) -> request_values.SentFileList:
        """The files that went out with a turn, and what became of each since."""
        await until(changes, lambda: bench.sent_files(controller, turn) is not None)
        if (found := bench.sent_files(controller, turn)) is None:
            raise HookError("The files are still being looked at; ask again.", 503)
        return found

    @router.get("/api/discussions/current/export")
    async def export(style: Annotated[bench.Style, Query()] = "markdown") -> values.Export:
        """The branch that is shown as Markdown, or the whole tree as JSON."""
        return bench.export(controller, style)

    @router.get("/api/discussions/current/events", response_class=EventSourceResponse)
    async def follow() -> AsyncIterator[ServerSentEvent]:
        """Events without end: `state` (State) at first and when it changes, `reply` (ReplyGrowth), `turn` (Turn)."""
        async for kind, value in events.follow(controller, changes):
            yield ServerSentEvent(event=kind, data=value)

    return router
