"""The warmup manifest of an application: which modules to import in the background, in which order. Writes one file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from importguard.derived import NOT_KEPT, Derived
from importguard.errors import ConfigError
from importguard.graph import ModuleGraph
from importguard.project.committed_file import replace_file
from importguard.project.policy import Config, is_listed
from importguard.project.start import Kind, Start
from importguard.source.import_site import ImportKind, ImportSite
from importguard.startup.trace import Origin
from importguard.storage.regular_file import open_regular
from importguard.warmup import SCHEMA, ManifestError, WarmupJob, WarmupManifest
from importguard.warmup.freshness import fingerprint

_LAZY_IMPORTS = (3, 15)
_WORDS = {ImportKind.WARMED: "required by", ImportKind.LAZY: "lazy in"}
_LATE = (ImportKind.EAGER, ImportKind.DEFERRED, ImportKind.DYNAMIC)


def build(
    graph: ModuleGraph,
    start: Start,
    warmed_us: Mapping[str, Mapping[str, int]] | None = None,
    derived: Derived = NOT_KEPT,
) -> WarmupManifest:
    """The manifest that the code asks for: names, order and committed costs, so that every machine writes the same.

    *warmed_us*: what each job was measured to add, in microseconds, by entry. A module that a `_require_warmed` names
    comes after its packages and after the libraries that it and its first-party imports use; what imports each other
    is together.
    """
    entry = _entry_name(graph, start)
    costs = (warmed_us or {}).get(entry, {})
    inputs = start.config, str(start.project.root), start.kind, start.target, start.path, entry, costs
    made = derived.value("manifest", inputs, WarmupManifest, lambda: in_full(graph, start, entry, costs))
    named = made.jobs or start.config.manifest  # else nobody asks whether it is fresh
    if not named:
        return made
    folder = str(_folder_of(start))
    return made._replace(
        fingerprint=fingerprint(folder, made.sources, made.warm_calls, [job.module for job in made.jobs])
    )


def _folder_of(start: Start) -> Path:
    return (manifest_path(start) or start.project.root / "manifest").parent


def in_full(graph: ModuleGraph, start: Start, entry: str, costs: Mapping[str, int]) -> WarmupManifest:
    """The manifest without its fingerprint, worked out from *graph*; *costs*: of each job, in microseconds."""
    config = start.config
    sites: dict[str, list[ImportSite]] = {name: [] for name in config.warmup.modules}
    for site in graph.trace.sites:
        if site.kind is ImportKind.WARMED:
            sites.setdefault(site.imported, []).append(site)
    for site in (*lazy_sites(graph, config), *_late_sites(graph, config)):
        sites.setdefault(site.imported, []).append(site)
    priority = config.warmup.priority
    # What the user needs first, then the cheapest, so that most is ready early.
    targets = sorted(sites, key=lambda name: (-priority.get(name, 0), costs.get(name, 0), name))
    libraries = {name: target for target in reversed(targets) for name in _libraries(graph, target)}
    order = _Order(graph, {*sites, *libraries} - set(config.allow))
    jobs: list[WarmupJob] = []
    for target in targets:
        group = jobs[-1].group + 1 if jobs else 0
        for name in order.take(target):
            reason = _reason(sites[name]) if name in sites else f"imported by {libraries[name]}"
            factory = config.warmup.factories.get(name)
            jobs.append(WarmupJob(name, factory, priority.get(target, 0), reason, costs.get(name), group))
    folder = _folder_of(start)
    sources = tuple(sorted({_relative(source, folder) for source in set(_sources(graph, start))}))
    return WarmupManifest(SCHEMA, entry, tuple(jobs), "", sources, tuple(config.warm_calls))


def in_order(graph: ModuleGraph, names: Iterable[str]) -> list[str]:
    """*names* in the order in which they are best loaded: packages before their modules, needs before needy."""
    listed = list(names)
    order = _Order(graph, set(listed))
    return [name for one in listed for name in order.take(one)]


class _Order:
    """Hands out *names* in groups: packages before their modules, needs before needy, cycles in one group."""

    def __init__(self, graph: ModuleGraph, names: set[str]) -> None:
        self._needs = {name: graph.closure(name) & names - {name} for name in names}
        self._taken: set[str] = set()

    def take(self, target: str) -> list[str]:
        """*target* and what must load with or before it, as far as it was not handed out before."""
        group: list[str] = []
        pending = [target]
        while pending:
            self._append(pending.pop(), group)
            pending = [
                other
                for name in group
                for other in sorted(self._needs[name] - self._taken)
                if name in self._needs[other]
            ]
        return group

    def _append(self, name: str, group: list[str]) -> None:
        if name in self._taken or name not in self._needs:
            return
        self._taken.add(name)
        # A package often imports its own modules; they need it first all the same.
        for need in sorted(self._needs[name]):
            if not need.startswith(f"{name}."):
                self._append(need, group)
        group.append(name)


def lazy_sites(graph: ModuleGraph, config: Config) -> Iterator[ImportSite]:
    """The program's lazy imports that the manifest warms: the heavy ones that the start does not use."""
    wanted = config.warmup.lazy
    if wanted is None:
        wanted = tuple(map(int, graph.trace.python.split(".")[:2])) >= _LAZY_IMPORTS
    left = (*config.allow, *config.warmup.cold)
    for site in graph.trace.sites if wanted else ():
        if site.kind is ImportKind.LAZY and not is_listed(site.imported, left) and _is_heavy(graph, site, config):
            yield site


def _late_sites(graph: ModuleGraph, config: Config) -> Iterator[ImportSite]:
    """The program's heavy imports that run after the place where its start is over, or in functions called then."""
    if not config.ready_points or config.manifest is None:
        return
    left = (*config.allow, *config.warmup.cold)
    late = (edge.site for place, edge in graph.own_edges.items() if not graph.trace.edges.eager(place))
    for site in dict.fromkeys((*graph.trace.sites, *late)):
        # What a module imports that is itself loaded later comes with it.
        own = site.kind is not ImportKind.EAGER or not graph.is_loaded_later(site.importer)
        wanted = own and site.kind in _LATE and not is_listed(site.imported, left)
        if wanted and graph.is_loaded_later(site.imported) and _is_heavy(graph, site, config):
            yield site


def _is_heavy(graph: ModuleGraph, site: ImportSite, config: Config) -> bool:
    """Whether *site*, which the start does not run, adds heavy modules."""
    if site.imported not in graph.modules or site.location in graph.executed:
        return False
    added = graph.closure(site.imported) - graph.start
    listed = any(is_listed(name, config.heavy) for name in added)
    return bool(added) and (listed or graph.cost_us(added) > config.heavy_ms * 1000)


def manifest_path(start: Start) -> Path | None:
    """Where the manifest of *start* is kept; None when the configuration names no file."""
    return start.project.root / start.config.manifest if start.config.manifest else None


def read(path: Path) -> WarmupManifest:
    """The committed manifest. Raises ConfigError."""
    try:
        open_regular(path).close()  # the runtime that an application uses opens whatever is there
        return WarmupManifest.load(path)
    except OSError as error:
        raise ConfigError(str(path), "", f"cannot be read: {error.strerror or error}") from error
    except ManifestError as error:
        raise ConfigError(str(path), "", str(error).removeprefix(f"{path}: ")) from error


def write(path: Path, manifest: WarmupManifest) -> None:
    """Replaces *path* atomically. Raises ConfigError when the place is not writable."""
    replace_file(path, manifest.to_json(), "manifest")


def _libraries(graph: ModuleGraph, target: str) -> list[str]:
    """The third-party packages that first-party code behind *target* imports.

    What the start loads already is not left out: a heavy import that slips in there is a finding of its own, and must
    not change the manifest as well.
    """
    found: dict[str, None] = {}
    closure = graph.closure(target)
    for module in graph.first_party:
        if module not in closure:
            continue
        for name in graph.imports_of(module):
            if graph.modules[name].origin is not Origin.THIRD_PARTY:
                continue
            root = _regular_root(graph, name)
            if root is not None:
                found.setdefault(root)
    root = None if graph.is_first_party(target) else _regular_root(graph, target)
    return sorted({*found, *([root] if root else [])})


def _regular_root(graph: ModuleGraph, name: str) -> str | None:
    """The outermost package of *name* that has code: `google.genai` for `google.genai.types`."""
    parts = name.split(".")
    for depth in range(1, len(parts) + 1):
        module = graph.modules.get(".".join(parts[:depth]))
        if module is not None and module.path is not None:
            return module.name
    return None


def _reason(sites: list[ImportSite]) -> str:
    asked = {".".join((site.importer, *site.scope)): _WORDS.get(site.kind, "imported later in") for site in sites}
    words = (*_WORDS.values(), "imported later in")
    found = {word: ", ".join(sorted(place for place, one in asked.items() if one == word)) for word in words}
    parts = [f"{word} {places}" for word, places in found.items() if places]
    return "; ".join(parts) or "named in the configuration"


def _sources(graph: ModuleGraph, start: Start) -> Iterator[str]:
    """The files and package folders below the project's root that the start's first-party modules stand in.

    The outermost package stands for all in it, so that a new module does not change the manifest.
    """
    root, allowed = str(start.project.root), start.config.allow
    below = os.path.join(root, "")
    entry = graph.trace.entry_path
    if start.kind is Kind.SCRIPT or entry.startswith(below):  # a namespace package has none, a command is installed
        yield entry
    for module in map(graph.modules.__getitem__, graph.first_party):
        if module.path is not None and not is_listed(module.name, allowed):
            inside = module.path.rpartition(".")[0]
            depth = module.name.count(".") + inside.endswith(f"{os.sep}__init__")
            top = inside.rsplit(os.sep, depth)[0] if depth else module.path
            if (top == root or top.startswith(below)) and module.name != "__main__":
                yield top


def _relative(path: str, folder: Path) -> str:
    try:
        return os.path.relpath(path, folder).replace(os.sep, "/")
    except ValueError:  # on another drive
        return path.replace(os.sep, "/")


def _entry_name(graph: ModuleGraph, start: Start) -> str:
    """The start as a person would type it, the same on every machine."""
    if start.kind is Kind.SCRIPT:
        path = graph.trace.entry_path
        inside = f"{os.sep}__main__.py"  # of a folder or an archive
        return _relative(path.removesuffix(inside) if not start.path.endswith(inside) else path, start.project.root)
    return f"-m {start.target}" if start.kind is Kind.RUN_MODULE else start.target
