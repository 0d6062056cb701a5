"""The modules and imports of one start as a graph: chains, closures, what a cut saves. Pure over a StartupTrace."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from importguard.costs import ModuleCost, estimate
from importguard.source.import_site import ImportKind, ImportSite, Location
from importguard.startup.trace import ImportEdge, Origin, Reach, StartupTrace

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


class Cut(msgspec.Struct, frozen=True):
    """Import statements to remove together, one edge each, and the modules that the start then no longer loads."""

    edges: tuple[ImportEdge, ...]
    saved: frozenset[str]


class ModuleGraph:
    """A start's modules and the imports between them."""

    def __init__(self, trace: StartupTrace, measured: Mapping[str, int] | None = None) -> None:
        """*measured*: self times in microseconds that take the place of the estimate."""
        self.trace = trace
        self.measured: Mapping[str, int] = measured or {}
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
    def executed(self) -> frozenset[Location]:
        """The import statements that run at startup, wherever they stand."""
        return frozenset(edge.site.location for edge in self.trace.edges if edge.reach is Reach.EAGER)

    @cached_property
    def _later(self) -> frozenset[ImportSite]:
        """The sites that importing their file does not run: function bodies, lazy names, warmed ones."""
        now = (ImportKind.EAGER, ImportKind.TYPE_CHECKING)
        return frozenset(
            site for site in self.trace.sites if site.kind not in now and site.location not in self.executed
        )

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

    def closure(self, name: str) -> frozenset[str]:
        """*name*, its parent packages and all that importing them loads."""
        parts = name.split(".")
        roots = (".".join(parts[: depth + 1]) for depth in range(len(parts)))
        return self._follow([root for root in roots if root in self.modules], lambda edge: edge.site not in self._later)

    def entangled(self, names: Iterable[str]) -> tuple[frozenset[str], ...]:
        """The sets of two or more of *names* that import each other: whichever comes first runs part of the others."""
        needs = {name: self.closure(name) for name in names}
        found: dict[frozenset[str], None] = {}
        for name, needed in needs.items():
            together = frozenset(other for other in needed & needs.keys() if name in needs[other])
            if len(together) > 1:
                found.setdefault(together)
        return tuple(found)

    def exclusive_to(self, name: str) -> frozenset[str]:
        """The modules that the start loads only because of *name*, itself included."""
        return self._eager_start - self._follow_start(lambda edge: edge.imported != name)

    @cached_property
    def _eager_start(self) -> frozenset[str]:
        return self._follow_start(lambda _: True)

    def saved_by(self, statements: Collection[Location]) -> frozenset[str]:
        """The modules that the start would no longer load without the import *statements*."""
        return self._eager_start - self._follow_start(lambda edge: edge.site.location not in statements)

    def cuts(self, name: str) -> tuple[Cut, ...]:
        """The sets of first-party import statements without which the start does not load *name*.

        Fewest statements first, then the largest saving; empty when no statement of the project's brings it in.
        """
        leading: dict[Location, ImportEdge] = {}
        brings: dict[Location, set[str]] = {}
        for edge in self.trace.edges:
            if edge.reach is Reach.EAGER and self.is_first_party(edge.site.importer):
                brings.setdefault(edge.site.location, set()).add(edge.imported)
                known = leading.setdefault(edge.site.location, edge)
                if len(edge.imported) > len(known.imported):  # `import a.b` imports `a` too; `a.b` says more
                    leading[edge.site.location] = edge
        found: list[Cut] = []
        last: list[ImportEdge] = []
        for location, edge in leading.items():
            targets = brings[location]
            if name not in self._follow(targets, lambda each: each.reach is Reach.EAGER):
                continue
            saved = self.saved_by((location,))
            if name in saved:
                found.append(Cut((edge,), saved))
            if name in targets or not all(map(self.is_first_party, targets)):
                last.append(edge)
        together = self.saved_by({edge.site.location for edge in last})
        if len(last) > 1 and name in together:
            found.append(Cut(tuple(last), together))
        return tuple(sorted(found, key=lambda cut: (len(cut.edges), -self.cost_us(cut.saved))))

    def _follow_start(self, takes: Callable[[ImportEdge], bool]) -> frozenset[str]:
        """What the entry reaches over the eager edges that *takes* accepts.

        A statement in a function that the entry calls counts only if the function's own module is reached.
        """
        seen = {self.trace.entry}
        pending = [self.trace.entry]
        waiting: dict[str, list[ImportEdge]] = {}
        while pending:
            name = pending.pop()
            for edge in (*self._edges_from.get(name, ()), *waiting.pop(name, ())):
                if edge.imported in seen or edge.reach is not Reach.EAGER or not takes(edge):
                    continue
                owner = edge.site.importer
                if owner not in seen and owner in self.modules:
                    waiting.setdefault(owner, []).append(edge)
                else:
                    seen.add(edge.imported)
                    pending.append(edge.imported)
        return frozenset(seen)

    def _follow(self, roots: Iterable[str], takes: Callable[[ImportEdge], bool]) -> frozenset[str]:
        """The *roots* and what is reached from them over the edges that *takes* accepts."""
        seen = set(roots)
        pending = list(seen)
        while pending:
            for edge in self._edges_from.get(pending.pop(), ()):
                if edge.imported not in seen and takes(edge):
                    seen.add(edge.imported)
                    pending.append(edge.imported)
        return frozenset(seen)

    def grouped(self, names: Collection[str]) -> dict[str, list[str]]:
        """*names* by the first of them that led to their loading, in load order; modules not in *names* end a group."""
        root: dict[str, str] = {}
        for module in self.trace.modules:
            if module.name in names:
                root[module.name] = root.get(module.loaded_by or "", module.name)
        groups: dict[str, list[str]] = {}
        for name, first in root.items():
            groups.setdefault(first, []).append(name)
        return groups

    def cost_us(self, names: Iterable[str]) -> int:
        """The sum of the modules' own costs in microseconds."""
        return sum(self.cost_of(name).self_us for name in names if name in self.modules)

    def cost_of(self, name: str) -> ModuleCost:
        """What the module's own body takes: measured where that is known, else estimated."""
        known = self.measured.get(name)
        return estimate(self.modules[name]) if known is None else ModuleCost(known, "measured")

    def cost_source(self, names: Iterable[str]) -> str:
        """Where most of the cost of *names* is from: "measured" or "estimated"."""
        costs = [self.cost_of(name) for name in names if name in self.modules]
        known = sum(cost.self_us for cost in costs if cost.source == "measured")
        return "measured" if known * 2 > sum(cost.self_us for cost in costs) else "estimated"

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
            if edge.reach is Reach.EAGER
            and self.is_first_party(edge.site.importer)
            and not self.is_first_party(edge.imported)
        )

    def edges_of(self, importer: str) -> tuple[ImportEdge, ...]:
        """The imports that the body of *importer* runs, in order."""
        return tuple(self._edges_from.get(importer, ()))
