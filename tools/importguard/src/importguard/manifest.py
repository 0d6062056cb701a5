"""The warmup manifest of an application: which modules to import in the background, in which order. Writes one file."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from importguard.committed_file import replace_file
from importguard.config import Config, Project
from importguard.errors import ConfigError
from importguard.graph import ModuleGraph
from importguard.source.import_site import ImportKind, ImportSite
from importguard.startup.trace import Origin
from importguard.warmup import SCHEMA, ManifestError, WarmupJob, WarmupManifest


def build(graph: ModuleGraph, project: Project) -> WarmupManifest:
    """The manifest that the code asks for: only names and order, so that every machine writes the same bytes.

    Each module that a `_require_warmed` names comes after the libraries that it and its first-party imports use.
    """
    config = project.config
    sites: dict[str, list[ImportSite]] = {}
    for site in graph.trace.sites:
        if site.kind is ImportKind.WARMED:
            sites.setdefault(site.imported, []).append(site)
    for name in config.warmup.modules:
        sites.setdefault(name, [])
    jobs: list[WarmupJob] = []
    seen: set[str] = set()
    allowed = set(config.allow)
    for group, target in enumerate(sorted(sites, key=lambda name: (-config.warmup.priority.get(name, 0), name))):
        for name in (*_libraries(graph, target), target):
            if name not in seen and name not in allowed:
                seen.add(name)
                reason = f"imported by {target}" if name != target else _reason(sites[target])
                jobs.append(_job(name, group, target, reason, config))
    entry = _entry_name(graph, project.root)
    digest = hashlib.sha256(repr((SCHEMA, entry, jobs)).encode()).hexdigest()[:16]
    return WarmupManifest(SCHEMA, entry, tuple(jobs), digest)


def manifest_path(project: Project) -> Path | None:
    """Where the project keeps its manifest; None when the configuration names no file."""
    return project.root / project.config.manifest if project.config.manifest else None


def read(path: Path) -> WarmupManifest:
    """The committed manifest. Raises ConfigError."""
    try:
        return WarmupManifest.load(path)
    except ManifestError as error:
        raise ConfigError(str(path), "", str(error).removeprefix(f"{path}: ")) from error


def write(path: Path, manifest: WarmupManifest) -> None:
    """Replaces *path* atomically. Raises ConfigError when the place is not writable."""
    replace_file(path, manifest.to_json(), "manifest")


def _job(name: str, group: int, target: str, reason: str, config: Config) -> WarmupJob:
    priority = config.warmup.priority.get(target, 0)
    return WarmupJob(name, config.warmup.factories.get(name), priority, reason, None, group)


def _libraries(graph: ModuleGraph, target: str) -> list[str]:
    """The third-party packages that first-party code behind *target* imports.

    What the start loads already is not left out: a heavy import that slips in there is a finding of its own, and must
    not change the manifest as well.
    """
    found: dict[str, None] = {}
    closure = graph.closure(target)
    for module in graph.trace.modules:
        if module.name not in closure or not graph.is_first_party(module.name):
            continue
        for edge in graph.edges_of(module.name):
            imported = graph.modules.get(edge.imported)
            if imported is None or imported.origin is not Origin.THIRD_PARTY:
                continue
            root = _regular_root(graph, edge.imported)
            if root is not None:
                found.setdefault(root)
    return sorted(found)


def _regular_root(graph: ModuleGraph, name: str) -> str | None:
    """The outermost package of *name* that has code: `google.genai` for `google.genai.types`."""
    parts = name.split(".")
    for depth in range(1, len(parts) + 1):
        module = graph.modules.get(".".join(parts[:depth]))
        if module is not None and module.path is not None:
            return module.name
    return None


def _reason(sites: list[ImportSite]) -> str:
    places = sorted({".".join((site.importer, *site.scope)) for site in sites})
    return f"required by {', '.join(places)}" if places else "named in the configuration"


def _entry_name(graph: ModuleGraph, root: Path) -> str:
    if graph.trace.entry != "__main__":
        return graph.trace.entry
    return os.path.relpath(graph.trace.entry_path, root).replace(os.sep, "/")
