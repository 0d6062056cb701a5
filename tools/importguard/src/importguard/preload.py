"""What the worker processes of a program load on their paths, and what of it is safe to load before a fork. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from importguard.analysis import Analysis
from importguard.graph import ModuleGraph
from importguard.manifest import in_order
from importguard.project.policy import is_listed
from importguard.source.import_site import ImportKind, ImportSite
from importguard.startup.trace import ForkHazard

_LATER = frozenset({ImportKind.DEFERRED, ImportKind.LAZY, ImportKind.DYNAMIC, ImportKind.WARMED})
LEAST_US = 1000  # what a module has to cost: less is not worth a line
PROGRAMS = ("forkserver", "gunicorn", "celery")


class Missed(msgspec.Struct, frozen=True):
    """*module*, which the code at *site* imports in a worker and the start does not: it adds *added*."""

    module: str
    site: ImportSite
    added: frozenset[str]
    cost_us: int


class Preload(msgspec.Struct, frozen=True):
    """`modules` may be loaded before a fork, parents first; `unsafe` may not. `at_start`: what the start does."""

    graph: ModuleGraph
    modules: tuple[Missed, ...]
    unsafe: tuple[tuple[Missed, ForkHazard], ...]
    at_start: tuple[ForkHazard, ...]

    @property
    def cost_us(self) -> int:
        """What each worker no longer pays, in microseconds."""
        return self.graph.cost_us(frozenset().union(*(one.added for one in self.modules)))


def preload(analysis: Analysis) -> Preload:
    """What the workers of *analysis* load that its start does not."""
    graph, config = analysis.graph, analysis.start.config
    hazards = {one.module: one for one in reversed(graph.trace.hazards)}
    missed = {one.module: one for one in _missed(graph) if not is_listed(one.module, config.warmup.cold)}
    because = {
        name: next((hazards[inner] for inner in sorted(one.added) if inner in hazards), None)
        for name, one in missed.items()
    }
    safe = [name for name, one in missed.items() if because[name] is None and one.cost_us >= LEAST_US]
    modules = tuple(missed[name] for name in in_order(graph, safe))
    unsafe = tuple((missed[name], found) for name, found in because.items() if found is not None)
    start = tuple(one for one in graph.trace.hazards if one.module in graph.eager and one.module != "__main__")
    return Preload(graph, modules, unsafe, start)


def _missed(graph: ModuleGraph) -> Iterator[Missed]:
    """One a module: the first statement that imports it where the start does not come by."""
    seen: set[str] = set()
    for site in graph.trace.sites:
        if site.kind not in _LATER or site.imported in seen or not graph.is_loaded_later(site.imported):
            continue
        added = graph.closure(site.imported) - graph.eager
        seen.add(site.imported)
        yield Missed(site.imported, site, added, graph.cost_us(added))
