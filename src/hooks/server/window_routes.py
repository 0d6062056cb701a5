"""Routes that ask the window: its commands and its picture. Each waits for the window's next frame."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from src import api_hooks
from src.app_controller import AppController
from src.hooks import values
from src.hooks.picture import NoPictureError, Picture
from src.hooks.server.bodies import Name
from src.hooks.server.changes import Changes
from src.work.window_link import NoWindowError

FRAMES = 5  # in which a frame that was asked for is read
FRAME_S = 10.0  # a window in the background may draw rarely
PNG: dict[int | str, dict[str, Any]] = {200: {"description": "The picture", "content": {"image/png": {}}}}


def make_router(controller: AppController, _changes: Changes) -> APIRouter:
    """Commands and screenshot."""
    router = APIRouter(tags=["window"])

    async def ask(question: Callable[[Any], Any]) -> Any:
        try:
            return await asyncio.wait_for(asyncio.wrap_future(controller.window_link.ask(question)), FRAME_S)
        except (NoWindowError, NoPictureError) as error:
            raise api_hooks.HookError(str(error)) from error
        except TimeoutError:
            reason = f"The window drew nothing for {FRAME_S:.0f} s; is it minimised?"
            raise api_hooks.HookError(reason, HTTPStatus.SERVICE_UNAVAILABLE) from None

    @router.get("/api/commands")
    async def list_commands() -> values.CommandList:
        """Everything that the menus and the palette offer."""
        found: values.CommandList = await ask(api_hooks.list_commands)
        return found

    @router.post("/api/commands/{name}/run")
    async def run_command(name: Annotated[Name, Path(description="a command's id")]) -> values.CommandRun:
        """Runs a command as its menu item would."""
        ran: values.CommandRun = await ask(partial(api_hooks.run_command, name))
        return ran

    @router.get("/api/screenshot", response_class=Response, responses=PNG)
    async def screenshot() -> Response:
        """The window as it is now, as a PNG."""
        for _ in range(2):  # so that every buffer of the swap chain holds what is shown now
            await ask(lambda _window: None)
        picture: Picture = await ask(lambda window: window.take_picture())
        return Response(picture.png(), media_type="image/png")

    @router.get("/api/screen")
    async def screen() -> values.Screen:
        """What is on the screen: read from a frame while it is drawn, not from the state behind it."""
        await ask(lambda window: window.read_next_frame())
        for _ in range(FRAMES):
            if (found := await ask(lambda window: window.screen())) is not None:
                areas = tuple(values.Area(**one._asdict()) for one in found.areas)
                return values.Screen(**{**found._asdict(), "areas": areas})
        raise api_hooks.HookError("The window could not be read; ask again.", HTTPStatus.SERVICE_UNAVAILABLE)

    return router
