"""The set of modules that a start may load, taken from its graphs. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from importguard.graph import ModuleGraph
from importguard.project.lock import LockedModules
from importguard.startup.trace import Origin

_OWN = (Origin.FIRST_PARTY, Origin.THIRD_PARTY)


def own_modules(graph: ModuleGraph) -> frozenset[str]:
    """The first- and third-party modules that the start loads."""
    return frozenset(name for name in graph.eager if graph.modules[name].origin in _OWN and name != "__main__")


def standard_modules(graph: ModuleGraph) -> frozenset[str]:
    """The modules of the standard library that first- or third-party code imports itself at the start.

    What the standard library loads inside differs by version and is left out.
    """
    edges, modules = graph.trace.edges, graph.modules
    number = {edges.number[name]: module.origin for name, module in modules.items() if name in edges.number}
    found = {
        imported
        for place, (importer, imported) in enumerate(zip(edges.importers, edges.imported, strict=True))
        if number.get(imported) is Origin.STDLIB and number.get(importer) in _OWN and edges.eager(place)
    }
    return frozenset(map(edges.words.__getitem__, found)) & graph.eager


def locked(here: ModuleGraph, others: Iterable[ModuleGraph], stdlib: Collection[str]) -> LockedModules:
    """What the start loads *here* and, by the *others*, on further Pythons and platforms.

    *stdlib*: names that are no package. What cannot be resolved here either is missing for its own reasons.
    """
    modules, standard = set(own_modules(here)), set(standard_modules(here))
    missing = {one.name.partition(".")[0] for one in here.trace.unresolved}
    elsewhere: set[str] = set()
    for graph in others:
        modules |= own_modules(graph)
        standard |= standard_modules(graph)
        elsewhere |= {one.name.partition(".")[0] for one in graph.trace.unresolved}
    elsewhere -= {*missing, *modules, *stdlib}
    names = sorted(name for name in elsewhere if name.isidentifier())
    return LockedModules(tuple(sorted(modules)), tuple(names), tuple(sorted(standard)))
