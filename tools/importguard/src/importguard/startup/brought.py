"""What modules that a run has shown import at their own module level, of what the start loads. Runs nothing.

A run names who was the first to load a module. A later import of it brings nothing new then, yet it keeps the module
in the start when the first one is cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from importguard.errors import SourceError
from importguard.source.import_site import ImportKind, ImportSite, Location
from importguard.source.reader import read_program
from importguard.source.sites import NamedSite, scan_sites
from importguard.startup.trace import LoadedModule
from importguard.startup.trace.import_edge import ImportEdge
from importguard.storage.disk import Disk
from importguard.target.finder import read_source

_SOURCES = (".py", ".pyw")


def edges_of(names: Iterable[str], modules: Mapping[str, LoadedModule], disk: Disk) -> Iterator[ImportEdge]:
    """The imports of the modules *names* among all *modules*; none of one whose source cannot be read."""
    for name in sorted(names):
        module = modules[name]
        if module.path is None or not module.path.endswith(_SOURCES):
            continue
        try:
            sites = scan_sites(read_program(read_source(module.path, disk), module.path), frozenset())
        except (OSError, SourceError):
            continue
        for site in sites:
            if site.kind is ImportKind.EAGER:
                yield from _edges(module, site, modules)


def _edges(module: LoadedModule, site: NamedSite, modules: Mapping[str, LoadedModule]) -> Iterator[ImportEdge]:
    base = _absolute(module, site)
    parts = base.split(".")
    above = [".".join(parts[:count]) for count in range(1, len(parts) + 1)]
    for target in (*above, *(f"{base}.{one}" for one in site.names)):
        if target in modules and target != module.name:
            place = Location(module.path or "", site.line)
            said = ImportSite(module.name, target, ImportKind.EAGER, place, site.scope, site.optional)
            yield ImportEdge(module.name, target, said, certain=False, reach=module.reach)


def _absolute(module: LoadedModule, site: NamedSite) -> str:
    """The module that the statement names in full."""
    if not site.level:
        return site.module or ""
    up = site.level - module.package
    parts = module.name.split(".")
    base = parts[: len(parts) - up] if up else parts
    return ".".join([*base, *([site.module] if site.module else [])])
