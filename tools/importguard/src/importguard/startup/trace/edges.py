"""The imports of one start in columns: small to keep, quick to walk; each a value once somebody looks at it. Pure.

What only one import brings is explained in docs/decisions/0019-what-only-one-import-brings.md.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import accumulate, compress, count
from operator import attrgetter
from typing import Any, overload

import msgspec

from importguard.source.import_site import ImportKind, ImportSite, Location
from importguard.startup.trace.import_edge import ImportEdge, Reach

_KINDS, _REACHES = tuple(ImportKind), tuple(Reach)
_EAGER = _REACHES.index(Reach.EAGER)
_COLUMNS = 11
_WORDS, _SCOPE = frozenset({0, 1, 2, 5, 7}), 9  # the columns of numbers of words and of scopes
_KIND, _PATH = 2, 3  # the columns of kinds and of paths after the first four; that of lines follows


_GUARDED = 2  # in the column of what is certain


class PackedEdges(msgspec.Struct, frozen=True, array_like=True):
    """Edges as they are kept: each name and path once, the rest as columns of native integers as small as they fit."""

    words: tuple[str, ...]
    scopes: tuple[tuple[str, ...], ...]
    columns: tuple[tuple[str, bytes], ...]  # a type code of `array`, its content


class Edges(Sequence[ImportEdge]):
    """Imports in the order in which they first ran. A module's number is the place of its name in `words`."""

    def __init__(self, packed: PackedEdges) -> None:
        self.packed = packed
        self.words = packed.words
        columns = []
        for code, content in packed.columns:
            column = array(code)
            column.frombytes(content)
            columns.append(column)
        self.columns = columns[:_COLUMNS]
        self.importers, self.imported, self.owners, self.reaches = columns[:4]
        self._rest = columns[4:_COLUMNS]
        self._steps: dict[tuple[int, bool], list[tuple[int, int, int]]] = {}
        self._starts, self._order, self._targets = columns[_COLUMNS:]

    @classmethod
    def of(cls, edges: Iterable[ImportEdge]) -> Edges:
        """*edges* as columns."""
        listed = list(edges)
        sites = list(map(attrgetter("site"), listed))
        places = list(map(attrgetter("location"), sites))
        words = _numbering()
        scopes = _numbering()
        columns = [
            array("i", column)
            for column in (
                map(words.__getitem__, map(attrgetter("importer"), listed)),
                map(words.__getitem__, map(attrgetter("imported"), listed)),
                map(words.__getitem__, map(attrgetter("importer"), sites)),
                map(_REACHES.index, map(attrgetter("reach"), listed)),
                (_GUARDED if edge.guarded else edge.certain for edge in listed),
                map(words.__getitem__, map(attrgetter("imported"), sites)),
                map(_KINDS.index, map(attrgetter("kind"), sites)),
                map(words.__getitem__, map(attrgetter("path"), places)),
                map(attrgetter("line"), places),
                map(scopes.__getitem__, map(attrgetter("scope"), sites)),
                map(attrgetter("optional"), sites),
            )
        ]
        columns += _by_importer(columns[0], columns[1], len(words))
        return cls(PackedEdges(tuple(words), tuple(scopes), tuple(map(_narrow, columns))))

    @classmethod
    def merged(cls, parts: Sequence[tuple[Edges, Collection[str]]]) -> Edges:
        """The edges of all *parts*, one after the other: of each without those of the importers beside it."""
        largest, _ = max(parts, key=lambda part: len(part[0]))  # its numbers stay as they are
        words = _numbering(largest.words)
        scopes = _numbering(largest.packed.scopes)
        columns = [array("i") for _ in range(_COLUMNS)]
        for edges, left_out in parts:
            numbers = {edges.number[name] for name in left_out if name in edges.number}
            stays = [importer not in numbers for importer in edges.importers]
            for place, column in enumerate(edges.columns):
                values: Iterable[int] = compress(column, stays)
                if edges is not largest and place in _WORDS:
                    values = map(words.__getitem__, map(edges.words.__getitem__, values))
                elif edges is not largest and place == _SCOPE:
                    values = map(scopes.__getitem__, map(edges.packed.scopes.__getitem__, values))
                columns[place].extend(values)
        columns += _by_importer(columns[0], columns[1], len(words))
        return cls(PackedEdges(tuple(words), tuple(scopes), tuple(map(_narrow, columns))))

    def __len__(self) -> int:
        return len(self.importers)

    @overload
    def __getitem__(self, place: int) -> ImportEdge: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[ImportEdge]: ...
    def __getitem__(self, place: int | slice) -> ImportEdge | Sequence[ImportEdge]:
        if isinstance(place, slice):
            return [self[index] for index in range(*place.indices(len(self)))]
        words = self.words
        certain, imported, kind, path, line, scope, optional = [column[place] for column in self._rest]
        site = ImportSite(
            words[self.owners[place]],
            words[imported],
            _KINDS[kind],
            Location(words[path], line),
            self.packed.scopes[scope],
            bool(optional),
        )
        reach = _REACHES[self.reaches[place]]
        return ImportEdge(
            words[self.importers[place]], words[self.imported[place]], site, certain == 1, reach, certain == _GUARDED
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Edges) and self.packed == other.packed

    def __hash__(self) -> int:
        return hash(self.packed)

    @cached_property
    def number(self) -> dict[str, int]:
        """Of each name."""
        return {word: index for index, word in enumerate(self.words)}

    def following(self, module: int) -> array[int]:
        """The places of the edges of *module*, in order."""
        return self._order[self._starts[module] : self._starts[module + 1]]

    def owned_by(self, names: Collection[str]) -> list[int]:
        """The places of the edges that a module of *names* executes, or whose statement is in one of them."""
        wanted = {self.number[name] for name in names if name in self.number}
        places = {place for place, owner in enumerate(self.owners) if owner in wanted}
        return sorted(places.union(*map(self.following, wanted)))

    def owners_in(self, files: Collection[str]) -> set[str]:
        """The modules that have statements in *files*, those whose own import failed included.

        A library that one of the files makes import something is none of them, nor is a part of the bare interpreter.
        """
        wanted = {self.number[path] for path in files if path in self.number}
        paths = self._rest[_PATH]
        numbers = {owner for owner, path in zip(self.owners, paths, strict=True) if path in wanted}
        return set(map(self.words.__getitem__, filter(self._is_loaded, numbers)))

    def reached(self, roots: Iterable[int], banned: Collection[int], known: dict[int, frozenset[int]]) -> set[int]:
        """The modules *roots* and what is reached from them without the edges *banned*.

        *known*: what is reached from some modules, worked out before under the same ban.
        """
        targets, starts = self._targets, self._starts
        restricted = {self.importers[place] for place in banned}
        seen = set(roots)
        pending = list(seen)
        while pending:
            module = pending.pop()
            if module in known:
                seen |= known[module]
                continue
            after: Iterable[int] = targets[starts[module] : starts[module + 1]]
            if module in restricted:
                after = [self.imported[place] for place in self.following(module) if place not in banned]
            for target in after:
                if target not in seen:
                    seen.add(target)
                    pending.append(target)
        return seen

    def started(self, roots: Iterable[int], without: Collection[int] = ()) -> set[int]:
        """What the modules *roots* reach over eager edges, none of the places *without*.

        A statement in a function that the entry calls counts only if the function's own module is reached.
        """
        seen = set(roots)
        pending = list(seen)
        waiting: dict[int, list[tuple[int, int, int]]] = {}
        restricted = {self.importers[place] for place in without}
        while pending:
            module = pending.pop()
            steps = self._steps_of(module, brief=module not in restricted)
            for step in (*steps, *waiting.pop(module)) if module in waiting else steps:
                target, owner, place = step
                if target in seen or place in without:
                    continue
                if owner < 0 or owner in seen:
                    seen.add(target)
                    pending.append(target)
                else:
                    waiting.setdefault(owner, []).append(step)
        return seen

    def lost_without_each(
        self, roots: Iterable[int], groups: Sequence[Collection[int]], without: Collection[int] = ()
    ) -> list[set[int]]:
        """Of each of the *groups* of places: what `started` would lack without these, beyond those *without*.

        All are worked out in one walk. It notes of each module, as bits, without which groups it is reached all the
        same; the lowest bit says that it is reached at all. A module is walked again when it has won a bit.
        """
        masks: dict[int, int] = {}
        for index, group in enumerate(groups):
            for place in group:
                masks[place] = masks.get(place, 0) | 2 << index
        every = (2 << len(groups)) - 1
        masks.update(dict.fromkeys(without, every))
        restricted = {self.importers[place] for place in masks}
        free = dict.fromkeys(roots, every)
        waiting: dict[int, set[int]] = {}  # for a bit of the function's own module
        pending = dict.fromkeys(free)
        while pending:
            module = next(iter(pending))  # the first come first: later ones may win more before their turn
            del pending[module]
            for target, owner, place in self._steps_of(module, brief=module not in restricted):
                won = free[module]
                if owner >= 0:
                    won &= free.get(owner, 0)
                    if won != free[module]:
                        waiting.setdefault(owner, set()).add(module)
                known = free.get(target, 0)
                won &= ~(known | masks.get(place, 0))
                if won:
                    free[target] = known | won
                    pending[target] = None
                    pending.update(dict.fromkeys(waiting.pop(target, ())))
        found: list[set[int]] = [set() for _ in groups]
        for module, reached in free.items():
            missing = every & ~reached if reached & 1 else 0
            while missing:
                highest = missing.bit_length() - 1
                found[highest - 1].add(module)
                missing ^= 1 << highest
        return found

    def led_to(self, sources: Mapping[int, int], known: Collection[int]) -> dict[int, int]:
        """Of each module that is reached from the *sources* over eager edges: the bits of those that reach it.

        *sources*: the bits of some modules. What is *known* is loaded without them; no bit goes through it.
        """
        bits = {module: mask for module, mask in sources.items() if module not in known}
        pending = dict.fromkeys(bits)
        while pending:
            module = next(iter(pending))
            del pending[module]
            for target, _, _ in self._steps_of(module, brief=True):
                won = bits[module] & ~bits.get(target, 0)
                if won and target not in known:
                    bits[target] = bits.get(target, 0) | won
                    pending[target] = None
        return bits

    def leading_to(self, targets: Collection[int], barred: Collection[int]) -> set[int]:
        """*targets* and the modules that lead to them over eager edges; the walk goes through none that is *barred*."""
        seen = set(targets)
        pending = list(seen)
        while pending:
            for module in self._eager_importers.get(pending.pop(), ()):
                if module not in seen and module not in barred:
                    seen.add(module)
                    pending.append(module)
        return seen

    @cached_property
    def _eager_importers(self) -> dict[int, list[int]]:
        found: dict[int, dict[int, None]] = {}
        for importer, imported, reach in zip(self.importers, self.imported, self.reaches, strict=True):
            if reach == _EAGER:
                found.setdefault(imported, {})[importer] = None
        return {imported: list(importers) for imported, importers in found.items()}

    @cached_property
    def _imported(self) -> frozenset[int]:
        """The modules that are imported, those among them whose own import failed."""
        return frozenset(self.imported)

    def _is_loaded(self, module: int) -> bool:
        """Whether *module* imports or is imported; another is there whatever the start does."""
        return self._starts[module] < self._starts[module + 1] or module in self._imported

    def brings(self, place: int, reached: Collection[int]) -> bool:
        """Whether the import at *place* would run where the modules *reached* are loaded, and load another."""
        owner, imported = self.owners[place], self.imported[place]
        there = owner in reached or not self._is_loaded(owner)
        return there and self.importers[place] in reached and imported not in reached

    def _steps_of(self, module: int, *, brief: bool) -> list[tuple[int, int, int]]:
        """Target, owner and place of the eager edges of *module*; the owner is -1 where it is reached anyway.

        *brief*: without those that an earlier one makes needless.
        """
        known = self._steps.get((module, brief))
        if known is None:
            known = []
            certain: set[int] = set()
            for place in self.following(module):
                target, owner = self.imported[place], self.owners[place]
                if self.reaches[place] != _EAGER or (brief and target in certain):
                    continue
                if owner == module or not self._is_loaded(owner):
                    owner = -1
                    certain.add(target)
                known.append((target, owner, place))
            self._steps[module, brief] = known
        return known

    def places_in(self, path: str) -> list[int]:
        """The places of the edges whose statements stand in the file *path*."""
        number = self.number.get(path, -1)
        return [place for place, one in enumerate(self._rest[_PATH]) if one == number]

    def lines_in(self, path: str) -> set[int]:
        """The lines of the file *path* that have imports."""
        paths, lines = self._rest[_PATH], self._rest[_PATH + 1]
        number = self.number.get(path, -1)
        return {lines[place] for place, one in enumerate(paths) if one == number}

    def shifted(self, path: str, lines: Mapping[int, int]) -> Edges:
        """The same with the *lines* of the file *path* where they stand now."""
        number = self.number.get(path, -1)
        paths, column = self._rest[_PATH], array("i", self._rest[_PATH + 1])
        for place, one in enumerate(paths):
            if one == number:
                column[place] = lines[column[place]]
        columns = list(self.packed.columns)
        columns[4 + _PATH + 1] = _narrow(column)
        return Edges(msgspec.structs.replace(self.packed, columns=tuple(columns)))

    def eager(self, place: int) -> bool:
        """Whether the edge at *place* runs at startup."""
        return self.reaches[place] == _EAGER

    def guarded(self, place: int) -> bool:
        """Whether the edge at *place* hangs on a condition that nobody can know."""
        return bool(self._rest[0][place] == _GUARDED)

    @cached_property
    def guarded_places(self) -> list[int]:
        """The places of the edges that hang on a condition that nobody can know."""
        return [place for place, certain in enumerate(self._rest[0]) if certain == _GUARDED]

    def kind(self, place: int) -> ImportKind:
        """How the statement of the edge at *place* runs."""
        return _KINDS[self._rest[_KIND][place]]

    def locations(self, places: Iterable[int]) -> frozenset[Location]:
        """Where the statements of the edges at *places* stand."""
        paths, lines = self._rest[_PATH], self._rest[_PATH + 1]
        found = {(paths[place], lines[place]) for place in places}
        return frozenset(Location(self.words[path], line) for path, line in found)


def _by_importer(importers: array[int], imported: array[int], words: int) -> list[array[int]]:
    """Where each module's edges start in the order by importers; that order, as places; what they import, in it."""
    order = array("i", sorted(range(len(importers)), key=importers.__getitem__))
    counts = array("i", bytes(4 * (words + 1)))
    for importer in importers:
        counts[importer + 1] += 1
    return [array("i", accumulate(counts)), order, array("i", [imported[place] for place in order])]


def _narrow(column: array[int]) -> tuple[str, bytes]:
    largest = max(column, default=0)
    code = "B" if largest < 1 << 8 else "H" if largest < 1 << 16 else "i"
    return code, array(code, column).tobytes()


def _numbering(known: Iterable[Any] = ()) -> defaultdict[Any, int]:
    """Gives each new key the next number, after those of the *known* ones."""
    made: defaultdict[Any, int] = defaultdict(None, zip(known, count()))
    made.default_factory = made.__len__
    return made
