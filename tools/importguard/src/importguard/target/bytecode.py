"""Whether modules have bytecode that the target interpreter uses. Reads the heads of files; runs and writes nothing.

Bytecode is looked for in the `__pycache__` folder beside a source. A start with PYTHONPYCACHEPREFIX looks elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec

from importguard.storage.regular_file import read_regular
from importguard.target.environment import Environment

_HEAD = 16  # bytes: magic number, flags, then the source's time and size, or its hash
_CHECKED_HASH = 0b11
_MAX_LISTED = 10_000  # names of one site-packages folder that are looked at
_UV = b"uv"
DONT_WRITE = "PYTHONDONTWRITEBYTECODE"


class State(StrEnum):
    """What is wrong with a module's bytecode."""

    VALID = "valid"
    MISSING = "missing"
    STALE = "older than its source"
    FOREIGN = "of another Python"


class Bytecode(msgspec.Struct, frozen=True):
    """The bytecode of a start: of how many *modules* it is needed, and the files that are *without* a valid one.

    `why` are sentences that say why a start has not written it.
    """

    modules: int
    without: tuple[tuple[str, State], ...]
    why: tuple[str, ...]


def bytecode_of(sources: Iterable[str], environment: Environment, variables: Mapping[str, str]) -> Bytecode:
    """Looks at the bytecode of the files *sources*; those that are no Python file on disk need none.

    *variables* are the environment variables of the start.
    """
    needed = [path for path in dict.fromkeys(sources) if path.endswith(".py") and os.path.isfile(path)]
    states = ((path, state_of(path, environment)) for path in needed)
    without = tuple((path, state) for path, state in states if state is not State.VALID)
    return Bytecode(len(needed), without, tuple(_reasons([path for path, _ in without], environment, variables)))


def place_of(source: str, environment: Environment) -> str:
    """Where the interpreter looks for the bytecode of the file *source*."""
    folder, name = os.path.split(source)
    return os.path.join(folder, "__pycache__", f"{name.removesuffix('.py')}.{environment.cache_tag}.pyc")


def state_of(source: str, environment: Environment) -> State:
    """The state of the bytecode of the file *source*. One that holds a hash and is not checked counts as valid."""
    try:
        head = _head(place_of(source, environment))
        status = os.stat(source)
    except OSError:
        return State.MISSING
    if len(head) < _HEAD or head[:4].hex() != environment.magic:
        return State.FOREIGN
    flags = int.from_bytes(head[4:8], "little")
    if flags == 0:
        seen = int.from_bytes(head[8:12], "little"), int.from_bytes(head[12:16], "little")
        return State.VALID if seen == (int(status.st_mtime) & 0xFFFFFFFF, status.st_size & 0xFFFFFFFF) else State.STALE
    if flags != _CHECKED_HASH:
        return State.VALID
    return State.VALID if _hash_of(source, environment) == head[8:16] else State.STALE


def _head(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        return os.read(descriptor, _HEAD)
    finally:
        os.close(descriptor)


def _hash_of(source: str, environment: Environment) -> bytes:
    """The hash that bytecode holds of its source; it differs between interpreters only by their magic number."""
    import importlib.util

    if importlib.util.MAGIC_NUMBER.hex() != environment.magic:  # its hash cannot be made here
        return b""
    return importlib.util.source_hash(read_regular(source))


def _reasons(files: list[str], environment: Environment, variables: Mapping[str, str]) -> Iterable[str]:
    if not files:
        return
    if variables.get(DONT_WRITE):
        yield f"{DONT_WRITE} is set, so no start writes it"
    closed = sorted({os.path.dirname(path) for path in files if not can_write(path, environment)})
    if closed:
        more = f" and {len(closed) - 1} more" if len(closed) > 1 else ""
        yield f"{closed[0]}{more} cannot be written to"
    if any(_installed_by_uv(folder) for folder in environment.path if _holds_one(folder, files)):
        yield "uv installs packages without compiling them"


def can_write(source: str, environment: Environment) -> bool:
    """Whether the bytecode of the file *source* can be written."""
    folder = os.path.dirname(place_of(source, environment))
    return os.access(folder if os.path.isdir(folder) else os.path.dirname(folder), os.W_OK)


def _holds_one(folder: str, files: list[str]) -> bool:
    return any(path.startswith(os.path.join(folder, "")) for path in files)


def _installed_by_uv(folder: str) -> bool:
    try:
        with os.scandir(folder) as entries:
            named = [
                one.path for _, one in zip(range(_MAX_LISTED), entries, strict=False) if one.name.endswith(".dist-info")
            ]
        return any(_installer(path) == _UV for path in named)
    except OSError:
        return False


def _installer(folder: str) -> bytes:
    try:
        return read_regular(os.path.join(folder, "INSTALLER"), 1024).strip()
    except OSError:
        return b""
