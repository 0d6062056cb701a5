"""What a run has shown beside what was worked out: modules with the certainty *seen*. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec

from importguard.source.import_site import ImportKind, ImportSite, Location
from importguard.startup.trace.edges import Edges
from importguard.startup.trace.import_edge import ImportEdge, Reach
from importguard.startup.trace.trace import Certainty, LoadedModule, StartupTrace


class Importer(NamedTuple):
    """The line of a module that was seen to load another one."""

    name: str
    line: int


def take_in(
    trace: StartupTrace,
    seen: Mapping[str, Importer],
    made: Callable[[str, Reach, ImportSite], LoadedModule],
) -> tuple[StartupTrace, frozenset[str], frozenset[str]]:
    """*trace* with the modules *seen*, which *made* describes; those that it took, and those whose importer is gone.

    What is predicted already stays as it is. A module is reached as its importer is.
    """
    modules = {module.name: module for module in trace.modules}
    waiting = {name: one for name, one in seen.items() if not _is_predicted(modules.get(name))}
    taken: dict[str, ImportEdge] = {}
    progress = True
    while waiting and progress:
        ready = [name for name, one in waiting.items() if one.name in modules]
        progress = bool(ready)
        for name in ready:
            importer = waiting.pop(name)
            above = modules[importer.name]
            place = Location(above.path or f"<{above.name}>", importer.line)
            site = ImportSite(above.name, name, ImportKind.DYNAMIC, place)
            modules[name] = made(name, above.reach, site)
            taken[name] = ImportEdge(above.name, name, site, certain=False, reach=above.reach)
    if not taken:
        return trace, frozenset(), frozenset(waiting)
    edges = Edges.merged([(trace.edges, ()), (Edges.of(taken.values()), ())])
    together = msgspec.structs.replace(trace, modules=tuple(modules.values()), edges=edges)
    return together, frozenset(taken), frozenset(waiting)


def _is_predicted(module: LoadedModule | None) -> bool:
    """A function that may run later was seen to run at the start: that is news. What is warmed is not for the start."""
    return module is not None and module.reach in {Reach.EAGER, Reach.WARMED} and module.certainty != Certainty.SEEN
