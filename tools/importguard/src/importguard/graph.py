"""The modules and imports of one start as a graph: chains, closures, what a cut saves. Pure over a StartupTrace.

A module is in the start when a chain of imports that run leads to it. The chain may go through a module whose own
import failed later, because what that one had loaded by then stays loaded. Such modules are in no answer.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from importguard.costs import ModuleCost, estimate
from importguard.project.collection import NAME as PYTEST
from importguard.source.import_site import ImportKind, ImportSite, Location
from importguard.startup.trace import ImportEdge, LazyUse, LoadedModule, Origin, Reach, StartupTrace

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


class PlainStart(msgspec.Struct, frozen=True):
    """When nobody gives the program an argument or sets an environment variable: what of its guarded imports happens.

    `run`: the statements that surely run then. `left_out`: those that surely do not.
    """

    run: frozenset[Location] = frozenset()
    left_out: frozenset[Location] = frozenset()

    @property
    def sets(self) -> tuple[frozenset[Location], ...]:
        """Both."""
        return self.run, self.left_out


_NOTHING_KNOWN = PlainStart()


class ModuleGraph:
    """A start's modules and the imports between them."""

    def __init__(
        self,
        trace: StartupTrace,
        costs: Mapping[str, ModuleCost] | None = None,
        scale: float = 1.0,
        plain: PlainStart = _NOTHING_KNOWN,
    ) -> None:
        """*costs*: what is known of modules, in place of the estimate by size, which *scale* multiplies."""
        self.trace = trace
        self.plain = plain
        self.costs: Mapping[str, ModuleCost] = costs or {}
        self.scale = scale
        self.modules = {module.name: module for module in trace.modules}
        self._closures: dict[str, frozenset[str]] = {}
        self._reached: dict[int, frozenset[int]] = {}
        self._chained: dict[str, tuple[ImportGraph, dict[tuple[int, int], int]]] = {}
        self._self_us: dict[str, int] = {}

    @cached_property
    def eager(self) -> frozenset[str]:
        """The modules that the start loads."""
        return frozenset(name for name, module in self.modules.items() if module.reach is Reach.EAGER)

    @cached_property
    def _lazy_uses(self) -> dict[Location, LazyUse]:
        return {use.location: use for use in reversed(self.trace.lazy_uses)}

    def lazy_use(self, place: Location | None) -> LazyUse | None:
        """The use of a lazily bound name at *place*; None where an import statement is there."""
        return self._lazy_uses.get(place) if place is not None else None

    @cached_property
    def own(self) -> frozenset[str]:
        """The modules of the program itself: the project's, and of an installed program those of its package.

        A module of the project's whose own import failed is one, too: its statements have run.
        """
        entry = self.modules.get(self.trace.entry)
        owners = self.trace.edges.owners_in(self.trace.first_party_files)
        project = {*self.first_party, *(name for name in owners if name not in self.modules)}
        if entry is None or entry.path in self.trace.first_party_files:
            return frozenset(project)
        of_program = (name for name in self.modules if any(is_below(name, one) for one in self.application))
        return frozenset({entry.name, *project, *of_program})

    def is_own(self, site: ImportSite) -> bool:
        """Whether it is a statement of the program's own: of a module, or of a file that runs as none."""
        return site.importer in self.own or site.location.path in self._own_files

    @cached_property
    def _own_files(self) -> frozenset[str]:
        return frozenset(self.trace.first_party_files)

    @cached_property
    def application(self) -> frozenset[str]:
        """The packages that the start is the start of; none for a script of its own.

        `pkg` of `import pkg.cli`, of `python -m pkg`, and of a console script that imports `pkg.cli`: there with all
        packages beside it in the project, or that its distribution ships.
        """
        trace = self.trace
        if trace.entry_path.endswith(PYTEST):
            return frozenset()
        if trace.entry != "__main__":
            return frozenset({self.package_of(trace.entry)})
        inside = os.path.join(os.path.dirname(trace.entry_path), "__init__.py")
        around = [name for name, module in self.modules.items() if module.path == inside]
        if not around and trace.entry_path not in trace.first_party_files:
            origins = Origin.FIRST_PARTY, Origin.THIRD_PARTY
            written = (edge.imported for edge in self.edges_of(trace.entry) if edge.site.importer == trace.entry)
            around = [name for name in written if name in self.modules and self.modules[name].origin in origins]
            around += self._beside(map(self.package_of, around))
            around += [name for name in trace.shipped if name in self.modules and not self.is_namespace(name)]
        return frozenset(map(self.package_of, around))

    def _beside(self, packages: Iterable[str]) -> list[str]:
        """The project's own top-level modules in the folders that hold *packages* of the project's."""
        folder = {name: _folder_of(self.modules[name]) for name in self.first_party if "." not in name}
        around = {folder[name] for name in packages if name in folder} - {""}
        return [name for name, place in folder.items() if place in around]

    def package_of(self, name: str) -> str:
        """The package that ships *name*: the top-level one, or the first below a namespace that many may share.

        `google.genai` of `google.genai.types`: no distribution owns `google` alone.
        """
        at = name.find(".")
        while at >= 0:
            package = name[:at]
            if package not in self._namespaces:
                return package
            at = name.find(".", at + 1)
        return name

    def is_namespace(self, name: str) -> bool:
        """*name* is an installed package without a file of its own, so that several distributions may add to it."""
        return name in self._namespaces

    @cached_property
    def _namespaces(self) -> frozenset[str]:
        return frozenset(
            name
            for name, module in self.modules.items()
            if module.path is None and module.package and module.origin is Origin.THIRD_PARTY
        )

    @cached_property
    def own_edges(self) -> dict[int, ImportEdge]:
        """By their places: the edges of statements in the program's own files, or that its modules execute."""
        return {place: self.trace.edges[place] for place in self._owned}

    @cached_property
    def _owned(self) -> list[int]:
        return self.trace.edges.owned_by(self.own)

    @cached_property
    def first_party(self) -> tuple[str, ...]:
        """The project's own modules, in load order."""
        return tuple(name for name, module in self.modules.items() if module.origin is Origin.FIRST_PARTY)

    @cached_property
    def executed(self) -> frozenset[Location]:
        """The program's import statements that run at startup, without the `conditional` ones in functions."""
        eager = (place for place in self._owned if self.trace.edges.eager(place))
        return self.trace.edges.locations(place for place in eager if place not in self.conditional)

    @cached_property
    def computed(self) -> tuple[Location, ...]:
        """Where the program's own code imports at startup by a name that nobody knows: what that loads is not here."""
        found = {
            one.site.location
            for one in self.trace.unresolved
            if one.computed and one.reach is Reach.EAGER and one.site.importer in self.own
        }
        return tuple(sorted(found))

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
        later = (place for place in self._owned if edges.kind(place) not in _NOW)
        return frozenset(place for place in later if edges[place].site in self._later)

    def _place_between(self, those: str) -> dict[tuple[int, int], int]:
        """The place of the first edge between two modules, by their numbers."""
        edges = self.trace.edges
        found: dict[tuple[int, int], int] = {}
        for place, pair in enumerate(zip(edges.importers, edges.imported, strict=True)):
            if those == "all" or (edges.eager(place) and (those == "eager" or place not in self.conditional)):
                found.setdefault(pair, place)
        return found

    def _chains(self, name: str) -> tuple[ImportGraph, dict[tuple[int, int], int]]:
        """The imports as a graph that knows shortest chains: for *name* of the start, those that the start runs."""
        those = "start" if name in self.start else "eager" if name in self.eager else "all"
        known = self._chained.get(those)
        if known is None:
            from grimp import ImportGraph

            graph = ImportGraph()
            for one in self.modules:
                graph.add_module(one)
            words, between = self.trace.edges.words, self._place_between(those)
            for importer, imported in between:
                graph.add_import(importer=words[importer], imported=words[imported])
            known = self._chained[those] = graph, between
        return known

    def chain(self, name: str) -> ImportChain:
        """The shortest chain of imports from the entry to *name*; else the one that loaded it."""
        path = None
        if name != self.trace.entry and self.trace.entry in self.modules:
            graph, between = self._chains(name)
            if name in graph.modules:
                path = graph.find_shortest_chain(importer=self.trace.entry, imported=name)
        if path is not None:
            numbers = [self.trace.edges.number[step] for step in path]
            edges = [self.trace.edges[between[pair]] for pair in pairwise(numbers)]
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
            known = frozenset(filter(self.modules.__contains__, roots)) | self.named(found)
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

    def named(self, numbers: Iterable[int]) -> frozenset[str]:
        """The modules of these *numbers*, without those that failed."""
        return frozenset(filter(self.modules.__contains__, map(self.trace.edges.words.__getitem__, numbers)))

    @cached_property
    def roots(self) -> tuple[int, ...]:
        """The numbers of the entry and of what the start loads without any import that is known."""
        edges = self.trace.edges
        entry = [edges.number[self.trace.entry]] if self.trace.entry in edges.number else []
        reached = edges.started(entry)
        others = (edges.number[name] for name in self.eager if name in edges.number)
        return (*entry, *(number for number in others if number not in reached))

    @cached_property
    def conditional(self) -> frozenset[int]:
        """The places of `guarded` imports that are not of the start, as far as the code can say.

        In the program's functions: whoever writes these has taken them out, but for what the plain start runs all the
        same. At its module level, and in libraries that it calls: only what the plain start does not run.
        """
        edges = self.trace.edges
        own = {edges.number[name] for name in self.own if name in edges.number}
        return frozenset(place for place in self.guarded if self._is_conditional(place, own=edges.owners[place] in own))

    def _is_conditional(self, place: int, *, own: bool) -> bool:
        """Whether the guarded edge at *place* is left out of the start; *own*: its statement is the program's."""
        site = self.trace.edges[place].site
        if own and site.scope and site.kind not in _NOW:
            return site.location not in self.plain.run
        return site.location in self.plain.left_out

    @cached_property
    def start(self) -> frozenset[str]:
        """What the start loads, without what hangs on `conditional` imports alone."""
        return self.eager & self.named(self.trace.edges.started(self.roots, self.conditional)) | self._rootless

    @cached_property
    def _rootless(self) -> frozenset[str]:
        """The modules of the start that no edge concerns, the entry of an empty program for example."""
        return frozenset(name for name in self.eager if name not in self.trace.edges.number)

    def runs(self, place: int) -> bool:
        """Whether the start runs the own edge at *place*, under no condition that nobody can know."""
        return self.trace.edges.eager(place) and place not in self.conditional

    @cached_property
    def guarded(self) -> frozenset[int]:
        """The places of imports that the program's own modules run only under a condition nobody can know."""
        edges, owned = self.trace.edges, set(self._owned)
        return frozenset(place for place in edges.guarded_places if place in owned and edges.eager(place))

    @cached_property
    def hanging(self) -> frozenset[str]:
        """What the start loads only by `guarded` imports."""
        return self.eager - self._rootless - self.named(self.trace.edges.started(self.roots, self.guarded))

    def statements(self, places: Iterable[int]) -> dict[Location, list[int]]:
        """Groups the *places* of own edges by their statement."""
        found: dict[Location, list[int]] = {}
        for place in places:
            found.setdefault(self.own_edges[place].site.location, []).append(place)
        return found

    def saved_by(self, statements: Collection[Location]) -> frozenset[str]:
        """The modules that the start would no longer load without the import *statements*."""
        if self._are_own(statements):
            return self.saved_without(place for one in statements for place in self._own_places.get(one, ()))
        edges = enumerate(self.trace.edges)
        return self.saved_without(place for place, edge in edges if edge.site.location in statements)

    def imported_at(self, statement: Location) -> frozenset[str]:
        """What one of the program's own statements imports, the packages of it included."""
        return frozenset(self.own_edges[place].imported for place in self._own_places.get(statement, ()))

    @cached_property
    def _own_places(self) -> dict[Location, list[int]]:
        return self.statements(self.own_edges)

    def saved_without(self, places: Iterable[int]) -> frozenset[str]:
        """The modules that the start would no longer load without the edges at *places*."""
        return (
            self.start
            - self._rootless
            - self.named(self.trace.edges.started(self.roots, self.conditional.union(places)))
        )

    def kept_by_conditions(self, statements: Collection[Location]) -> frozenset[str]:
        """The modules that `saved_by` these statements names, and that a `conditional` import may load all the same."""
        places = [place for one in statements for place in self._own_places.get(one, ())]
        return self.saved_by(statements) & self.named(self.trace.edges.started(self.roots, places))

    def _are_own(self, statements: Collection[Location]) -> bool:
        return {statement.path for statement in statements} <= self._own_files

    def exclusive_to(self, name: str) -> frozenset[str]:
        """The modules that the start loads only because of *name*, itself and its submodules included."""
        edges = self.trace.edges
        gated = {number for word, number in edges.number.items() if is_below(word, name)}
        return self.saved_without(place for place, imported in enumerate(edges.imported) if imported in gated)

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
        """What the module's own body takes, as far as that is known, else estimated by its size."""
        known = self.costs.get(name)
        if known is not None:
            return known
        return ModuleCost(round(estimate(self.modules[name]).self_us * self.scale))

    def cost_source(self, names: Iterable[str]) -> str:
        """Where most of the cost of *names* is from: "measured" or "estimated"."""
        if not self.costs:
            return "estimated"
        costs = [self.cost_of(name) for name in names if name in self.modules]
        known = sum(cost.self_us for cost in costs if cost.source == "measured")
        return "measured" if known * 2 > sum(cost.self_us for cost in costs) else "estimated"

    def is_loaded_later(self, name: str) -> bool:
        """Whether *name* is loaded, and not by the start."""
        return name in self.modules and self.modules[name].reach is not Reach.EAGER

    def is_first_party(self, name: str) -> bool:
        """Whether the project itself ships *name*."""
        module = self.modules.get(name)
        return module is not None and module.origin is Origin.FIRST_PARTY

    def imports_of(self, importer: str) -> tuple[str, ...]:
        """The modules that the body of *importer* imports, each once."""
        edges = self.trace.edges
        if importer not in edges.number:
            return ()
        names = (edges.words[edges.imported[one]] for one in edges.following(edges.number[importer]))
        return tuple(name for name in dict.fromkeys(names) if name in self.modules)

    def body_edges(self, importer: str) -> Iterator[ImportEdge]:
        """The imports that loading *importer* runs, in order, without those that hang on what nobody can know."""
        edges = self.trace.edges
        if importer in edges.number:
            places = (place for place in edges.following(edges.number[importer]) if place not in self._not_run)
            yield from (edge for edge in map(edges.__getitem__, places) if not edge.guarded)

    def edges_of(self, importer: str) -> tuple[ImportEdge, ...]:
        """The imports that the body of *importer* runs, in order."""
        edges = self.trace.edges
        if importer not in edges.number:
            return ()
        return tuple(map(edges.__getitem__, edges.following(edges.number[importer])))


def _folder_of(module: LoadedModule) -> str:
    """The folder in which the top-level *module* or its package is; empty where that is not known."""
    if module.path is None:
        return ""
    folder = os.path.dirname(module.path)
    return os.path.dirname(folder) if module.package else folder


def is_below(name: str, package: str) -> bool:
    """*name* is *package* or one of its submodules."""
    return name == package or name.startswith(f"{package}.")
