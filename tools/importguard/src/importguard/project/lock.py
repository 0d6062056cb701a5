"""The committed sets of modules that starts load, and the committed list of accepted findings. Reads and writes JSON.

Both hold names only, sorted, so that a change shows as the lines that it adds.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

import msgspec

from importguard.project.committed_file import read_document, replace_file

SCHEMA = 2
OLDER = 1  # a finding for each statement, by its path
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

    @property
    def outdated(self) -> bool:
        """An earlier version has written it: it holds, but the findings of one package are several there."""
        return self.schema == OLDER

    def accepts(self, fingerprint: str, code: str, subject: str, files: Collection[str]) -> bool:
        """The finding of this *fingerprint* is listed; *files* are where it and its statements are."""
        if fingerprint in {one.fingerprint for one in self.findings}:
            return True
        return self.outdated and any(_older(one, code, subject, files) for one in self.findings)


def _older(one: AcceptedFinding, code: str, subject: str, files: Collection[str]) -> bool:
    """Whether *one*, of a single statement and module, is of the rule *code* and about *subject* in one of *files*."""
    about = one.subject == subject or one.subject.startswith(f"{subject}.")
    return one.code == code and about and one.path in files


def read_lock(path: Path) -> Lock:
    """Raises ConfigError."""
    return read_document(path, Lock, LOCK_SCHEMA, "importguard lock --write")


def read_baseline(path: Path) -> Baseline:
    """Raises ConfigError."""
    return read_document(path, Baseline, SCHEMA, "importguard check --write-baseline", older=OLDER)


def write(path: Path, document: Lock | Baseline) -> None:
    """Replaces *path* atomically. Raises ConfigError."""
    text = json.dumps(msgspec.to_builtins(document), indent=1) + "\n"
    replace_file(path, text, type(document).__name__.lower())
