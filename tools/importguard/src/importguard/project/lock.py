"""The committed sets of modules that starts load, and the committed list of accepted findings. Reads and writes JSON.

Both hold names only, sorted, so that a change shows as the lines that it adds.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import msgspec

from importguard.findings import Finding
from importguard.graph import ModuleGraph
from importguard.project.committed_file import read_document, replace_file
from importguard.startup.trace import Origin
from importguard.storage.regular_file import read_regular

SCHEMA = 2
OLDER = 1  # a finding for each statement, by its path
LOCK_SCHEMA = 2
_OWN = (Origin.FIRST_PARTY, Origin.THIRD_PARTY)


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

    def accepts(self, finding: Finding, path: str, statements: Collection[str]) -> bool:
        """*finding* is listed. *path* and *statements* are where it and its statements are, as the project says it."""
        listed = finding.fingerprint(path) in {one.fingerprint for one in self.findings}
        return listed or (self.outdated and any(_older(one, finding, statements) for one in self.findings))

    def unmatched(self, found: Collection[tuple[Finding, str, Collection[str]]]) -> tuple[AcceptedFinding, ...]:
        """What is listed and is none of *found*, each with its path and those of its statements."""
        known = {finding.fingerprint(path) for finding, path, _ in found}
        return tuple(
            one
            for one in self.findings
            if one.fingerprint not in known
            and not (self.outdated and any(_older(one, finding, statements) for finding, _, statements in found))
        )


def own_modules(graph: ModuleGraph) -> frozenset[str]:
    """The first- and third-party modules that the start loads."""
    return frozenset(name for name in graph.eager if graph.modules[name].origin in _OWN and name != "__main__")


def standard_modules(graph: ModuleGraph) -> frozenset[str]:
    """The modules of the standard library that first- or third-party code imports itself at the start.

    What the standard library loads inside differs by version and is left out.
    """
    edges, modules = graph.trace.edges, graph.modules
    number = {edges.number[name]: module.origin for name, module in modules.items() if name in edges.number}
    found = {
        imported
        for place, (importer, imported) in enumerate(zip(edges.importers, edges.imported, strict=True))
        if number.get(imported) is Origin.STDLIB and number.get(importer) in _OWN and edges.eager(place)
    }
    return frozenset(map(edges.words.__getitem__, found)) & graph.eager


def locked(here: ModuleGraph, others: Iterable[ModuleGraph], stdlib: Collection[str]) -> LockedModules:
    """What the start loads *here* and, by the *others*, on further Pythons and platforms.

    *stdlib*: names that are no package. What cannot be resolved here either is missing for its own reasons.
    """
    modules, standard = set(own_modules(here)), set(standard_modules(here))
    missing = {one.name.partition(".")[0] for one in here.trace.unresolved}
    elsewhere: set[str] = set()
    for graph in others:
        modules |= own_modules(graph)
        standard |= standard_modules(graph)
        elsewhere |= {one.name.partition(".")[0] for one in graph.trace.unresolved}
    elsewhere -= {*missing, *modules, *stdlib}
    names = sorted(name for name in elsewhere if name.isidentifier())
    return LockedModules(tuple(sorted(modules)), tuple(names), tuple(sorted(standard)))


def baseline_of(findings: Iterable[tuple[Finding, str]]) -> Baseline:
    """The baseline that accepts *findings*, each with its path as the project names it."""
    accepted = {AcceptedFinding(path, one.code, one.subject, one.fingerprint(path)) for one, path in findings}
    return Baseline(SCHEMA, tuple(sorted(accepted)))


def _older(one: AcceptedFinding, finding: Finding, statements: Collection[str]) -> bool:
    """Whether *one*, of a single statement and module, is about a statement and the package of *finding*."""
    about = one.subject == finding.subject or one.subject.startswith(f"{finding.subject}.")
    return one.code == finding.code and about and one.path in statements


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
