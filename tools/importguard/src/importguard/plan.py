"""The cuts of one start in the order in which they pay, and what is left after them. Pure over a graph and a policy.

A *subject* is a package that somebody can do without: a top-level one, or a name that `heavy` lists. A *cut* removes
import statements of the program's own files together, as few as it takes. docs/decisions has a page on the model.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cached_property, lru_cache
from typing import NamedTuple

import msgspec

from importguard.graph import ModuleGraph, is_below
from importguard.source.import_site import Location
from importguard.startup.trace import ImportEdge, Origin


class Policy(msgspec.Struct, frozen=True):
    """What is too dear: a cut that saves more than *heavy_us*, or a name in *heavy*; and what the start may load."""

    heavy_us: int = 30_000
    heavy: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()


class Cut(msgspec.Struct, frozen=True):
    """Import *statements* that go together, one edge each, and what the start then no longer loads.

    `alone`: what each saves by itself. `sharers`: the packages that load the subject, where no import of it itself is
    cut. `stays`: the subject is loaded all the same, by something that may not be cut or that nothing of it needs.
    """

    subject: str
    statements: tuple[ImportEdge, ...]
    saved: frozenset[str]
    alone: tuple[frozenset[str], ...]
    named: bool = False  # `heavy` lists it
    own: bool = False
    sharers: tuple[str, ...] = ()
    stays: bool = False


class Step(msgspec.Struct, frozen=True):
    """A cut of the plan: what it saves after the ones before, and what the start then still loads."""

    subject: str
    statements: tuple[ImportEdge, ...]
    saved: frozenset[str]
    remains: frozenset[str]
    sharers: tuple[str, ...] = ()


class Plan(msgspec.Struct, frozen=True):
    """`allowed`, `conditional`, the steps' `saved` and `rest` are disjoint; together they are what the start loads.

    `findings` are the cuts that are too dear each by itself. `allowed` is what remains only because of imports that the
    policy or a comment accepts, `conditional` what loads only if a condition in the program holds. `near`: what of the
    rest saves half of what is too dear, or more.
    """

    findings: tuple[Cut, ...] = ()
    steps: tuple[Step, ...] = ()
    allowed: frozenset[str] = frozenset()
    conditional: frozenset[str] = frozenset()
    rest: frozenset[str] = frozenset()
    near: tuple[tuple[str, frozenset[str]], ...] = ()


class _Group(msgspec.Struct):
    """A subject, and the places of the statements that may have to go for it."""

    subject: str
    places: frozenset[int]
    named: bool = False
    own: bool = False
    sharers: tuple[str, ...] = ()


class _Names(NamedTuple):
    """What one statement imports: the names by place, the places by name and by each package, the innermost ones."""

    imported: dict[int, str]
    at: dict[str, list[int]]
    below: dict[str, list[int]]
    last: frozenset[int]

    @classmethod
    def of(cls, imported: dict[int, str]) -> _Names:
        at: dict[str, list[int]] = {}
        below: dict[str, list[int]] = {}
        for place, name in imported.items():
            at.setdefault(name, []).append(place)
            for package in _with_parents(name):
                below.setdefault(package, []).append(place)
        last = frozenset(place for place, name in imported.items() if len(below[name]) == len(at[name]))
        return cls(imported, at, below, last)


def build(graph: ModuleGraph, policy: Policy, accepted: Collection[Location] = ()) -> Plan:
    """The plan. *accepted*: statements that a comment in the code accepts; no cut has them."""
    return _Planner(graph, policy, accepted).plan()


def cuts_of(graph: ModuleGraph, name: str) -> tuple[Cut, ...]:
    """The sets of the program's statements without which the start does not load *name*, whatever that saves.

    The smallest set that imports it or what leads to it; and each import between own modules that is enough by itself,
    but for that of the whole application. Fewest statements first, then the largest saving.
    """
    planner = _Planner(graph, Policy(), ())
    found = [planner.cut(planner.leading_to(name)), *planner.passages_to(name)]
    whole = {cut.statements: cut for cut in found if cut.statements and name in cut.saved}
    return tuple(sorted(whole.values(), key=lambda cut: (len(cut.statements), -graph.cost_us(cut.saved))))


class _Planner:
    """Groups a start's statements by subject and weighs them."""

    def __init__(self, graph: ModuleGraph, policy: Policy, accepted: Collection[Location]) -> None:
        self._graph, self._policy, self._edges = graph, policy, graph.trace.edges
        eager = {
            place: edge
            for place, edge in graph.own_edges.items()
            if graph.is_own(edge.site) and self._edges.eager(place) and place not in graph.conditional
        }
        self._by_statement = graph.statements(eager)
        self._spared = {
            place
            for statement, places in self._by_statement.items()
            for place in (places if statement in accepted else self._allowed(places))
        }
        self._own = {self._edges.number[name] for name in graph.own if name in self._edges.number}
        self._weighed: dict[frozenset[int], list[frozenset[str]]] = {}
        self._weights: dict[tuple[str, bool, frozenset[str]], int] = {}
        self._names: dict[Location, _Names] = {}

    def _allowed(self, places: list[int]) -> list[int]:
        """Those of a statement's *places* that import what is allowed, or a package of it."""
        if not self._policy.allow:
            return []
        imported = {place: self._graph.own_edges[place].imported for place in places}
        allowed = [name for name in imported.values() if self._is_allowed(name)]
        return [place for place, name in imported.items() if any(is_below(one, name) for one in allowed)]

    def plan(self) -> Plan:
        """Cuts until nothing is too dear any more."""
        graph = self._graph
        groups = self._groups()
        findings = [*self._dear(groups)]
        steps: list[Step] = []
        gone: set[int] = set()
        while (group := self._next(groups, gone)) is not None:
            before = self._reached(gone)
            cut = self.cut(group, gone)
            places = self._places(cut.statements) & group.places
            if not places - gone:  # nothing of it is left to cut
                break
            gone |= places
            after = self._reached(gone)
            steps.append(
                Step(group.subject, cut.statements, self._named(before - after), self._named(after), group.sharers)
            )
            if group.sharers:
                cut = self.cut(group)
                if self._us(cut.saved) > self._policy.heavy_us:
                    findings.append(cut)
        remaining, rest = self._reached(gone), self._reached(gone | self._spared)
        rootless = graph.start - self._named(self._reached(()))
        findings.sort(key=lambda cut: (-self._us(cut.saved), cut.subject))
        return Plan(
            tuple(findings),
            tuple(steps),
            self._named(remaining - rest),
            graph.eager - graph.start,
            self._named(rest) | rootless,
            tuple(self._near(groups, gone)),
        )

    def _near(self, groups: list[_Group], gone: set[int]) -> Iterator[tuple[str, frozenset[str]]]:
        for group, saved in zip(groups, self._each(groups, gone), strict=True):
            if not group.named and self._weight(group, saved) * 2 > self._policy.heavy_us:
                yield group.subject, saved

    # What may be cut

    def _groups(self) -> list[_Group]:
        """The statements by the package that they import, and those that lead to each name in `heavy`."""
        found: dict[str, set[int]] = {}
        for statement in self._by_statement:
            for place in self._cuttable(statement):
                subject = self._subject(self._graph.own_edges[place])
                if subject is not None:
                    found.setdefault(subject, set()).add(place)
        loaded = [name for name in self._policy.heavy if not self._is_allowed(name) and self._numbers(name)]
        named = [self.leading_to(name) for name in loaded]
        plain = [
            _Group(subject, self._with_packages(places), own=subject in self._own_packages)
            for subject, places in found.items()
            if subject not in self._policy.heavy
        ]
        return [*(group for group in named if group.places), *plain]

    def _subject(self, edge: ImportEdge) -> str | None:
        """The package that *edge* imports from outside of it; None for the application's own and what nobody owns."""
        if self._graph.is_namespace(edge.imported):
            return None
        package = self._graph.package_of(edge.imported)
        inside = package in self._application or is_below(edge.site.importer, package)
        return None if inside else package

    @cached_property
    def _application(self) -> frozenset[str]:
        return self._graph.application | {self._graph.trace.entry}

    @cached_property
    def _own_packages(self) -> frozenset[str]:
        return frozenset(map(self._graph.package_of, self._graph.own))

    def _is_allowed(self, name: str) -> bool:
        return any(is_below(name, one) for one in self._policy.allow)

    def _cuttable(self, statement: Location) -> list[int]:
        return [place for place in self._by_statement[statement] if place not in self._spared]

    def _with_packages(self, places: Collection[int]) -> frozenset[int]:
        """*places*, and of their statements those that import what is below, or the packages of nothing but that."""
        found = set(places)
        for statement, chosen in self._graph.statements(places).items():
            if len(self._cuttable(statement)) == 1:
                continue
            names = self._names_of(statement)
            for place in chosen:
                if place in names.imported:
                    found.update(names.below[names.imported[place]])
            around = {name for place in found & names.imported.keys() for name in _with_parents(names.imported[place])}
            for name in sorted(around & names.at.keys()):
                if all(one in found for one in names.below[name] if one in names.last):
                    found.update(names.at[name])
        return frozenset(found)

    def _names_of(self, statement: Location) -> _Names:
        known = self._names.get(statement)
        if known is None:
            imported = {place: self._graph.own_edges[place].imported for place in self._cuttable(statement)}
            known = self._names[statement] = _Names.of(imported)
        return known

    def leading_to(self, name: str) -> _Group:
        """The statements whose imports lead to *name* without going through another module of the program's own."""
        numbers = self._numbers(name)
        own = bool(numbers & self._own)
        leading = self._edges.leading_to(numbers, self._own - numbers)
        places = [
            place
            for statement in self._by_statement
            for place in self._cuttable(statement)
            if self._leads(place, name, leading)
        ]
        return _Group(name, self._with_packages(places), named=name in self._policy.heavy, own=own)

    def passages_to(self, name: str) -> Iterator[Cut]:
        """The imports of one own module by another through which every way to *name* goes."""
        number = self._edges.number.get(name, -1)
        leading = self._edges.leading_to({number}, ())
        found = {
            statement: places
            for statement, places in self._by_statement.items()
            if all(self._edges.imported[place] in self._own for place in places)
            and any(self._edges.imported[place] in leading for place in places)
        }
        entry = {self._graph.trace.entry, *self._packages_of(self._graph.trace.entry)}
        for places, saved in zip(found.values(), self._lost(found.values()), strict=True):
            left = (self._graph.own & self._graph.start) - saved - entry
            if name in saved and left:  # else it is the application itself
                edge = max((self._graph.own_edges[place] for place in places), key=lambda one: len(one.imported))
                yield Cut(name, (edge,), saved, (saved,))

    @staticmethod
    def _packages_of(name: str) -> tuple[str, ...]:
        return _with_parents(name)[:-1]

    def _numbers(self, name: str) -> set[int]:
        """*name* and its submodules, as far as the start loads them."""
        numbers = self._edges.number
        return {numbers[one] for one in self._graph.eager if is_below(one, name) and one in numbers}

    def _leads(self, place: int, name: str, leading: Collection[int]) -> bool:
        edge, imported = self._graph.own_edges[place], self._edges.imported[place]
        if is_below(edge.site.importer, name) or (imported in self._own and not is_below(edge.imported, name)):
            return False
        return imported in leading

    # What a cut saves

    def _reached(self, without: Iterable[int]) -> set[int]:
        return self._edges.started(self._graph.roots, self._graph.conditional.union(without))

    def _named(self, numbers: Iterable[int]) -> frozenset[str]:
        return self._graph.named(numbers) & self._graph.eager

    def _us(self, names: Iterable[str]) -> int:
        return self._graph.cost_us(names)

    def _lost(self, groups: Iterable[Collection[int]], gone: Collection[int] = ()) -> list[frozenset[str]]:
        """What each of *groups* of places saves by itself, when those *gone* are cut already."""
        barred = self._graph.conditional.union(gone)
        return [*map(self._named, self._edges.lost_without_each(self._graph.roots, [*groups], barred))]

    def _each(self, groups: Iterable[_Group], gone: Collection[int]) -> list[frozenset[str]]:
        """What each of the plan's *groups* saves after those *gone*; worked out once."""
        known = self._weighed.get(frozenset(gone))
        if known is None:
            known = self._weighed[frozenset(gone)] = self._lost((group.places for group in groups), gone)
        return known

    def cut(self, group: _Group, gone: Collection[int] = ()) -> Cut:
        """The statements of *group* that are needed, beyond what is *gone*; what they save is of the whole start."""
        after = self._reached({*gone, *group.places})
        needed = [
            (statement, places)
            for statement, places in self._graph.statements(group.places - set(gone)).items()
            if any(self._edges.brings(place, after) for place in places)
        ]
        saved = self._graph.saved_without(place for _, places in needed for place in places)
        alone = dict(zip([one for one, _ in needed], self._lost(places for _, places in needed), strict=True))
        leading = {one: self._leading(group, places) for one, places in needed}
        order = sorted(alone, key=lambda one: (-self._us(alone[one]), one))
        return Cut(
            group.subject,
            tuple(leading[one] for one in order),
            saved,
            tuple(alone[one] for one in order),
            group.named,
            group.own,
            group.sharers,
            any(is_below(name, group.subject) for name in self._named(after)),
        )

    def _leading(self, group: _Group, places: Iterable[int]) -> ImportEdge:
        """The edge that says most of a statement: the longest name, of the subject where there is one."""
        edges = [self._graph.own_edges[place] for place in places]
        return max(edges, key=lambda edge: (is_below(edge.imported, group.subject), len(edge.imported)))

    def _places(self, statements: Iterable[ImportEdge]) -> set[int]:
        return {place for edge in statements for place in self._cuttable(edge.site.location)}

    # What is too dear

    def _weight(self, group: _Group, saved: frozenset[str]) -> int:
        """What counts of *saved*: of the program's own code its own modules, since what they load has its own cut."""
        key = group.subject, group.own, saved
        known = self._weights.get(key)
        if known is None:
            counts = saved & self._own_below.get(group.subject, frozenset()) if group.own else saved
            known = self._weights[key] = self._us(counts)
        return known

    @cached_property
    def _own_below(self) -> dict[str, set[str]]:
        """The program's own modules by each package that they are below, themselves included."""
        found: dict[str, set[str]] = {}
        for name in self._graph.own:
            above = name
            while above:
                found.setdefault(above, set()).add(name)
                above = above.rpartition(".")[0]
        return found

    def _is_dear(self, group: _Group, saved: frozenset[str]) -> bool:
        if group.named:
            return any(is_below(name, group.subject) for name in saved)
        return self._weight(group, saved) > self._policy.heavy_us

    def _dear(self, groups: list[_Group]) -> Iterator[Cut]:
        """The cuts that are too dear each by itself."""
        for group, saved in zip(groups, self._each(groups, ()), strict=True):
            if self._is_dear(group, saved):
                yield self.cut(group)

    def _next(self, groups: list[_Group], gone: set[int]) -> _Group | None:
        """The cut that pays most after those *gone*: of one subject, else of what several share."""
        each = zip(groups, self._each(groups, gone), strict=True)
        dear = [(group, saved) for group, saved in each if self._is_dear(group, saved)]
        if not dear:
            return self._shared(groups, gone)
        dear.sort(key=lambda one: (-self._weight(*one), one[0].subject))
        # What is inside the program's own dear package has its cut there, so that goes first.
        inner = {
            self._graph.own_edges[place].site.importer for group, _ in dear if not group.own for place in group.places
        }
        ready = [group for group, saved in dear if not group.own or not inner & saved]
        return (ready or [dear[0][0]])[0]

    def _shared(self, groups: list[_Group], gone: set[int]) -> _Group | None:
        """What is too dear, and loaded by several packages of which none is: the dearest package of that kind."""
        found = [*self._packages_of_many(gone), *self._loads_of_many(groups, gone)]
        dear = [(us, subject, places) for us, subject, places in found if us > self._policy.heavy_us]
        if not dear:
            return None
        _, subject, places = max(dear, key=lambda one: (one[0], one[1]))
        sharers = {self._graph.package_of(edge.imported) for edge in map(self._graph.own_edges.get, places) if edge}
        return _Group(subject, places, sharers=tuple(sorted(one for one in sharers if not self._is_namespace(one))))

    def _is_namespace(self, name: str) -> bool:
        return self._graph.is_namespace(name)

    def _packages_of_many(self, gone: set[int]) -> Iterator[tuple[int, str, frozenset[int]]]:
        """The installed packages without which, however they are loaded, the start saves too much; and how to cut."""
        packages = {
            self._edges.number[name]: self._graph.package_of(name)
            for name in self._graph.eager - self._graph.own
            if name in self._edges.number and self._graph.modules[name].origin is Origin.THIRD_PARTY
        }
        into: dict[str, list[int]] = {name: [] for name in sorted(set(packages.values())) if not self._is_allowed(name)}
        for place, imported in enumerate(self._edges.imported):
            package = packages.get(imported)
            if package in into:
                into[package].append(place)
        for package, saved in zip(into, self._lost(into.values(), gone), strict=True):
            if self._us(saved) > self._policy.heavy_us:
                places = self.leading_to(package).places - gone
                if package in saved and self._is_cut_by(package, gone | places):
                    yield self._us(saved), package, places

    def _is_cut_by(self, package: str, places: Iterable[int]) -> bool:
        return not any(is_below(name, package) for name in self._named(self._reached(places)))

    def _loads_of_many(self, groups: list[_Group], gone: set[int]) -> Iterator[tuple[int, str, frozenset[int]]]:
        """What the same packages load and nothing else does, by the dearest package among it; and how to cut."""
        sources: dict[int, int] = {}
        plain = [group for group in groups if not group.own and not group.named]
        for index, group in enumerate(plain):
            for place in group.places - gone:
                number = self._edges.imported[place]
                sources[number] = sources.get(number, 0) | 1 << index
        places = frozenset(place for group in plain for place in group.places)
        by_sharers: dict[int, list[str]] = {}
        for number, bits in self._edges.led_to(sources, self._reached(gone | places)).items():
            name = self._edges.words[number]
            if name in self._graph.eager and bits.bit_count() > 1:
                by_sharers.setdefault(bits, []).append(name)
        for bits, names in by_sharers.items():
            united = frozenset(
                place for index, group in enumerate(plain) if bits >> index & 1 for place in group.places
            )
            yield self._us(names), self._dearest_package(names), united - gone

    def _dearest_package(self, names: Iterable[str]) -> str:
        """The package whose modules among *names* cost most; one that is no part of Python, if there is one."""
        costs: dict[tuple[bool, str], int] = {}
        for name in names:
            key = self._graph.modules[name].origin is Origin.THIRD_PARTY, self._graph.package_of(name)
            costs[key] = costs.get(key, 0) + self._us((name,))
        return max(costs, key=lambda key: (key[0], costs[key]))[1]


@lru_cache(maxsize=32_768)  # every statement asks for what it imports, in each of many starts
def _with_parents(name: str) -> tuple[str, ...]:
    """*name* and the packages that it is in."""
    parts = name.split(".")
    return tuple(".".join(parts[:depth]) for depth in range(1, len(parts) + 1))
