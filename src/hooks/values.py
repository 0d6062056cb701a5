"""What the hook API says, as values: the OpenAPI document is made of them, the client reads answers into them.

Frozen dataclasses and not named tuples, which would become arrays in JSON. Standard library only; no behaviour.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Health:
    """The server answers. `ready`: all modules are warm or have failed; `window`: there is one; `api`: its version."""

    status: str
    ready: bool
    window: bool
    api: int
    pid: int


@dataclass(frozen=True)
class FailedModule:
    """A module that could not be warmed, and why."""

    module: str
    reason: str


@dataclass(frozen=True)
class WarmupStatus:
    """The warmup now. `pending` begins with the module that is `running`; `job_ms` are milliseconds each job took."""

    pending: tuple[str, ...]
    completed: tuple[str, ...]
    failed: tuple[FailedModule, ...]
    running: str | None
    job_ms: dict[str, float]


@dataclass(frozen=True)
class WarmupWait(WarmupStatus):
    """As WarmupStatus; `done` tells whether the warmup ended within the time given."""

    done: bool


@dataclass(frozen=True)
class PoolStatus:
    """The pool's workers, its jobs by state, and the names of the threads alive."""

    workers: int
    running: int
    queued: int
    completed: int
    failed: int
    threads: tuple[str, ...]


@dataclass(frozen=True)
class Command:
    """Something to do, by its id. `refusal` says why it cannot be done now; empty when it can."""

    id: str
    title: str
    category: str
    keys: str
    refusal: str


@dataclass(frozen=True)
class CommandList:
    """Every command, in the order of the menus."""

    commands: tuple[Command, ...]


@dataclass(frozen=True)
class CommandRun:
    """A command that ran."""

    id: str


@dataclass(frozen=True)
class Area:
    """A window of the frame: a panel, a question, a menu; in pixels from the left and the top."""

    title: str
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Screen:
    """A frame as it was drawn. `lines` are the words from the panels in the order of drawing, without clipped ones.

    `window` gets the keys; `field` is the field that has them (composer, search); `text` is what a text field with the
    keyboard holds, empty for one that hides it; `asked` is a question's title, `Commands` for the palette, or empty.
    """

    frame: int
    lines: tuple[str, ...]
    window: str
    field: str
    text: str
    asked: str
    areas: tuple[Area, ...]


@dataclass(frozen=True)
class State:
    """What is chosen and what happens now. `reply` is the text that has come of the reply that streams.

    `waiting`: a message goes out as soon as its provider is warm. `error` says how the last reply failed.
    """

    provider: str
    model: str
    discussion: str
    turns: int
    waiting: bool
    streaming: bool
    reply: str
    error: str


@dataclass(frozen=True)
class Toast:
    """A short notice to the user: its kind is info, success, warning or error."""

    number: int
    kind: str
    text: str


@dataclass(frozen=True)
class ToastList:
    """The notices that are shown now, the newest last."""

    toasts: tuple[Toast, ...]


@dataclass(frozen=True)
class Project:
    """The project that is open. `read_only` with the `notice` that says why."""

    path: str
    folder: str
    name: str
    preset: str
    presets: tuple[str, ...]
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    scanning: bool
    read_only: bool
    notice: str


@dataclass(frozen=True)
class ProjectList:
    """The project that is open, if any, and the project files opened last."""

    open: Project | None
    recent: tuple[str, ...]


@dataclass(frozen=True)
class ContextFile:
    """A file of the project. `included`: it goes out with the next request; `excluded_reason` says why it does not.

    `suspect` is the digest of the text that is taken for a secret, empty when none is; `accepted` are the digests of
    those that the user said are none.
    """

    path: str
    size: int
    tokens: int
    included: bool
    pinned: bool
    read_only: bool
    excluded_reason: str
    suspect: str
    accepted: tuple[str, ...]


@dataclass(frozen=True)
class Context:
    """The project's files as last scanned, and the tokens of those that are sent."""

    files: tuple[ContextFile, ...]
    total_tokens: int
    scanning: bool


@dataclass(frozen=True)
class AllowedCommands:
    """Commands of the open project that run without a question: each by its whole leading arguments."""

    rules: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class McpTool:
    """A tool of an MCP server: its name and definition for the model, and what that weighs in tokens.

    `agreed`: a person has let it go out as it is defined now; `on`: it goes out in the open discussion; `always`: it
    runs without a question.
    """

    name: str
    description: str
    tokens: int
    agreed: bool
    on: bool
    always: bool


@dataclass(frozen=True)
class McpOffer:
    """A resource or a prompt of an MCP server: `key` is its address or its name there, `places` what a prompt asks for.

    `needed` are those of the places that may not be empty. `tokens` is null where the server says no size.
    """

    kind: str
    key: str
    title: str
    about: str
    places: tuple[str, ...]
    needed: tuple[str, ...]
    tokens: int | None


@dataclass(frozen=True)
class PutIn:
    """What was put into the message: its name there, its bytes, about how many tokens it is."""

    name: str
    size: int
    tokens: int


@dataclass(frozen=True)
class McpServer:
    """An MCP server that the project names, by its `command` or its `url`; the other one is empty.

    `status` is unknown (nobody has agreed to it), off, starting, ready, failed or stopped; `reason` says why it does
    not run. `refused` are sentences about tools that are left out. `has_token`: the user keeps a token for its address.
    `files`: those of the project that its command names. `offers`: its resources and prompts.
    """

    name: str
    command: tuple[str, ...]
    url: str
    status: str
    reason: str
    tools: tuple[McpTool, ...]
    refused: tuple[str, ...]
    has_token: bool
    files: tuple[str, ...]
    offers: tuple[McpOffer, ...]


@dataclass(frozen=True)
class ServerList:
    """The MCP servers of the open project, in the order of its file."""

    servers: tuple[McpServer, ...]


@dataclass(frozen=True)
class Fit:
    """An answer beside its JSON schema: `value` is the answer's JSON, `errors` say where it does not fit."""

    turn: int
    fits: bool
    value: object
    errors: tuple[str, ...]


@dataclass(frozen=True)
class DiscussionName:
    """A discussion in the folder: when it changed last in seconds since 1970, its size in bytes."""

    name: str
    title: str
    modified: float
    size: int


@dataclass(frozen=True)
class DiscussionList:
    """The discussion that is open, and all in its folder, the newest first."""

    open: str
    discussions: tuple[DiscussionName, ...]


@dataclass(frozen=True)
class Mark:
    """How a part of a turn goes out: `out` not at all, `short` as `text`, `pin` whole whatever is compacted.

    Part -1 is the whole turn.
    """

    part: int
    how: str
    text: str


@dataclass(frozen=True)
class Turn:
    """One message of the branch that is shown. Parts other than text are named in `kinds`.

    An assistant's has its tokens, cost in US dollars (null: unknown) and how it ended. `cached_tokens` of the input
    were read from the provider's cache, `written_tokens` written there; `saved_usd` is what that saved, `cache_lost`
    says why less was read than before. `schema` is the JSON schema that the answer was to follow, `front_lost`
    says that the server dropped the front of the request. `settings` are those of the model that it was asked with.
    """

    id: int
    parent: int
    role: str
    text: str
    kinds: tuple[str, ...]
    provider: str
    model: str
    created: float
    input_tokens: int | None
    output_tokens: int | None
    cached_tokens: int
    written_tokens: int
    saved_usd: float | None
    cache_lost: str
    cost_usd: float | None
    end: str
    reason: str
    siblings: tuple[int, ...]
    marks: tuple[Mark, ...]
    schema: str
    front_lost: str
    settings: str


@dataclass(frozen=True)
class Discussion:
    """The discussion that is open: the turns of the branch that is shown. `cost` is a text to show."""

    name: str
    title: str
    turns: tuple[Turn, ...]
    can_undo: bool
    can_redo: bool
    read_only: bool
    notice: str
    cost: str


@dataclass(frozen=True)
class Sent:
    """A message that is on its way: `sent`, or `queued` until its provider is warm."""

    kind: str


@dataclass(frozen=True)
class Export:
    """The discussion as text: its branch in Markdown, or the whole tree as JSON. Keys are taken out."""

    style: str
    text: str


@dataclass(frozen=True)
class ReplyGrowth:
    """An event: from character `start` on, the text of the reply that streams is `text`."""

    start: int
    text: str


@dataclass(frozen=True)
class Invalid:
    """One thing wrong in a request: where, as a path like `body.text`, and what."""

    place: str
    message: str


@dataclass(frozen=True)
class Problem:
    """Why a request was not served (RFC 9457). `detail` is one sentence that says what to do."""

    type: str
    title: str
    status: int
    detail: str
    errors: tuple[Invalid, ...] = ()
