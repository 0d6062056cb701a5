"""The statements to move for one step: those of the plan, or the imports of the modules in which one cannot move.

`import pandas` in `report.py` stays when a base class needs it; then `import report` moves, and so no start runs it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from importguard.fix.movable import Movable, Obstacle
from importguard.graph import ModuleGraph, is_below
from importguard.plan import Step
from importguard.source.import_site import Location

_MOST_ROUNDS = 400

_REAL_US = 5_000  # what a step made in part has to save
_SHARE = 0.02  # of what such a step saves: a statement that adds less stays

Cuts = Mapping[Location, frozenset[str]]  # what of each statement has to go
Stays = Mapping[Location, Obstacle]  # why a statement cannot be moved


class ImmovableError(Exception):
    """No set of statements can be moved for a step. `location` is the one that stays, `obstacle` why."""

    def __init__(self, location: Location, obstacle: Obstacle) -> None:
        super().__init__(obstacle.reason)
        self.location, self.obstacle = location, obstacle


class Covers:
    """Finds the statements to move in one start."""

    def __init__(self, graph: ModuleGraph, movable: Movable) -> None:
        self._graph, self._movable = graph, movable
        self._eager = {place: edge for place, edge in graph.own_edges.items() if graph.runs(place)}
        self._owners: dict[Location, set[str]] = {}
        self._imported: dict[Location, set[str]] = {}
        for edge in self._eager.values():
            place = edge.site.location
            self._owners.setdefault(place, set()).add(edge.site.importer)
            self._imported.setdefault(place, set()).add(edge.imported)

    def of(self, step: Step) -> tuple[Cuts, Stays]:
        """The statements for *step*, fewest that are needed, and those that stay: then it is made in part.

        Raises ImmovableError where nothing can be moved that saves anything to speak of.
        """
        wanted = {edge.site.location: self._chosen(step, edge.site.location) for edge in step.statements}
        found: dict[Location, frozenset[str]] = {}
        stays: dict[Location, Obstacle] = {}
        last: dict[Location, Obstacle] = {}  # there is nothing above these to move instead
        known: tuple[Cuts, frozenset[str]] = {}, self._graph.start
        for _ in range(_MOST_ROUNDS):
            if known[0] != found:
                known = dict(found), self._graph.start - self._graph.saved_by(found)
            loaded = known[1]
            place = next(
                (one for one in wanted if one not in found and one not in stays and self._owners[one] & loaded), None
            )
            if place is None:
                return self._whole_or_part(step, found, stays, last)
            obstacle = self._movable.obstacle(place, wanted[place])
            if obstacle is None:
                found[place] = wanted[place]
                continue
            stays[place] = obstacle
            for owner in self._owners[place] & loaded:
                above = self._importers(owner)
                if owner == self._graph.trace.entry or not above:
                    last[place] = obstacle
                    continue
                for one in above:
                    if owner not in wanted.get(one, frozenset()):
                        wanted[one] = wanted.get(one, frozenset()) | {owner}
                        found.pop(one, None)  # more of it has to go
        place = step.statements[0].site.location
        raise ImmovableError(place, Obstacle(place, "too many other statements would have to move"))

    def _whole_or_part(
        self, step: Step, found: Mapping[Location, frozenset[str]], stays: Stays, last: Stays
    ) -> tuple[Cuts, Stays]:
        if not last:
            return self._needed(found), {}
        cuts = self._worthwhile(self._needed(found))
        if not real(self._graph, self._graph.saved_by(cuts)):
            raise ImmovableError(*self._first(step, stays, next(iter(last))))
        own = {edge.site.location: stays[edge.site.location] for edge in step.statements if edge.site.location in stays}
        return cuts, own or last

    def _worthwhile(self, found: Cuts) -> Cuts:
        """Without the statements that add next to nothing to what the others save."""
        left = dict(found)
        least_us = _SHARE * self._graph.cost_us(self._graph.saved_by(left))
        for place in found:
            others = [one for one in left if one != place]
            added = self._graph.saved_by(left) - self._graph.saved_by(others)
            if self._graph.cost_us(added) <= least_us:
                del left[place]
        return left

    @staticmethod
    def _first(step: Step, stays: Stays, last: Location) -> tuple[Location, Obstacle]:
        """The plan's own statement that stays, where there is one: it says more than what is above it."""
        places = [edge.site.location for edge in step.statements if edge.site.location in stays]
        place = places[0] if places else last
        return place, stays[place]

    def _chosen(self, step: Step, place: Location) -> frozenset[str]:
        names = self._imported.get(place, set())
        chosen = {name for name in names if name in step.saved or is_below(name, step.subject)}
        return frozenset(chosen or names)

    def _importers(self, module: str) -> list[Location]:
        """The program's statements that load *module*, also by importing something below it."""
        return sorted(
            place for place, names in self._imported.items() if module in names and not self._owners[place] <= {module}
        )

    def _needed(self, found: Mapping[Location, frozenset[str]]) -> Cuts:
        """Without the statements in modules that the others keep from being loaded."""
        left = dict(found)
        for place in found:
            others = [one for one in left if one != place]
            loaded = self._graph.start - self._graph.saved_by(others)
            if not self._owners[place] & loaded:
                del left[place]
        return left


def real(graph: ModuleGraph, saved: frozenset[str]) -> bool:
    """Whether a part of a step that saves these modules is worth a change."""
    return graph.cost_us(saved) >= _REAL_US


def locations(cuts: Collection[Cuts]) -> set[Location]:
    """The statements of all *cuts*."""
    return {place for one in cuts for place in one}
