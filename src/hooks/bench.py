"""The hook API's handlers for the bench: project, context, discussion. Plain functions; knows no web framework.

Paths and names are looked up in what the controller lists, never appended to a folder.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Literal

from src.api_hooks import HookError
from src.app_controller import AppController
from src.chat import TextPart, Usage
from src.discussion.tree import DiscussionError, Turn
from src.hooks import values
from src.hooks.values import Context, ContextFile, Discussion, Export, Project, ProjectList, Sent, State, Tokens
from src.project import scan
from src.project.file import ProjectError
from src.project_manager import ProjectManager
from src.storage.settings import encode as encode_settings

Style = Literal["markdown", "json"]


def state(controller: AppController) -> State:
    """What is chosen and what happens now."""
    now, discussion = controller.snapshot(), controller.discussion.snapshot()
    reply = now.reply
    return State(
        now.provider,
        now.model,
        discussion.name,
        len(discussion.turns),
        now.waiting,
        reply is not None,
        reply.text if reply is not None else "",
        now.error,
    )


def toasts(controller: AppController) -> values.ToastList:
    """The notices that are shown now."""
    shown = controller.toasts.snapshot()
    return values.ToastList(tuple(values.Toast(one.number, one.kind, one.text) for one in shown))


def choose_provider(controller: AppController, name: str, model: str | None) -> State:
    """Switches provider. Raises HookError for an unknown name."""
    try:
        controller.choose_provider(name, model)
    except ValueError as error:
        raise HookError(str(error)) from error
    return state(controller)


def settings(controller: AppController) -> dict[str, Any]:
    """The user's settings: names under which keys are found, never keys."""
    return encode_settings(controller.settings.snapshot())


def full_path(path: str) -> str:
    """*path* with `~` made whole. Raises HookError for a relative one: this process's folder is nobody's business."""
    full = os.path.expanduser(path)
    if not os.path.isabs(full):
        raise HookError(f"{path!r} must be a full path, from the root on.")
    return full


def list_projects(controller: AppController) -> ProjectList:
    """The open project and the recent ones."""
    is_open = controller.project.snapshot().project is not None
    return ProjectList(project(controller) if is_open else None, controller.settings.snapshot().recent_projects)


def project(controller: AppController) -> Project:
    """The open project. Raises HookError when none is."""
    now = controller.project.snapshot()
    if now.project is None:
        raise HookError("No project is open; POST /api/projects/open opens one.")
    found = now.project
    return Project(
        found.path,
        found.folder,
        found.name,
        found.preset,
        tuple(found.presets),
        found.include,
        found.exclude,
        now.scanning,
        now.read_only,
        now.notice,
    )


def context(controller: AppController) -> Context:
    """The files of the open project."""
    now = controller.project.snapshot()
    return Context(tuple(map(_describe_file, now.files)), now.total_tokens, now.scanning)


def find_file(controller: AppController, path: str) -> ContextFile:
    """The file of the project at *path*. Raises HookError when it is not one of them."""
    for file in controller.project.snapshot().files:
        if file.path == path:
            return _describe_file(file)
    raise HookError(f"{path!r} is not among the project's files; GET /api/context lists them.", 404)


def _describe_file(file: scan.ContextFile) -> ContextFile:
    fields = file._asdict() | {
        "suspect": file.suspect.digest if file.suspect is not None else "",
        "accepted": tuple(one.digest for one in file.accepted),
    }
    return ContextFile(**fields)


def change_file(controller: AppController, path: str, change: Callable[[ProjectManager], object]) -> None:
    """Does *change*, which is about a file of the project. Raises HookError saying why it cannot be."""
    find_file(controller, path)
    try:
        change(controller.project)
    except ProjectError as error:
        raise HookError(str(error)) from error


def tokens(controller: AppController) -> Tokens:
    """What the next request holds."""
    now = controller.preview()
    parts = tuple(
        values.RequestPart(part.origin, part.label, part.tokens, tuple(one.digest for one in part.accepted))
        for part in now.parts
    )
    held = tuple(map(_describe_file, controller.project.snapshot().held))
    cost = now.cost.usd if now.cost is not None else None
    return Tokens(parts, now.total_tokens, now.counted, now.window_tokens, cost, now.over_cap, held)


def list_discussions(controller: AppController) -> values.DiscussionList:
    """The discussions in the folder."""
    now = controller.discussion.snapshot()
    return values.DiscussionList(
        now.name, tuple(values.DiscussionName(one.name, one.title, one.modified, one.size) for one in now.known)
    )


def find_discussion(controller: AppController, name: str) -> str:
    """*name*, when there is a discussion of that name. Raises HookError."""
    now = controller.discussion.snapshot()
    if name != now.name and name not in (one.name for one in now.known):
        raise HookError(f"There is no discussion {name!r}; GET /api/discussions lists them.", 404)
    return name


def discussion(controller: AppController) -> Discussion:
    """The discussion that is open."""
    now = controller.discussion.snapshot()
    turns = tuple(describe_turn(turn) for turn in now.turns)
    flags = (now.can_undo, now.can_redo, now.read_only)
    return Discussion(now.name, now.title, turns, *flags, now.notice, str(now.cost))


def describe_turn(turn: Turn) -> values.Turn:
    """*turn* as the API says it."""
    message, usage = turn.message, turn.usage or Usage(0, 0)
    return values.Turn(
        turn.id,
        turn.parent,
        message.role,
        message.text,
        tuple(type(part).__name__.removesuffix("Part") for part in message.parts if not isinstance(part, TextPart)),
        message.provider,
        message.model,
        turn.created,
        usage.input_tokens if turn.usage else None,
        usage.output_tokens if turn.usage else None,
        turn.cost.usd if turn.cost is not None else None,
        type(turn.end).__name__.lower() if turn.end is not None else "",
        str(getattr(turn.end, "reason", "")),
        turn.siblings,
    )


def sent_files(controller: AppController, turn: int) -> values.SentFileList | None:
    """The files that went out with *turn*; None while they are looked at. Raises HookError for a turn not shown."""
    if turn not in (one.id for one in controller.discussion.snapshot().turns):
        raise HookError(f"There is no turn {turn} on the branch that is shown.", 404)
    found = controller.sent_files(turn)
    if found is None:
        return None
    files = tuple(values.SentFile(**one.file._asdict(), change=one.change) for one in found)
    return values.SentFileList(turn, files)


def send(controller: AppController, text: str, *, confirmed: bool) -> Sent:
    """Sends *text* to the chosen provider. Raises HookError when it is refused, or over a cap and not confirmed."""
    result = controller.send(text, confirmed=confirmed)
    if result.kind == "confirm":
        raise HookError(f'{result.reason} Send "confirmed": true to send it all the same.')
    if not result.accepted:
        raise HookError(result.reason)
    return Sent(result.kind)


def fork(controller: AppController, turn: int) -> Discussion:
    """Goes on from *turn*; 0 is the beginning. Raises HookError when there is no such turn or a reply streams."""
    try:
        controller.discussion.fork(turn)
    except DiscussionError as error:
        raise HookError(str(error)) from error
    return discussion(controller)


def export(controller: AppController, style: Style) -> Export:
    """The discussion as text."""
    return Export(style, controller.discussion.export(style))
