"""What each import line of a file costs one start. Pure over an analysis."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import msgspec

from importguard.analysis import Analysis
from importguard.graph import ModuleGraph
from importguard.source.import_site import Location


class LineFacts(msgspec.Struct, frozen=True):
    """An import statement that the start runs. Costs in microseconds.

    `saved`: what the start would no longer load without it. `first_us`, `first_count`: what it is the first to load,
    whoever else imports that. `own`: it is in the program's own code.
    """

    location: Location
    imported: tuple[str, ...]
    saved: frozenset[str]
    saved_us: int
    first_us: int
    first_count: int
    own: bool


class Facts:
    """The facts of one start, worked out for a file when somebody opens it."""

    def __init__(self, analysis: Analysis) -> None:
        self.analysis = analysis
        self._known: dict[str, Mapping[int, LineFacts]] = {}

    @property
    def graph(self) -> ModuleGraph:
        """The graph of the start."""
        return self.analysis.graph

    @cached_property
    def _below(self) -> Mapping[str, tuple[int, int]]:
        """Of each module: cost and number of what it was the first to load, itself included."""
        totals = {name: (self.graph.cost_us((name,)), 1) for name in self.graph.modules if name in self.graph.start}
        for name in reversed(list(totals)):  # whatever loads a module comes before it
            above = self.graph.modules[name].loaded_by
            if above in totals and above != name:
                totals[above] = totals[above][0] + totals[name][0], totals[above][1] + totals[name][1]
        return totals

    @cached_property
    def _first(self) -> Mapping[Location, list[str]]:
        """The modules that each statement was the first to load by itself."""
        found: dict[Location, list[str]] = {}
        for name, module in self.graph.modules.items():
            if name in self.graph.start and module.site is not None:
                found.setdefault(module.site.location, []).append(name)
        return found

    def of_file(self, path: str) -> Mapping[int, LineFacts]:
        """The import statements of the file *path* that the start runs, by line."""
        if path not in self._known:
            self._known[path] = self._look(path)
        return self._known[path]

    def _look(self, path: str) -> Mapping[int, LineFacts]:
        graph, edges = self.graph, self.graph.trace.edges
        places: dict[int, list[int]] = {}
        for place in edges.places_in(path):
            if edges.eager(place) and place not in graph.conditional:
                places.setdefault(edges[place].site.location.line, []).append(place)
        lost = edges.lost_without_each(graph.roots, [*places.values()], graph.conditional)
        found = {}
        for (line, group), numbers in zip(places.items(), lost, strict=True):
            location = Location(path, line)
            saved = graph.named(numbers) & graph.start
            first = [self._below[name] for name in self._first.get(location, ())]
            found[line] = LineFacts(
                location,
                tuple(dict.fromkeys(edges[place].imported for place in group)),
                saved,
                graph.cost_us(saved),
                sum(us for us, _ in first),
                sum(count for _, count in first),
                any(place in graph.own_edges for place in group),
            )
        return found
