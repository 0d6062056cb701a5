"""The hook API's handlers for MCP servers. Plain functions; knows no web framework.

Nothing here agrees to a server or to a tool: only a person can, in the window.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future

from src.api_hooks import HookError
from src.app_controller import AppController
from src.hooks import values
from src.project.file import ProjectError
from src.project.servers import check
from src.request.composer import Attachment


def servers(controller: AppController) -> values.ServerList:
    """The MCP servers of the open project, with their tools."""
    chosen = controller.discussion.snapshot().tools
    return values.ServerList(
        tuple(
            values.McpServer(
                state.server.name,
                state.server.command,
                state.server.url,
                state.status,
                state.reason,
                tuple(
                    values.McpTool(
                        one.tool.spec.name,
                        one.tool.spec.description,
                        one.tool.tokens,
                        one.agreed,
                        one.agreed and one.tool.spec.name in chosen,
                        one.always,
                    )
                    for one in state.tools
                ),
                state.refused,
                bool(state.token),
                state.files,
                tuple(
                    values.McpOffer(
                        one.kind,
                        one.key,
                        one.title,
                        one.about,
                        tuple(place.name for place in one.places),
                        tuple(place.name for place in one.places if place.is_needed),
                        one.tokens,
                    )
                    for one in state.offers
                ),
            )
            for state in controller.server_states()
        )
    )


def set_server(controller: AppController, name: str, command: tuple[str, ...], url: str) -> Future[None]:
    """Names a server in the project's file, in the place of one with its name. Raises HookError for one that is none.

    The future tells when the list of servers has it. It is not started: only a person can agree to it.
    """
    row = {field: value for field, value in (("command", list(command)), ("url", url)) if value}
    try:
        return controller.servers.name(check(name, row))
    except ProjectError as error:
        raise HookError(str(error)) from error
    except ValueError as error:
        raise HookError(f"The MCP server {name[:40]!r} {error}.") from error


def remove(controller: AppController, name: str) -> Future[None]:
    """Takes the server out of the project's file and ends it. Raises HookError for one that the project lacks."""
    _known(controller, name)
    try:
        return controller.servers.remove(name)
    except ProjectError as error:
        raise HookError(str(error)) from error


def start(controller: AppController, name: str) -> values.ServerList:
    """Starts the server, anew when it runs. Raises HookError when nobody has agreed to it."""
    return _change(controller, name, lambda: controller.servers.start(name))


def stop(controller: AppController, name: str) -> values.ServerList:
    """Ends the server. Raises HookError for one that the project does not name."""
    return _change(controller, name, lambda: controller.servers.stop(name))


def revoke(controller: AppController, name: str) -> values.ServerList:
    """Ends the server and takes the agreement back. Raises HookError for one that the project does not name."""
    return _change(controller, name, lambda: controller.servers.revoke(name))


def switch(controller: AppController, name: str, on: bool) -> values.ServerList:
    """Switches a tool. Raises HookError for one that is not there or, as it is defined now, was never agreed to."""
    known = {one.name: one for server in servers(controller).servers for one in server.tools}
    if name not in known:
        raise HookError(f"No server that runs has the tool {name!r}; GET /api/servers lists them.", 404)
    if on and not known[name].agreed:
        raise HookError(f"Nobody has agreed to {name} as it is defined now; switch it on in the window first.")
    return _done(controller, lambda: controller.servers.switch_tool(name, on))


def put(controller: AppController, name: str, kind: str, key: str, filled: dict[str, str]) -> Future[Attachment]:
    """Puts a resource or a prompt of the server into the message. Raises HookError when it cannot be asked for."""
    _known(controller, name)
    try:
        return controller.put_offer(name, kind, key, filled)
    except ValueError as error:
        raise HookError(str(error)) from error


async def put_in(asked: Future[Attachment]) -> values.PutIn:
    """What was put in. Raises HookError with what the server said in its place."""
    try:
        made = await asyncio.wrap_future(asked)
    except ValueError as error:
        raise HookError(str(error)) from error
    return values.PutIn(made.name, made.size, made.tokens)


def _change(controller: AppController, name: str, act: Callable[[], object]) -> values.ServerList:
    _known(controller, name)
    return _done(controller, act)


def _known(controller: AppController, name: str) -> None:
    if name not in {state.server.name for state in controller.server_states()}:
        raise HookError(f"The project names no MCP server {name!r}; GET /api/servers lists them.", 404)


def _done(controller: AppController, act: Callable[[], object]) -> values.ServerList:
    try:
        act()
    except ValueError as error:
        raise HookError(str(error)) from error
    return servers(controller)
