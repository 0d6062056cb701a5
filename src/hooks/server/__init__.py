"""The hook API over HTTP: FastAPI on uvicorn, on a worker of the pool. Heavy: reached only through the warmup.

The paths are in `startup_routes` and its siblings; `guard` and `protocol` keep everybody else out.
"""

from __future__ import annotations

import asyncio
import socket
from functools import cache, partial

import uvicorn
from fastapi import FastAPI

from src import api_hooks
from src.app_controller import AppController
from src.hooks.server import (
    discussion_routes,
    openapi,
    problems,
    project_routes,
    request_routes,
    server_routes,
    settings_routes,
    startup_routes,
    window_routes,
)
from src.hooks.server.answers import SafeJson
from src.hooks.server.changes import Changes
from src.hooks.server.guard import Guard
from src.hooks.server.protocol import BoundedProtocol


def create_app(controller: AppController, changes: Changes) -> FastAPI:
    """The routes, without the guard."""
    app = FastAPI(
        title="Sloppy's hook API",
        version=str(api_hooks.VERSION),
        description="Drives a running Sloppy from tests and scripts of the same user; see docs/guide_testing.md.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        default_response_class=SafeJson,
        responses={
            "default": {
                "description": "Not served, and why",
                "content": {problems.MEDIA_TYPE: {"schema": openapi.PROBLEM}},
            }
        },
    )
    for routes in (
        startup_routes,
        project_routes,
        discussion_routes,
        request_routes,
        server_routes,
        settings_routes,
        window_routes,
    ):
        app.include_router(routes.make_router(controller, changes))
    problems.install(app)
    app.openapi = cache(partial(openapi.describe, app))  # type: ignore[method-assign]  # FastAPI's documented way
    return app


class HookServer:
    """A server that `run` serves until `stop`. *listener* is bound to 127.0.0.1 and listens."""

    def __init__(self, controller: AppController, listener: socket.socket, token: str) -> None:
        self._listener = listener
        self._changes = Changes(controller)
        config = uvicorn.Config(
            Guard(create_app(controller, self._changes), token, listener.getsockname()[1]),
            http=BoundedProtocol,
            ws="none",
            loop="asyncio",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            log_level="error",  # what strangers send is no news
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=1,
            h11_max_incomplete_event_size=16_384,
        )
        config.load()
        self._server = uvicorn.Server(config)

    def run(self) -> None:
        """Serves; a job of the pool."""
        asyncio.run(self._serve())

    def stop(self) -> None:
        """Ends `run`; streams end first. From any thread."""
        self._changes.close()
        self._server.should_exit = True

    async def _serve(self) -> None:
        self._changes.attach()
        await self._server.serve(sockets=[self._listener])
