"""The modules and imports of one start as a graph: chains, closures, what a cut saves. Pure over a StartupTrace."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from importguard.costs import estimate
from importguard.source.import_site import ImportKind, ImportSite, Location
from importguard.startup.trace import ImportEdge, LoadedModule, Origin, Reach, StartupTrace

if TYPE_CHECKING:
    from grimp import ImportGraph


class ImportStep(msgspec.Struct, frozen=True):
    """*importer* executes *site*, which imports *imported*."""

    importer: str
    imported: str
    site: ImportSite


class ImportChain(msgspec.Struct, frozen=True):
    """The imports from the entry to a module, in order; empty for the entry itself."""

    steps: tuple[ImportStep, ...]


class ModuleGraph:
    """A start's modules and the imports between them."""

    def __init__(self, trace: StartupTrace) -> None:
        self.trace = trace
        self.modules = {module.name: module for module in trace.modules}

    @cached_property
    def eager(self) -> frozenset[str]:
        """The modules that the start loads."""
        return frozenset(name for name, module in self.modules.items() if module.reach is Reach.EAGER)

    @cached_property
    def _edges_from(self) -> dict[str, list[ImportEdge]]:
        edges: dict[str, list[ImportEdge]] = {}
        for edge in self.trace.edges:
            edges.setdefault(edge.importer, []).append(edge)
        return edges

    @cached_property
    def _edge_between(self) -> dict[tuple[str, str], ImportEdge]:
        found: dict[tuple[str, str], ImportEdge] = {}
        for edge in self.trace.edges:
            found.setdefault((edge.importer, edge.imported), edge)
        return found

    @cached_property
    def _later(self) -> frozenset[ImportSite]:
        """The sites that importing their file does not run: function bodies, lazy names, warmed ones."""
        started = {edge.site.location for edge in self.trace.edges if edge.reach is Reach.EAGER}
        now = (ImportKind.EAGER, ImportKind.TYPE_CHECKING)
        return frozenset(site for site in self.trace.sites if site.kind not in now and site.location not in started)

    @cached_property
    def _chains(self) -> ImportGraph:
        from grimp import ImportGraph

        graph = ImportGraph()
        for name in self.modules:
            graph.add_module(name)
        for importer, imported in self._edge_between:
            graph.add_import(importer=importer, imported=imported)
        return graph

    def chain(self, name: str) -> ImportChain:
        """The shortest chain of imports from the entry to *name*; else the one that loaded it."""
        path = None
        if name != self.trace.entry and self.trace.entry in self.modules:
            path = self._chains.find_shortest_chain(importer=self.trace.entry, imported=name)
        if path is not None:
            edges = [self._edge_between[pair] for pair in pairwise(path)]
            return ImportChain(tuple(ImportStep(edge.importer, edge.imported, edge.site) for edge in edges))
        steps: list[ImportStep] = []
        module = self.modules.get(name)
        while module is not None and module.loaded_by is not None and module.site is not None:
            steps.append(ImportStep(module.loaded_by, module.name, module.site))
            module = self.modules.get(module.loaded_by)
        return ImportChain(tuple(reversed(steps)))

    def chain_through(self, edge: ImportEdge) -> ImportChain:
        """The shortest chain to the importer of *edge*, then *edge*."""
        last = ImportStep(edge.importer, edge.imported, edge.site)
        return ImportChain((*self.chain(edge.importer).steps, last))

    def reachable(
        self, roots: Iterable[str], *, without: str | None = None, without_site: Location | None = None
    ) -> frozenset[str]:
        """What the imports of *roots* load, less what only the module *without* or one statement brings."""
        seen = {root for root in roots if root != without and root in self.modules}
        pending = list(seen)
        while pending:
            for edge in self._edges_from.get(pending.pop(), ()):
                name = edge.imported
                if name in seen or name == without or edge.site.location == without_site or edge.site in self._later:
                    continue
                seen.add(name)
                pending.append(name)
        return frozenset(seen)

    def closure(self, name: str) -> frozenset[str]:
        """*name*, its parent packages and all that importing them loads."""
        parts = name.split(".")
        return self.reachable(".".join(parts[: depth + 1]) for depth in range(len(parts)))

    @cached_property
    def _eager_start(self) -> frozenset[str]:
        return self.eager_without()

    def eager_without(self, *, module: str | None = None, site: Location | None = None) -> frozenset[str]:
        """What the start loads when *module* is gone, or the statement at *site*."""
        seen = {self.trace.entry}
        pending = [self.trace.entry]
        while pending:
            for edge in self._edges_from.get(pending.pop(), ()):
                name = edge.imported
                if edge.reach is not Reach.EAGER or name in seen or name == module or edge.site.location == site:
                    continue
                seen.add(name)
                pending.append(name)
        return frozenset(seen)

    def exclusive_to_module(self, name: str) -> frozenset[str]:
        """The modules that the start loads only because of *name*, itself included."""
        return self._eager_start - self.eager_without(module=name)

    def exclusive_to_site(self, site: Location) -> frozenset[str]:
        """The modules that the start loads only because of the statement at *site*."""
        return self._eager_start - self.eager_without(site=site)

    def cost_us(self, names: Iterable[str]) -> int:
        """The sum of the modules' own costs in microseconds."""
        return sum(estimate(self.modules[name]).self_us for name in names if name in self.modules)

    def is_first_party(self, name: str) -> bool:
        """Whether the project itself ships *name*."""
        module = self.modules.get(name)
        return module is not None and module.origin is Origin.FIRST_PARTY

    @cached_property
    def entry_edges(self) -> tuple[ImportEdge, ...]:
        """The eager imports by which first-party code brings in everything else, in load order."""
        return tuple(
            edge
            for edge in self.trace.edges
            if edge.reach is Reach.EAGER and self._is_own_site(edge) and not self.is_first_party(edge.imported)
        )

    def _is_own_site(self, edge: ImportEdge) -> bool:
        return self.is_first_party(edge.site.importer)

    def edges_of(self, importer: str) -> tuple[ImportEdge, ...]:
        """The imports that the body of *importer* runs, in order."""
        return tuple(self._edges_from.get(importer, ()))

    def module(self, name: str) -> LoadedModule:
        """The module *name*. Raises KeyError."""
        return self.modules[name]
