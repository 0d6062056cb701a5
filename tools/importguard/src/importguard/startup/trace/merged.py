"""Merges the trace of the main thread with that of what loads later, which was worked out on its own. Pure.

The reasons are in docs/decisions/0020-cached-and-merged-traces.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import msgspec

from importguard.source.import_site import ImportKind, ImportSite
from importguard.startup.trace.edges import Edges
from importguard.startup.trace.import_edge import ImportEdge, Reach
from importguard.startup.trace.trace import Assumption, LoadedModule, StartupTrace

PHASES = (
    (ImportKind.WARMED, Reach.WARMED),
    (ImportKind.LAZY, Reach.LAZY),
    (ImportKind.DEFERRED, Reach.DEFERRED),
    (ImportKind.DYNAMIC, Reach.DEFERRED),
)
_REACHES = dict(PHASES)
_ORDER = tuple(Reach)
NOBODY = ""  # stands for the importer of what was asked for


def merge_traces(main: StartupTrace, later: StartupTrace, asked: Collection[ImportSite]) -> StartupTrace:
    """*main*, and of *later* what it does not have; *asked*: the sites of *main* that *later* has followed."""
    known = {NOBODY, *(module.name for module in main.modules)}
    by_target = {(site.imported, site.kind): site for site in asked}
    fresh = tuple(_asked_by(module, by_target) for module in later.modules if module.name not in known)
    names = known | {module.name for module in fresh}
    unresolved = {(one.name, one.site.location): one for one in main.unresolved}
    for one in later.unresolved:
        if one.site.importer == NOBODY:
            site = by_target.get((one.site.imported, one.site.kind))
            if site is not None:
                unresolved.setdefault((one.name, site.location), msgspec.structs.replace(one, site=site))
        elif one.site.importer not in known:
            unresolved.setdefault((one.name, one.site.location), one)
    files = set(main.first_party_files)
    return msgspec.structs.replace(
        main,
        modules=main.modules + fresh,
        edges=Edges.merged([(main.edges, ()), (Edges.of(_edges(asked, names)), ()), (later.edges, known)]),
        sites=main.sites
        + tuple(site for site in later.sites if site.importer not in known and site.importer != NOBODY),
        unresolved=tuple(unresolved.values()),
        stops=tuple(dict.fromkeys(main.stops + later.stops)),
        broken=tuple({stop.location.path: stop for stop in main.broken + later.broken}.values()),
        raw_threads=main.raw_threads + tuple(place for place in later.raw_threads if place.path not in files),
        first_party_files=tuple(sorted(files.union(later.first_party_files))),
        assumptions=tuple(
            sorted({(one.name, one.taken): one for one in later.assumptions + main.assumptions}.values(), key=_by_name)
        ),
        hazards=tuple(dict.fromkeys(main.hazards + later.hazards)),
        in_coroutines=tuple(dict.fromkeys(main.in_coroutines + later.in_coroutines)),
        lazy_statements=tuple(dict.fromkeys(main.lazy_statements + later.lazy_statements)),
        lazy_uses=tuple(dict.fromkeys(main.lazy_uses + later.lazy_uses)),
        cut=main.cut or later.cut,
    )


def _by_name(assumption: Assumption) -> tuple[str, str]:
    return assumption.name, assumption.taken


def answers(later: StartupTrace, asked: Collection[ImportSite]) -> bool:
    """Whether *later* is what following the sites *asked* comes to.

    It is when they ask for the same, apart from what has been loaded in an earlier phase before anybody asks.
    """
    reached = {module.name: _ORDER.index(module.reach) for module in later.modules}
    needed = {
        (module.site.imported, module.site.kind)
        for module in later.modules
        if module.site is not None and module.loaded_by == NOBODY
    }

    def loads(site: ImportSite) -> bool:
        key = site.imported, site.kind
        return key in needed or reached.get(site.imported, len(_ORDER)) >= _ORDER.index(_REACHES[site.kind])

    before = [site for site in later.sites if site.importer == NOBODY]
    return _targets(filter(loads, before)) == _targets(filter(loads, asked))


def _targets(sites: Iterable[ImportSite]) -> list[tuple[str, ImportKind]]:
    return [(site.imported, site.kind) for site in sites]


def _asked_by(module: LoadedModule, by_target: dict[tuple[str, ImportKind], ImportSite]) -> LoadedModule:
    if module.site is None or module.loaded_by != NOBODY:
        return module
    site = by_target[module.site.imported, module.site.kind]
    return msgspec.structs.replace(module, loaded_by=site.importer, site=site)


def _edges(asked: Collection[ImportSite], names: Collection[str]) -> Iterator[ImportEdge]:
    """What the sites *asked* import of *names*, packages first."""
    for site in asked:
        parts = site.imported.split(".")
        for depth in range(1, len(parts) + 1):
            imported = ".".join(parts[:depth])
            if imported in names and imported != site.importer:
                yield ImportEdge(site.importer, imported, site, certain=True, reach=_REACHES[site.kind])
