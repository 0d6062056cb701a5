"""The modules and imports of one start as a graph: chains, closures, what a cut saves. Pure over a StartupTrace."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from importguard.costs import ModuleCost, estimate
from importguard.source.import_site import ImportKind, ImportSite, Location
from importguard.startup.trace import ImportEdge, Origin, Reach, StartupTrace

if TYPE_CHECKING:
    from grimp import ImportGraph

_NOW = (ImportKind.EAGER, ImportKind.TYPE_CHECKING)  # what importing their file runs, or nothing ever does


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

    def __init__(self, trace: StartupTrace, measured: Mapping[str, int] | None = None, scale: float = 1.0) -> None:
        """*measured*: self times in microseconds that take the place of the estimate, which *scale* multiplies."""
        self.trace = trace
        self.measured: Mapping[str, int] = measured or {}
        self.scale = scale
        self.modules = {module.name: module for module in trace.modules}
        self._exclusive: dict[str, frozenset[str]] = {}
        self._closures: dict[str, frozenset[str]] = {}
        self._reached: dict[int, frozenset[int]] = {}
        self._self_us: dict[str, int] = {}

    @cached_property
    def eager(self) -> frozenset[str]:
        """The modules that the start loads."""
        return frozenset(name for name, module in self.modules.items() if module.reach is Reach.EAGER)

    @cached_property
    def _own_places(self) -> list[int]:
        """The places of the edges that first-party modules execute, or whose statements stand in them."""
        return self.trace.edges.owned_by(self.first_party)

    @cached_property
    def _own_edges(self) -> dict[int, ImportEdge]:
        return {place: self.trace.edges[place] for place in self._own_places}

    @cached_property
    def first_party(self) -> tuple[str, ...]:
        """The project's own modules, in load order."""
        return tuple(name for name, module in self.modules.items() if module.origin is Origin.FIRST_PARTY)

    @cached_property
    def executed(self) -> frozenset[Location]:
        """The project's import statements that run at startup, wherever they stand in its files."""
        return self.trace.edges.locations(filter(self.trace.edges.eager, self._own_places))

    @cached_property
    def _later(self) -> frozenset[ImportSite]:
        """The sites that importing their file does not run: function bodies, lazy names, warmed ones."""
        return frozenset(
            site for site in self.trace.sites if site.kind not in _NOW and site.location not in self.executed
        )

    @cached_property
    def _not_run(self) -> frozenset[int]:
        """The edges of statements that importing their file does not run."""
        edges = self.trace.edges
        later = (place for place in self._own_places if edges.kind(place) not in _NOW)
        return frozenset(place for place in later if edges[place].site in self._later)

    @cached_property
    def _place_between(self) -> dict[tuple[int, int], int]:
        """The place of the first edge between two modules, by their numbers."""
        edges = self.trace.edges
        found: dict[tuple[int, int], int] = {}
        for place, pair in enumerate(zip(edges.importers, edges.imported, strict=True)):
            found.setdefault(pair, place)
        return found

    @cached_property
    def _chains(self) -> ImportGraph:
        from grimp import ImportGraph

        graph = ImportGraph()
        for name in self.modules:
            graph.add_module(name)
        words = self.trace.edges.words
        for importer, imported in self._place_between:
            graph.add_import(importer=words[importer], imported=words[imported])
        return graph

    def chain(self, name: str) -> ImportChain:
        """The shortest chain of imports from the entry to *name*; else the one that loaded it."""
        path = None
        if name != self.trace.entry and self.trace.entry in self.modules:
            path = self._chains.find_shortest_chain(importer=self.trace.entry, imported=name)
        if path is not None:
            numbers = [self.trace.edges.number[step] for step in path]
            edges = [self.trace.edges[self._place_between[pair]] for pair in pairwise(numbers)]
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
        known = self._closures.get(name)
        if known is None:
            parts = name.split(".")
            roots = [".".join(parts[: depth + 1]) for depth in range(len(parts))]
            edges = self.trace.edges
            found: set[int] = set()
            for root in roots:
                if root in edges.number:
                    found |= self._reached_from(edges.number[root])
            known = frozenset({*filter(self.modules.__contains__, roots), *map(edges.words.__getitem__, found)})
            self._closures[name] = known
        return known

    def _reached_from(self, number: int) -> frozenset[int]:
        known = self._reached.get(number)
        if known is None:
            known = frozenset(self.trace.edges.reached([number], self._not_run, self._reached))
            self._reached[number] = known
        return known

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
        if name not in self._exclusive:
            # Who asks of one module that the project imports asks of the others too: they share the walk.
            together = () if self._exclusive else (edge.imported for edge in self.entry_edges)
            self._exclusive.update(self._exclusive_to_each({name, *together}))
        return self._exclusive[name]

    def _exclusive_to_each(self, names: Collection[str]) -> dict[str, frozenset[str]]:
        edges, entry = self.trace.edges, self.trace.entry
        found: dict[int, set[int]] = {}
        if entry in edges.number:
            gates = [edges.number[name] for name in names if name in edges.number]
            found = edges.started_through(edges.number[entry], self.modules, gates)
        return {
            name: frozenset(map(edges.words.__getitem__, found.get(edges.number.get(name, -1), ()))) for name in names
        }

    @cached_property
    def _eager_start(self) -> frozenset[str]:
        return self._follow_start()

    def saved_by(self, statements: Collection[Location]) -> frozenset[str]:
        """The modules that the start would no longer load without the import *statements*."""
        edges = self._own_edges if self._are_own(statements) else dict(enumerate(self.trace.edges))
        without = {place for place, edge in edges.items() if edge.site.location in statements}
        return self._eager_start - self._follow_start(without)

    def _are_own(self, statements: Collection[Location]) -> bool:
        return {statement.path for statement in statements} <= set(self.trace.first_party_files)

    def cuts(self, name: str) -> tuple[Cut, ...]:
        """The sets of first-party import statements without which the start does not load *name*.

        Fewest statements first, then the largest saving; empty when no statement of the project's brings it in.
        """
        leading: dict[Location, ImportEdge] = {}
        brings: dict[Location, set[str]] = {}
        for edge in self._own_edges.values():
            if edge.reach is Reach.EAGER and self.is_first_party(edge.site.importer):
                brings.setdefault(edge.site.location, set()).add(edge.imported)
                known = leading.setdefault(edge.site.location, edge)
                if len(edge.imported) > len(known.imported):  # `import a.b` imports `a` too; `a.b` says more
                    leading[edge.site.location] = edge
        found: list[Cut] = []
        last: list[ImportEdge] = []
        for location, edge in leading.items():
            targets = brings[location]
            if name not in self._reached_at_start(targets):
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

    def _follow_start(self, without: Collection[int] = ()) -> frozenset[str]:
        """What the entry reaches over eager edges, none of the places *without*."""
        edges, entry = self.trace.edges, self.trace.entry
        if entry not in edges.number:
            return frozenset({entry})
        return frozenset(map(edges.words.__getitem__, edges.started(edges.number[entry], self.modules, without)))

    def _reached_at_start(self, names: Collection[str]) -> frozenset[str]:
        """*names* and what eager edges reach from them."""
        edges = self.trace.edges
        places = [place for place in range(len(edges)) if not edges.eager(place)]
        numbers = [edges.number[name] for name in names if name in edges.number]
        return frozenset({*names, *map(edges.words.__getitem__, edges.reached(numbers, frozenset(places), {}))})

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
        known = self._self_us
        total = 0
        for name in names:
            cost = known.get(name)
            if cost is None:
                cost = known[name] = self.cost_of(name).self_us if name in self.modules else 0
            total += cost
        return total

    def cost_of(self, name: str) -> ModuleCost:
        """What the module's own body takes: measured where that is known, else estimated."""
        known = self.measured.get(name)
        if known is not None:
            return ModuleCost(known, "measured")
        return ModuleCost(round(estimate(self.modules[name]).self_us * self.scale))

    def cost_source(self, names: Iterable[str]) -> str:
        """Where most of the cost of *names* is from: "measured" or "estimated"."""
        if not self.measured:
            return "estimated"
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
        edges = self.trace.edges
        own = {edges.number[name] for name in self.first_party if name in edges.number}
        return tuple(
            edges[place]
            for place in self._own_places
            if edges.eager(place) and edges.owners[place] in own and edges.imported[place] not in own
        )

    def imports_of(self, importer: str) -> tuple[str, ...]:
        """The modules that the body of *importer* imports, each once."""
        edges = self.trace.edges
        if importer not in edges.number:
            return ()
        return tuple(dict.fromkeys(edges.words[edges.imported[one]] for one in edges.following(edges.number[importer])))

    def edges_of(self, importer: str) -> tuple[ImportEdge, ...]:
        """The imports that the body of *importer* runs, in order."""
        edges = self.trace.edges
        if importer not in edges.number:
            return ()
        return tuple(map(edges.__getitem__, edges.following(edges.number[importer])))
