"""The hook API over HTTP: FastAPI on uvicorn, on a worker of the pool. Heavy: reached only through the warmup."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import uvicorn
from fastapi import Body, FastAPI, Request, Response
from fastapi.responses import JSONResponse

from src import api_hooks
from src.app_controller import AppController

HOSTS = ("127.0.0.1", "localhost")


def create_app(controller: AppController, token: str) -> FastAPI:
    """The routes. Every request needs `Authorization: Bearer TOKEN` and a local Host (against DNS rebinding)."""
    app = FastAPI(title="Sloppy hooks", docs_url=None, redoc_url=None, openapi_url=None)

    @app.middleware("http")
    async def guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        if request.headers.get("host", "").rpartition(":")[0] not in HOSTS:
            return JSONResponse({"error": "The Host header must be 127.0.0.1 or localhost."}, 403)
        given = request.headers.get("authorization", "")
        if not secrets.compare_digest(given.encode(), f"Bearer {token}".encode()):
            return JSONResponse({"error": "Send the token that Sloppy printed: Authorization: Bearer TOKEN."}, 401)
        return await call_next(request)

    @app.exception_handler(api_hooks.HookError)
    async def refuse(_request: Request, error: Exception) -> Response:
        return JSONResponse({"error": str(error)}, 409)

    @app.get("/api/warmup_status")
    def warmup_status() -> dict[str, Any]:
        return api_hooks.warmup_status(controller)

    @app.get("/api/warmup_wait")
    def warmup_wait(timeout: float = 10.0) -> dict[str, Any]:
        return api_hooks.warmup_wait(controller, timeout)

    @app.get("/api/startup_profile")
    def startup_profile() -> dict[str, Any]:
        return api_hooks.startup_profile(controller)

    @app.get("/api/io_pool_status")
    def io_pool_status() -> dict[str, Any]:
        return api_hooks.io_pool_status(controller)

    @app.get("/api/state")
    def state() -> dict[str, Any]:
        return api_hooks.state(controller)

    @app.post("/api/provider")
    def choose_provider(name: Annotated[str, Body()], model: Annotated[str | None, Body()] = None) -> dict[str, Any]:
        return api_hooks.choose_provider(controller, name, model)

    @app.post("/api/send")
    def send(text: Annotated[str, Body(embed=True)]) -> dict[str, Any]:
        return api_hooks.send(controller, text)

    return app


class HookServer:
    """A server that `run` serves until `stop`."""

    def __init__(self, controller: AppController, token: str) -> None:
        config = uvicorn.Config(
            create_app(controller, token), log_level="warning", lifespan="off", timeout_graceful_shutdown=1
        )
        config.load()
        self._server = uvicorn.Server(config)

    def run(self, listener: socket.socket) -> None:
        """Serves *listener*; a job of the pool."""
        self._server.run(sockets=[listener])

    def stop(self) -> None:
        """Ends `run`."""
        self._server.should_exit = True
