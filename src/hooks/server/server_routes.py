"""Routes for the MCP servers of the open project."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Body

from src.app_controller import AppController
from src.hooks import mcp_bench, values
from src.hooks.server.bodies import Name, Text
from src.hooks.server.changes import Changes


def make_router(controller: AppController, _changes: Changes) -> APIRouter:
    """Which servers there are, and starting and stopping them."""
    router = APIRouter(tags=["servers"])

    @router.get("/api/servers")
    async def servers() -> values.ServerList:
        """The MCP servers of the open project, with their tools. Only a person can agree to one, in the window."""
        return mcp_bench.servers(controller)

    @router.post("/api/servers/set")
    async def set_server(
        name: Annotated[Name, Body()],
        command: Annotated[list[Text], Body(description="the program and its arguments")] = [],  # noqa: B006  FastAPI's
        url: Annotated[Text, Body(description="the address, in place of a program")] = "",
    ) -> values.ServerList:
        """Names a server in the project's file, in the place of one with its name. Only a person can agree to it."""
        await asyncio.wrap_future(mcp_bench.set_server(controller, name, tuple(command), url))
        return mcp_bench.servers(controller)

    @router.post("/api/servers/remove")
    async def remove_server(name: Annotated[Name, Body(embed=True)]) -> values.ServerList:
        """Takes a server out of the project's file, ends it and takes the agreement back."""
        await asyncio.wrap_future(mcp_bench.remove(controller, name))
        return mcp_bench.servers(controller)

    @router.post("/api/servers/start")
    async def start_server(name: Annotated[Name, Body(embed=True)]) -> values.ServerList:
        """Starts a server that was agreed to, anew when it runs."""
        return mcp_bench.start(controller, name)

    @router.post("/api/servers/stop")
    async def stop_server(name: Annotated[Name, Body(embed=True)]) -> values.ServerList:
        """Ends a server and all that it started."""
        return mcp_bench.stop(controller, name)

    @router.post("/api/servers/revoke")
    async def revoke_server(name: Annotated[Name, Body(embed=True)]) -> values.ServerList:
        """Ends a server and takes the agreement back: it is not started any more."""
        return mcp_bench.revoke(controller, name)

    @router.post("/api/servers/tool")
    async def switch_tool(
        name: Annotated[Name, Body(description="the tool's name for the model")],
        on: Annotated[bool, Body(strict=True)],
    ) -> values.ServerList:
        """Switches a tool of a server on or off in the open discussion; on only as a person has agreed to it before."""
        return mcp_bench.switch(controller, name, on)

    @router.post("/api/servers/put")
    async def put(
        name: Annotated[Name, Body(description="the server's name")],
        kind: Annotated[Literal["resource", "prompt"], Body()],
        key: Annotated[Text, Body(description="the resource's address, or the prompt's name")],
        filled: Annotated[dict[str, Text], Body(description="the places of a prompt")] = {},  # noqa: B006  FastAPI's
    ) -> values.PutIn:
        """Reads a resource or a prompt of a server that runs, and puts it into the message that is being written."""
        return await mcp_bench.put_in(mcp_bench.put(controller, name, kind, key, filled))

    return router
