"""The committed sets of modules that starts load, and the committed list of accepted findings. Reads and writes JSON.

Both hold names only, sorted, so that a change shows as the lines that it adds.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from pathlib import Path

import msgspec

from importguard.project.committed_file import read_document, replace_file
from importguard.storage.regular_file import read_regular

SCHEMA = 2
OLDER = 1  # a finding for each statement, by its path
LOCK_SCHEMA = 2


class LockedModules(msgspec.Struct, frozen=True):
    """First- and third-party modules that a start may load, on any supported Python and platform.

    `elsewhere` are packages that another Python or platform imports and the locking environment lacks: what is below
    them may load too. `standard` are the modules of the standard library that those modules import themselves; None in
    a file of an earlier version, which says nothing of them.
    """

    modules: tuple[str, ...]
    elsewhere: tuple[str, ...] = ()
    standard: tuple[str, ...] | None = None

    def accepts(self, name: str) -> bool:
        """*name* may load."""
        listed = name in self.modules or name in (self.standard or ())
        return listed or any(name == one or name.startswith(f"{one}.") for one in self.elsewhere)

    def joined(self, other: LockedModules) -> LockedModules:
        """What either of the two accepts."""
        modules = {*self.modules, *other.modules}
        elsewhere = {*self.elsewhere, *other.elsewhere} - modules
        standard = {*(self.standard or ()), *(other.standard or ())}
        return LockedModules(tuple(sorted(modules)), tuple(sorted(elsewhere)), tuple(sorted(standard)))


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

    def unmatched(self, found: Collection[tuple[str, str, str, Collection[str]]]) -> tuple[AcceptedFinding, ...]:
        """What is listed and is none of *found*: fingerprint, code, subject and files of each, as in `accepts`."""
        known = {fingerprint for fingerprint, *_ in found}
        return tuple(
            one
            for one in self.findings
            if one.fingerprint not in known
            and not (self.outdated and any(_older(one, code, subject, files) for _, code, subject, files in found))
        )


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


def lines_of(path: Path) -> Iterator[tuple[str, int]]:
    """Each fingerprint in the baseline *path* with its line. Raises ConfigError."""
    for number, line in enumerate(read_regular(path).decode("utf-8", "replace").splitlines(), 1):
        key, _, value = line.partition(":")
        if key.strip() == '"fingerprint"':
            yield value.strip(' ",'), number


def write(path: Path, document: Lock | Baseline) -> None:
    """Replaces *path* atomically. Raises ConfigError."""
    text = json.dumps(msgspec.to_builtins(document), indent=1) + "\n"
    replace_file(path, text, type(document).__name__.lower())
