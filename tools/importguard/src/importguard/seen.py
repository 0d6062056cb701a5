"""What runs have shown of a start, as far as it still holds. Reads what the project commits; runs nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from importguard.costs.measured import installed_versions
from importguard.project.seen import FILE, REMEDY, Seen, SeenModule, SeenStart, read_seen
from importguard.project.start import Start
from importguard.source.import_site import ImportSite
from importguard.startup.brought import edges_of
from importguard.startup.trace import LoadedModule, Origin, Reach, StartupTrace
from importguard.startup.trace.edges import Edges
from importguard.startup.trace.taken_in import Importer, take_in
from importguard.startup.trace.trace import Certainty
from importguard.storage.disk import Disk, Now
from importguard.target.environment import Environment
from importguard.target.finder import Finder, Form, Found

_NAMED = 3  # packages in a sentence


class Learned(NamedTuple):
    """A trace with what was seen; `stale` are sentences on what does not hold any more."""

    trace: StartupTrace
    modules: frozenset[str] = frozenset()
    stale: tuple[str, ...] = ()


def platform_of(environment: Environment) -> str:
    """The platform and the Python of a recorded run: `linux 3.11`."""
    major, minor = environment.version_info[:2]
    return f"{environment.platform} {major}.{minor}"


def name_of(start: Start) -> str:
    """What the file calls a start."""
    return start.name or start.target


def with_seen(trace: StartupTrace, start: Start, environment: Environment, now: Now | None = None) -> Learned:
    """*trace* and what runs have loaded beside it; sources as *now* has them.

    Raises ConfigError for a file that cannot be read.
    """
    if not (start.project.root / FILE).exists():
        return Learned(trace)
    known = read_seen(start.project.root).of(name_of(start), platform_of(environment))
    valid, changed = still_valid(known, installed_versions(environment))
    disk = (now or Now()).disk()
    places = _Places(trace, environment, str(start.project.root), disk)
    importers = {name: Importer(one.by, one.line) for name, one in sorted(valid.items())}
    found, taken, orphans = take_in(trace, importers, places.described)
    if taken:
        described = {module.name: module for module in found.modules}
        brought = Edges.merged([(found.edges, ()), (Edges.of(edges_of(taken, described, disk)), ())])
        found = msgspec.structs.replace(found, edges=brought)
    return Learned(found, taken, _sentences(changed, len(known.modules) - len(valid), orphans))


def still_valid(known: SeenStart, installed: Mapping[str, str]) -> tuple[dict[str, SeenModule], tuple[str, ...]]:
    """The modules whose packages are as they were, and what has changed: `pyside6 6.9 → 6.10`."""
    stale = {name for name, version in known.packages.items() if installed.get(name) != version}
    valid = {name: one for name, one in known.modules.items() if not {one.of, one.by_of} & stale}
    return valid, tuple(f"{name} {known.packages[name]} → {installed.get(name, 'gone')}" for name in sorted(stale))


def _sentences(changed: tuple[str, ...], count: int, orphans: frozenset[str]) -> tuple[str, ...]:
    said = []
    if changed and count:
        more = f" and {len(changed) - _NAMED} more" if len(changed) > _NAMED else ""
        said.append(
            f"{FILE}: {_counted(count, 'is', 'are')} of another version ({', '.join(changed[:_NAMED])}{more}) and left "
            f"out; run: {REMEDY}."
        )
    if orphans:
        first = ", ".join(sorted(orphans)[:_NAMED])
        count_of = _counted(len(orphans), "has", "have")
        said.append(f"{FILE}: {count_of} an importer that is not loaded ({first}); run: {REMEDY}.")
    return tuple(said)


def _counted(count: int, one: str, several: str) -> str:
    return f"1 module {one}" if count == 1 else f"{count:,} modules {several}"


def learned(before: Seen, start: Start, environment: Environment, found: SeenStart, predicted: frozenset[str]) -> Seen:
    """*before* with what a run of *start* has *found*; what is *predicted* by now, or stale, is dropped."""
    name, platform = name_of(start), platform_of(environment)
    known = before.of(name, platform)
    valid, _ = still_valid(known, installed_versions(environment))
    modules = {one: seen for one, seen in {**valid, **found.modules}.items() if one not in predicted}
    versions = {**known.packages, **found.packages}
    needed = {package for one in modules.values() for package in (one.of, one.by_of) if package}
    packages = {package: versions[package] for package in needed if package in versions}
    return before.with_start(name, platform, SeenStart(packages, modules))


class _Places:
    """Where the modules that were seen are on this machine."""

    def __init__(self, trace: StartupTrace, environment: Environment, root: str, disk: Disk) -> None:
        self._environment, self._root = environment, root
        self._finder = Finder(environment, (os.path.dirname(trace.entry_path), root), disk)
        self._modules = {module.name: module for module in trace.modules}
        self._found: dict[str, Found | None] = {}

    def described(self, name: str, reach: Reach, site: ImportSite) -> LoadedModule:
        """The module *name*; without a file where there is none to be found."""
        found = self._locate(name)
        path = found.path if found is not None else None
        return LoadedModule(
            name,
            self._origin(name, path),
            path,
            reach,
            Certainty.SEEN,
            site.importer,
            site,
            self._finder.disk.size(path) if path else 0,
            found is not None and found.form is Form.EXTENSION,
            found is not None and found.locations is not None,
        )

    def _locate(self, name: str) -> Found | None:
        if name not in self._found:
            parent = name.rpartition(".")[0]
            self._found[name] = None  # a name is its own parent's in no case, but a file may say anything
            if not parent:
                self._found[name] = self._finder.find(name)
            else:
                locations = self._locations(parent)
                self._found[name] = self._finder.find(name, locations) if locations else None
        return self._found[name]

    def _locations(self, package: str) -> tuple[str, ...] | None:
        known = self._modules.get(package)
        if known is not None and known.path:
            return (os.path.dirname(known.path),)
        found = self._locate(package)
        return found.locations if found is not None else None

    def _origin(self, name: str, path: str | None) -> Origin:
        environment = self._environment
        if name.partition(".")[0] in environment.stdlib_names:
            return Origin.STDLIB
        inside = path is not None and path.startswith(self._root + os.sep)
        installed = path is None or "site-packages" in path or "dist-packages" in path
        return Origin.FIRST_PARTY if inside and not installed else Origin.THIRD_PARTY
