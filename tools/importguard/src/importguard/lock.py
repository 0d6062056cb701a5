"""The committed set of modules that a start loads, and the committed list of accepted findings. Reads and writes JSON.

Both hold names only, sorted, so that a change shows as the lines that it adds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import msgspec

from importguard.committed_file import read_document, replace_file
from importguard.findings import Finding
from importguard.graph import ModuleGraph
from importguard.startup.trace import Origin

SCHEMA = 1


class Lock(msgspec.Struct, frozen=True):
    """First- and third-party modules that the start of *entry* may load, on any supported Python and platform."""

    schema: int
    entry: str
    modules: tuple[str, ...]


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


def lock_of(graph: ModuleGraph, entry: str, earlier: Lock | None = None) -> Lock:
    """The lock of this start; with *earlier*, what another Python loads stays in it."""
    own = {name for name in graph.eager if graph.modules[name].origin in (Origin.FIRST_PARTY, Origin.THIRD_PARTY)}
    own.discard("__main__")
    return Lock(SCHEMA, entry, tuple(sorted(own.union(earlier.modules if earlier else ()))))


def baseline_of(findings: Iterable[tuple[Finding, str]]) -> Baseline:
    """The baseline that accepts *findings*, each with its path as the project names it."""
    accepted = {AcceptedFinding(path, one.code, one.subject, one.fingerprint(path)) for one, path in findings}
    return Baseline(SCHEMA, tuple(sorted(accepted)))


def read_lock(path: Path) -> Lock:
    """Raises ConfigError."""
    return read_document(path, Lock, SCHEMA, "importguard lock --write")


def read_baseline(path: Path) -> Baseline:
    """Raises ConfigError."""
    return read_document(path, Baseline, SCHEMA, "importguard check --write-baseline")


def write(path: Path, document: Lock | Baseline) -> None:
    """Replaces *path* atomically. Raises ConfigError."""
    text = json.dumps(msgspec.to_builtins(document), indent=1) + "\n"
    replace_file(path, text, type(document).__name__.lower())
