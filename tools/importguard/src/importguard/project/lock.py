"""The committed sets of modules that starts load, and the committed list of accepted findings. Reads and writes JSON.

Both hold names only, sorted, so that a change shows as the lines that it adds.
"""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from importguard.project.committed_file import read_document, replace_file

SCHEMA = 1
LOCK_SCHEMA = 2


class LockedModules(msgspec.Struct, frozen=True):
    """First- and third-party modules that a start may load, on any supported Python and platform.

    `elsewhere` are packages that another Python or platform imports and the locking environment lacks: what is below
    them may load too.
    """

    modules: tuple[str, ...]
    elsewhere: tuple[str, ...] = ()

    def accepts(self, name: str) -> bool:
        """*name* may load."""
        return name in self.modules or any(name == one or name.startswith(f"{one}.") for one in self.elsewhere)

    def joined(self, other: LockedModules) -> LockedModules:
        """What either of the two accepts."""
        modules = {*self.modules, *other.modules}
        return LockedModules(tuple(sorted(modules)), tuple(sorted({*self.elsewhere, *other.elsewhere} - modules)))


class Lock(msgspec.Struct, frozen=True):
    """What each start may load, by its name."""

    schema: int
    entries: dict[str, LockedModules]


class AcceptedFinding(msgspec.Struct, frozen=True, order=True):
    """One finding of a baseline, by its fingerprint; the rest is for the reader."""

    path: str
    code: str
    subject: str
    fingerprint: str


class Baseline(msgspec.Struct, frozen=True):
    """Findings that an old project starts with."""

    schema: int
    findings: tuple[AcceptedFinding, ...]


def read_lock(path: Path) -> Lock:
    """Raises ConfigError."""
    return read_document(path, Lock, LOCK_SCHEMA, "importguard lock --write")


def read_baseline(path: Path) -> Baseline:
    """Raises ConfigError."""
    return read_document(path, Baseline, SCHEMA, "importguard check --write-baseline")


def write(path: Path, document: Lock | Baseline) -> None:
    """Replaces *path* atomically. Raises ConfigError."""
    text = json.dumps(msgspec.to_builtins(document), indent=1) + "\n"
    replace_file(path, text, type(document).__name__.lower())
