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
