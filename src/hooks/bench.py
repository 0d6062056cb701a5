"""The hook API's handlers for the bench: project, context, discussion. Plain functions; knows no web framework.

Paths and names are looked up in what the controller lists, never appended to a folder.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Literal

from src.api_hooks import HookError
from src.app_controller import AppController
from src.chat import DEFAULT_OPTIONS, TextPart, Usage
from src.discussion.marks import Mark, compact
from src.discussion.tree import DiscussionError, Turn
from src.hooks import request_values, values
from src.hooks.request_values import Tokens
from src.hooks.values import Context, ContextFile, Discussion, Export, Project, ProjectList, Sent, State
from src.models import variant
from src.models.prices import Spent
from src.project import scan
from src.project.file import ProjectError
from src.project_manager import ProjectManager
from src.spending import report
from src.storage.settings import encode as encode_settings
from src.storage.settings import key_of
from src.structured import schema
from src.turn.compared import Column, state_of

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


def model_settings(controller: AppController) -> request_values.ModelSettings:
    """What is set for the chosen model."""
    now = controller.snapshot()
    options = controller.settings.snapshot().model_options.get(key_of(now.provider, now.model), DEFAULT_OPTIONS)
    return request_values.ModelSettings(
        now.provider, now.model, variant.written(options), controller.window_tokens(now.provider, now.model)
    )


def set_model_settings(controller: AppController, settings: str) -> request_values.ModelSettings:
    """Sets for the chosen model what *settings* say and nothing else. Raises HookError."""
    now, stored = controller.snapshot(), controller.settings.snapshot().model_options
    name = key_of(now.provider, now.model)
    try:
        options = variant.options_with(DEFAULT_OPTIONS, settings.strip())
        others = {key: one for key, one in stored.items() if key != name}
        controller.settings.change(model_options={**others, name: options} if options != DEFAULT_OPTIONS else others)
    except ValueError as error:
        raise HookError(str(error)) from error
    return model_settings(controller)


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
        request_values.RequestPart(
            part.origin,
            part.label,
            part.tokens,
            tuple(one.digest for one in part.accepted),
            now.cache.of_part(number),
        )
        for number, part in enumerate(now.parts, 1)
    )
    held = tuple(map(_describe_file, controller.project.snapshot().held))
    cost = now.cost.usd if now.cost is not None else None
    saved = now.saved.usd if now.saved is not None else None
    cache = request_values.Cache(now.cache.read, now.cache.written, saved, now.cache.why, now.cache.broken)
    return Tokens(parts, now.total_tokens, now.counted, now.window_tokens, cost, now.over_cap, now.drops, held, cache)


def spending(controller: AppController) -> request_values.Spending:
    """What was spent."""
    caps = controller.caps()
    named = {"request": caps.request_usd, "discussion": caps.usd, "project": caps.project_usd, "day": caps.day_usd}
    models = tuple(
        request_values.PaidTo(**(row._asdict() | {"paid": _paid(row.paid)}))
        for row in report.rows(controller.ledger.entries())
    )
    sums = {name: _paid(spent) for name, spent in caps.sums._asdict().items()}
    failure, skipped = controller.ledger.failure, controller.ledger.skipped
    return request_values.Spending(**sums, caps_usd=named, models=models, failure=failure, skipped=skipped)


def _paid(spent: Spent) -> request_values.Paid:
    return request_values.Paid(spent.known.usd, spent.unknown)


def comparison(controller: AppController) -> request_values.Comparison:
    """The comparison now."""
    now = controller.comparison.snapshot()
    return request_values.Comparison(now.asked, now.is_running, tuple(map(_describe_column, now.columns)))


def compare(
    controller: AppController, models: tuple[tuple[str, str], ...], text: str | None, *, confirmed: bool
) -> request_values.Comparison:
    """Asks several models. Raises HookError when it is refused, or over a cap and not confirmed."""
    result = controller.comparison.ask(models, text, confirmed=confirmed)
    if not result.accepted:
        raise HookError(result.reason)
    return comparison(controller)


def _describe_column(column: Column) -> request_values.Column:
    usage = column.reply.usage if column.reply is not None else None
    return request_values.Column(
        column.provider,
        column.model,
        column.reply.text if column.reply is not None else "",
        column.first_s,
        column.whole_s,
        usage.input_tokens if usage is not None else None,
        usage.cached_tokens if usage is not None else None,
        usage.output_tokens if usage is not None else None,
        column.cost.usd if column.cost is not None else None,
        column.turn,
        state_of(column),
        column.settings,
    )


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
    turns = tuple(describe_turn(controller, turn) for turn in now.turns)
    flags = (now.can_undo, now.can_redo, now.read_only)
    return Discussion(now.name, now.title, turns, *flags, now.notice, str(now.cost))


def describe_turn(controller: AppController, turn: Turn) -> values.Turn:
    """*turn* as the API says it, with what became of its request."""
    cache = controller.cache_result(turn)
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
        usage.cached_tokens,
        usage.written_tokens,
        cache.saved.usd if cache is not None and cache.saved is not None else None,
        cache.lost if cache is not None else "",
        turn.cost.usd if turn.cost is not None else None,
        type(turn.end).__name__.lower() if turn.end is not None else "",
        str(getattr(turn.end, "reason", "")),
        turn.siblings,
        tuple(values.Mark(mark.part, mark.how, mark.text) for mark in turn.marks),
        turn.schema,
        controller.front_lost(turn),
        turn.settings,
    )


def sent_files(controller: AppController, turn: int) -> request_values.SentFileList | None:
    """The files that went out with *turn*; None while they are looked at. Raises HookError for a turn not shown."""
    if turn not in (one.id for one in controller.discussion.snapshot().turns):
        raise HookError(f"There is no turn {turn} on the branch that is shown.", 404)
    found = controller.sent_files(turn)
    if found is None:
        return None
    files = tuple(request_values.SentFile(**one.file._asdict(), change=one.change) for one in found)
    return request_values.SentFileList(turn, files)


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


def mark(controller: AppController, marks: tuple[Mark, ...]) -> Discussion:
    """Changes what goes out of some turns. Raises HookError when that cannot be."""
    if not marks:
        raise HookError("There is nothing to change.")
    try:
        controller.discussion.mark(marks)
    except DiscussionError as error:
        raise HookError(str(error)) from error
    return discussion(controller)


def compacting(controller: AppController) -> tuple[Mark, ...]:
    """The marks that compact the branch that is shown."""
    turns = controller.discussion.snapshot().turns
    return compact(tuple((turn.id, turn.message, turn.marks) for turn in turns))


def fit(controller: AppController, turn_id: int) -> values.Fit | None:
    """How the answer fits its schema; None until it is known. Raises HookError for a turn without one."""
    turn = next((one for one in controller.discussion.snapshot().turns if one.id == turn_id), None)
    if turn is None or not turn.schema:
        raise HookError(f"There is no answer {turn_id} with a schema on the branch that is shown.", 404)
    found = controller.fit_of(turn)
    return values.Fit(turn_id, not found.errors, found.value, found.errors) if found is not None else None


def choose_schema(controller: AppController, text: str) -> State:
    """The JSON schema of the answers from now on; empty for words. Raises HookError."""
    try:
        controller.composer.set_schema(schema.read(text) if text.strip() else "")
    except ValueError as error:
        raise HookError(str(error)) from error
    return state(controller)


def export(controller: AppController, style: Style) -> Export:
    """The discussion as text."""
    return Export(style, controller.discussion.export(style))
