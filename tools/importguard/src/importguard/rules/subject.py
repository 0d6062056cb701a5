"""What a rule sees, and the questions that several rules ask of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from importguard.errors import ConfigError
from importguard.findings import Finding, Severity
from importguard.graph import ModuleGraph
from importguard.plan import Plan, Policy
from importguard.project.lock import Lock
from importguard.project.policy import Config, is_listed
from importguard.project.start import Project, Start
from importguard.source.import_site import ImportKind, ImportSite, Location
from importguard.source.suppressions import Suppression
from importguard.warmup import WarmupManifest

if TYPE_CHECKING:
    from importguard.project.patterns import Patterns
    from importguard.target.bytecode import Bytecode


class Subject(msgspec.Struct, frozen=True):
    """A start, its graph, the manifest that the code asks for, and what is committed (None: there is no file)."""

    start: Start
    graph: ModuleGraph
    manifest: WarmupManifest
    committed: WarmupManifest | None
    lock: Lock | None = None
    plan: Plan = Plan()
    suppressions: tuple[Suppression, ...] = ()
    findings: tuple[Finding, ...] = ()  # of the rules before, suppressed ones included
    judged: frozenset[str] = frozenset()  # the codes of the rules that are applied
    codes: frozenset[str] = frozenset()  # of all rules
    bytecode: Bytecode | None = None  # None: nobody asks for it
    whole: bool = True  # all configured starts are judged, not some of them

    @property
    def config(self) -> Config:
        """The policy for the start."""
        return self.start.config

    @property
    def project(self) -> Project:
        """The project that the start belongs to."""
        return self.start.project

    @property
    def name(self) -> str:
        """What the configuration calls this start, else its script or module."""
        return self.start.name or self.manifest.entry

    @property
    def later(self) -> Severity:
        """How grave it is that the first use of a module is slow: an error where the project warms its modules."""
        return Severity.ERROR if self.config.manifest is not None else Severity.NOTE

    def is_heavy(self, names: frozenset[str]) -> bool:
        """One of *names* is listed as heavy, or together they are over the threshold."""
        if self.graph.cost_us(names) > self.config.heavy_ms * 1000:
            return True
        return bool(self.config.heavy) and any(is_listed(name, self.config.heavy) for name in names)

    def is_allowed(self, name: str) -> bool:
        """The configuration accepts *name* on the main thread, and what it loads."""
        return is_listed(name, self.config.allow)

    def added_by(self, name: str) -> frozenset[str]:
        """The modules that importing *name* adds to the started program."""
        return self.graph.closure(name) - self.graph.start

    def heavy_sites(self, kind: ImportKind) -> Iterable[tuple[ImportSite, frozenset[str]]]:
        """The first-party sites of *kind* that the start does not run for certain and whose first run is heavy.

        One a statement, with the modules that it adds.
        """
        worst: dict[Location, tuple[ImportSite, frozenset[str]]] = {}
        for site in self.graph.trace.sites:
            if site.kind is not kind or site.location in self.graph.executed or site.imported not in self.graph.modules:
                continue
            if self.is_allowed(site.imported):
                continue
            added = self.added_by(site.imported)
            if not added or not self.is_heavy(added):
                continue
            known = worst.get(site.location)
            if known is None or self._weight(site, added) > self._weight(*known):
                worst[site.location] = site, added
        return worst.values()

    def _weight(self, site: ImportSite, added: frozenset[str]) -> tuple[int, int]:
        return self.graph.cost_us(added), len(site.imported)


def policy(config: Config) -> Policy:
    """What *config* says of the start."""
    return Policy(round(config.heavy_ms * 1000), config.heavy, config.allow)


def patterns(project: Project, lines: Iterable[str], key: str) -> Patterns:
    """The gitignore patterns that the configuration's *key* holds. Raises ConfigError for one that is none."""
    from importguard.project.patterns import Patterns

    try:
        return Patterns.strict(lines)
    except ValueError as error:
        raise ConfigError(str(project.file), key, f"is no gitignore pattern: {error}") from error
