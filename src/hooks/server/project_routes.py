"""Routes for the project and its files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Body, Query

from src.app_controller import AppController
from src.hooks import bench, git, git_values, request_values, values
from src.hooks.server.bodies import Digest, FilePath, Seconds, Text
from src.hooks.server.changes import Changes
from src.hooks.server.waiting import until, work
from src.project_manager import ProjectManager

Path = Annotated[FilePath, Body(embed=True, description="as GET /api/context lists it")]


def make_router(controller: AppController, changes: Changes) -> APIRouter:
    """Projects and context."""
    router = APIRouter(tags=["project"])

    async def change(
        path: str, make: Callable[[ProjectManager], object], is_done: Callable[[values.ContextFile], bool]
    ) -> values.ContextFile:
        bench.change_file(controller, path, make)
        await until(changes, lambda: is_done(bench.find_file(controller, path)))
        return bench.find_file(controller, path)

    @router.get("/api/projects")
    async def list_projects() -> values.ProjectList:
        """The open project and the recent ones."""
        return bench.list_projects(controller)

    @router.post("/api/projects/open")
    async def open_project(
        path: Annotated[FilePath, Body(embed=True, description="a folder, or the project file in it")],
    ) -> values.Project:
        """Opens a project; its files are scanned in the background."""
        await work(controller.project.open(bench.full_path(path)))
        return bench.project(controller)

    @router.post("/api/projects/create")
    async def create_project(
        path: Annotated[FilePath, Body(embed=True, description="a folder")],
    ) -> values.Project:
        """Makes a project in a folder and opens it."""
        await work(controller.project.create(bench.full_path(path)))
        return bench.project(controller)

    @router.post("/api/projects/close")
    async def close_project() -> values.ProjectList:
        """Leaves the project."""
        await work(controller.project.close())
        return bench.list_projects(controller)

    @router.get("/api/context")
    async def context(
        timeout: Annotated[
            Seconds, Query(description="seconds to wait for a scan that runs; at most 30 are waited")
        ] = 0.0,
    ) -> values.Context:
        """The files of the open project, as far as they are scanned."""
        await until(changes, lambda: not controller.project.snapshot().scanning, timeout)
        return bench.context(controller)

    @router.get("/api/context/tokens")
    async def tokens() -> request_values.Tokens:
        """What the next request holds, part by part."""
        return bench.tokens(controller)

    @router.post("/api/context/pin")
    async def pin(path: Path) -> values.ContextFile:
        """Sends a file first, whatever the patterns say."""
        return await change(path, lambda project: project.set_pinned(path, True), lambda file: file.pinned)

    @router.post("/api/context/unpin")
    async def unpin(path: Path) -> values.ContextFile:
        """Sends a file as the patterns say."""
        return await change(path, lambda project: project.set_pinned(path, False), lambda file: not file.pinned)

    @router.post("/api/context/include")
    async def include(path: Path) -> values.ContextFile:
        """Sends a file."""
        return await change(path, lambda project: project.set_included(path, True), lambda file: file.included)

    @router.post("/api/context/exclude")
    async def exclude(path: Path) -> values.ContextFile:
        """Does not send a file."""
        return await change(path, lambda project: project.set_included(path, False), lambda file: not file.included)

    @router.post("/api/context/accept")
    async def accept(
        path: Path, digest: Annotated[Digest, Body(description="the file's `suspect`")]
    ) -> values.ContextFile:
        """Says that the text which is taken for a secret in a file is none."""
        return await change(path, lambda project: project.accept(path, digest), lambda file: digest in file.accepted)

    @router.post("/api/context/take_back")
    async def take_back(path: Path) -> values.ContextFile:
        """Says that texts in a file that were accepted may be secrets after all."""
        return await change(path, lambda project: project.take_back(path), lambda file: not file.accepted)

    @router.get("/api/changes")
    async def changed() -> git_values.ChangeList:
        """What changed in the project since its last commit, once the repository has been looked at."""
        await until(changes, lambda: git.changes(controller).kind != "unknown")
        return git.changes(controller)

    @router.post("/api/changes/look")
    async def look_again() -> git_values.ChangeList:
        """Looks at the folders and the repository again; what comes of it follows in the background."""
        controller.project.rescan()
        return git.changes(controller)

    @router.post("/api/changes/choose")
    async def choose_changed() -> git_values.ChangeList:
        """Sends the changed files with the requests that follow."""
        return git.choose(controller)

    @router.post("/api/changes/attach")
    async def attach_diff(
        paths: Annotated[list[FilePath], Body(embed=True, max_length=2000, description="empty for all changes")],
    ) -> git_values.AttachedDiff:
        """Attaches the differences of changed files to the next message."""
        return git.attach(controller, tuple(paths))

    @router.post("/api/changes/commit")
    async def commit(message: Annotated[Text, Body(embed=True)]) -> git_values.Committed:
        """Commits the files that accepted edits touched, and no others; no hook or filter runs."""
        return git_values.Committed(await work(git.commit(controller, message)))

    return router
