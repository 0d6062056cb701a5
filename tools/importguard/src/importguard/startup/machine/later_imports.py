"""What the project's code may load after its start: the statements that the start has not run, phase by phase."""

from __future__ import annotations

import msgspec

from importguard.errors import SourceError
from importguard.source.import_site import ImportKind, ImportSite, Location
from importguard.source.scanned import scanned
from importguard.source.sites import NamedSite
from importguard.startup.machine import imports
from importguard.startup.machine.bounds import MAX_NAME
from importguard.startup.machine.lazy_imports import LAZY_IMPORTS
from importguard.startup.machine.state import MachineState
from importguard.startup.trace.import_edge import Reach
from importguard.startup.trace.merged import NOBODY, PHASES
from importguard.startup.trace.trace import LoopImport, Origin, Stop
from importguard.startup.values.base import MISSING, Raised
from importguard.startup.values.frames import Frame
from importguard.startup.values.modules import ModuleValue
from importguard.target.finder import Found


class LaterImports:
    """The import statements of first-party code, and what follows from them."""

    def __init__(self) -> None:
        self.sites: dict[ImportSite, None] = {}
        self.raw_threads: list[Location] = []
        self.apart: list[ImportSite] = []  # what is loaded later and worked out on its own
        self._scanned: set[str] = set()
        self._followed: set[tuple[str, Reach]] = set()

    def follow(self, machine: MachineState, entry: str) -> None:
        """What first-party code may load later, phase by phase; each phase may bring new first-party files.

        Where imports are warmed in the background, the main thread's part is small beside this one: then what is not
        loaded yet is left to a walk of its own, which most edits of the main thread's code do not concern.
        """
        machine.calls, machine.catchers = [], []
        machine.warmed.modules.clear()
        self._scan_first_party(machine)
        if machine.options.alone:
            return
        apart = entry != NOBODY and any(site.kind is ImportKind.WARMED for site in self.sites)
        for kind, reach in PHASES:
            machine.reach = reach
            progress = True
            while progress:
                progress = False
                self._scan_first_party(machine)
                for site in list(self.sites):
                    key = (site.imported, reach)
                    if site.kind is kind and key not in self._followed and site.imported != "?":
                        self._followed.add(key)
                        progress = True
                        if apart and not _has(machine, site.imported):
                            self.apart.append(site)
                        else:
                            _follow(machine, site)
        machine.reach = Reach.EAGER

    def _scan_first_party(self, machine: MachineState) -> None:
        for name, module in list(machine.modules.items()):
            if name in self._scanned or module.program is None or module.origin != Origin.FIRST_PARTY:
                continue
            self._scanned.add(name)
            path = module.found.path or ""
            try:
                content = machine.finder.disk.digest(path)
                scan = scanned(module.program, content, machine.options.warm_calls, machine.spend_nodes)
                self.raw_threads += [Location(path, line) for line in scan.threads]
            except SourceError as error:  # a function that cannot be read alone
                machine.broken[path] = Stop(Location(path, error.line), error.reason)
                continue
            for named in scan.sites:
                if named.in_coroutine:
                    place = Location(path, named.line)
                    machine.threads.in_coroutines.setdefault(place, LoopImport(place, ".".join((name, *named.scope))))
                for site in _resolve(machine, module, path, named):
                    self.sites[_as_bound(machine, site)] = None


def _has(machine: MachineState, name: str) -> bool:
    """Whether importing *name* loads nothing."""
    return name in machine.modules or name in machine.aliases or name in machine.environment.bare


def _follow(machine: MachineState, site: ImportSite) -> None:
    machine.executing = [site.importer]
    machine.possible = machine.unended = machine.escaping = 0
    try:
        machine.load(site.imported, site)
    except Raised as raised:
        if not raised.ends:
            machine.record_unresolved(site.imported, site, imports.why_unresolved(raised))


def _as_bound(machine: MachineState, site: ImportSite) -> ImportSite:
    """*site* as the start has found it: what binds lazily does so on this Python, in this mode."""
    lazy = site.location in machine.lazy.bound or (
        site.kind is ImportKind.LAZY and machine.environment.version_info[:2] >= LAZY_IMPORTS
    )
    if lazy == (site.kind is ImportKind.LAZY) or site.kind not in {ImportKind.LAZY, ImportKind.EAGER}:
        return site
    return msgspec.structs.replace(site, kind=ImportKind.LAZY if lazy else ImportKind.EAGER)


def _resolve(machine: MachineState, module: ModuleValue, path: str, named: NamedSite) -> list[ImportSite]:
    """One site per module that the statement names: `from a import b` names `a.b` when that is a module."""
    frame = Frame(module, module.namespace, None, named.scope)
    base = machine.absolute(named.module, named.level, frame) if named.level else named.module
    if not base:
        return []
    targets = []
    for name in named.names:
        full = f"{base}.{name}"
        owner = machine.modules.get(base)
        taken = owner is not None and owner.namespace.get(name, MISSING) is not MISSING
        is_module = full in machine.modules or (not taken and _is_module(machine, full))
        targets.append(full if is_module else base)
    location = Location(path, named.line)
    return [
        ImportSite(module.name, target, named.kind, location, named.scope, named.optional)
        for target in dict.fromkeys(targets or [base])
    ]


def _is_module(machine: MachineState, name: str) -> bool:
    """Whether the finder sees *name*, asked along the folders of its parents without loading them."""
    locations: tuple[str, ...] | None = None
    partial = ""
    found: Found | None = None
    for part in name.split(".") if len(name) <= MAX_NAME else ():
        partial = f"{partial}.{part}" if partial else part
        found = machine.finder.find(partial, locations)
        if found is None:
            return False
        locations = found.locations or ()
    return found is not None
