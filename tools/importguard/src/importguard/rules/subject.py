"""What a rule sees, and the questions that several rules ask of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from importguard.errors import ConfigError
from importguard.findings import Finding
from importguard.graph import ModuleGraph
from importguard.project.lock import Lock
from importguard.project.policy import Config, is_listed
from importguard.project.start import Project, Start
from importguard.source.import_site import ImportKind, ImportSite, Location
from importguard.source.suppressions import Suppression
from importguard.warmup import WarmupManifest

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


class Subject(msgspec.Struct, frozen=True):
    """A start, its graph, the manifest that the code asks for, and what is committed (None: there is no file)."""

    start: Start
    graph: ModuleGraph
    manifest: WarmupManifest
    committed: WarmupManifest | None
    lock: Lock | None = None
    suppressions: tuple[Suppression, ...] = ()
    findings: tuple[Finding, ...] = ()  # of the rules before, suppressed ones included
    judged: frozenset[str] = frozenset()  # the codes of the rules that are applied
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

    def is_heavy(self, name: str, cost_us: int) -> bool:
        """Named heavy in the configuration, or over the threshold."""
        return is_listed(name, self.config.heavy) or cost_us > self.config.heavy_ms * 1000

    def is_allowed(self, name: str) -> bool:
        """The configuration accepts *name* on the main thread, and what it loads."""
        return is_listed(name, self.config.allow)

    def first_use_cost(self, name: str) -> tuple[int, int]:
        """What importing *name* adds to the started program: microseconds and modules."""
        added = self.graph.closure(name) - self.graph.eager
        return self.graph.cost_us(added), len(added)

    def heavy_sites(self, kind: ImportKind) -> Iterable[tuple[ImportSite, int, int]]:
        """The first-party sites of *kind* that do not run at startup and whose first run is heavy; one a statement."""
        worst: dict[Location, tuple[ImportSite, int, int]] = {}
        for site in self.graph.trace.sites:
            if site.kind is not kind or site.location in self.graph.executed or site.imported not in self.graph.modules:
                continue
            if self.is_allowed(site.imported):
                continue
            cost_us, count = self.first_use_cost(site.imported)
            if not self.is_heavy(site.imported, cost_us) or count == 0:
                continue
            known = worst.get(site.location)
            if known is None or (cost_us, len(site.imported)) > (known[1], len(known[0].imported)):
                worst[site.location] = (site, cost_us, count)
        return worst.values()


def patterns(project: Project, lines: Iterable[str], key: str) -> GitIgnoreSpec:
    """The gitignore patterns that the configuration's *key* holds. Raises ConfigError for one that is none."""
    from importguard.project.patterns import compiled

    try:
        return compiled(lines)
    except (ValueError, re.error) as error:
        raise ConfigError(str(project.file), key, f"is no gitignore pattern: {error}") from error
