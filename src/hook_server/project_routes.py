"""Routes for the project and its files."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query

from src import hook_bench, hook_values
from src.app_controller import AppController
from src.hook_server.bodies import FilePath, Seconds
from src.hook_server.changes import Changes
from src.hook_server.waiting import until, work

Path = Annotated[FilePath, Body(embed=True, description="as GET /api/context lists it")]


def make_router(controller: AppController, changes: Changes) -> APIRouter:
    """Projects and context."""
    router = APIRouter(tags=["project"])

    async def change(path: str, *, pinned: bool | None = None, included: bool | None = None) -> hook_values.ContextFile:
        hook_bench.change_file(controller, path, pinned=pinned, included=included)

        def is_done() -> bool:
            file = hook_bench.find_file(controller, path)
            return (file.pinned if pinned is not None else file.included) == (included if pinned is None else pinned)

        await until(changes, is_done)
        return hook_bench.find_file(controller, path)

    @router.get("/api/projects")
    async def list_projects() -> hook_values.ProjectList:
        """The open project and the recent ones."""
        return hook_bench.list_projects(controller)

    @router.post("/api/projects/open")
    async def open_project(
        path: Annotated[FilePath, Body(embed=True, description="a folder, or the project file in it")],
    ) -> hook_values.Project:
        """Opens a project; its files are scanned in the background."""
        await work(controller.project.open(hook_bench.full_path(path)))
        return hook_bench.project(controller)

    @router.post("/api/projects/create")
    async def create_project(
        path: Annotated[FilePath, Body(embed=True, description="a folder")],
    ) -> hook_values.Project:
        """Makes a project in a folder and opens it."""
        await work(controller.project.create(hook_bench.full_path(path)))
        return hook_bench.project(controller)

    @router.post("/api/projects/close")
    async def close_project() -> hook_values.ProjectList:
        """Leaves the project."""
        await work(controller.project.close())
        return hook_bench.list_projects(controller)

    @router.get("/api/context")
    async def context(
        timeout: Annotated[
            Seconds, Query(description="seconds to wait for a scan that runs; at most 30 are waited")
        ] = 0.0,
    ) -> hook_values.Context:
        """The files of the open project, as far as they are scanned."""
        await until(changes, lambda: not controller.project.snapshot().scanning, timeout)
        return hook_bench.context(controller)

    @router.get("/api/context/tokens")
    async def tokens() -> hook_values.Tokens:
        """What the next request holds, part by part."""
        return hook_bench.tokens(controller)

    @router.post("/api/context/pin")
    async def pin(path: Path) -> hook_values.ContextFile:
        """Sends a file first, whatever the patterns say."""
        return await change(path, pinned=True)

    @router.post("/api/context/unpin")
    async def unpin(path: Path) -> hook_values.ContextFile:
        """Sends a file as the patterns say."""
        return await change(path, pinned=False)

    @router.post("/api/context/include")
    async def include(path: Path) -> hook_values.ContextFile:
        """Sends a file."""
        return await change(path, included=True)

    @router.post("/api/context/exclude")
    async def exclude(path: Path) -> hook_values.ContextFile:
        """Does not send a file."""
        return await change(path, included=False)

    return router
