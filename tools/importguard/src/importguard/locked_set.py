"""The set of modules that a start may load, taken from its graphs. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from importguard.graph import ModuleGraph
from importguard.project.lock import LockedModules
from importguard.startup.trace import Origin


def own_modules(graph: ModuleGraph) -> frozenset[str]:
    """The first- and third-party modules that the start loads."""
    origins = (Origin.FIRST_PARTY, Origin.THIRD_PARTY)
    return frozenset(name for name in graph.eager if graph.modules[name].origin in origins and name != "__main__")


def locked(here: ModuleGraph, others: Iterable[ModuleGraph], stdlib: Collection[str]) -> LockedModules:
    """What the start loads *here* and, by the *others*, on further Pythons and platforms.

    *stdlib*: names that are no package. What cannot be resolved here either is missing for its own reasons.
    """
    modules = set(own_modules(here))
    missing = {one.name.partition(".")[0] for one in here.trace.unresolved}
    elsewhere: set[str] = set()
    for graph in others:
        modules |= own_modules(graph)
        elsewhere |= {one.name.partition(".")[0] for one in graph.trace.unresolved}
    elsewhere -= {*missing, *modules, *stdlib}
    return LockedModules(tuple(sorted(modules)), tuple(sorted(name for name in elsewhere if name.isidentifier())))
