"""What to do about a dear import, by what kind of program it is. Pure."""

from __future__ import annotations

from importguard.graph import ModuleGraph
from importguard.plan import Cut
from importguard.project.collection import NAME as PYTEST
from importguard.project.frameworks import SERVERS, WINDOWS
from importguard.rules.lazy_uses import keep_lazy
from importguard.rules.subject import Subject
from importguard.source.import_site import ImportKind

_LAZY_IMPORTS = (3, 15)


def is_framework(subject: Subject, package: str) -> bool:
    """*package* is what this server or window is built on, and no part of it that the program could do without."""
    return package in SERVERS | WINDOWS and package in _imported(subject.graph)


def eager_remedy(subject: Subject, cut: Cut) -> str:
    """How to get the subject of *cut* out of the start."""
    package = cut.subject
    if is_framework(subject, package):
        return (
            f"This program is built on {package}, which then has to load. Accept it in importguard.toml: "
            f'allow = ["{package}"].'
        )
    if any(edge.site.location.path.endswith(PYTEST) and not edge.site.scope for edge in cut.statements):
        return (
            f"pytest imports it for every run. Import {package} in the tests that need it; a plugin that nobody uses "
            'stays out with `addopts = "-p no:NAME"`.'
        )
    if subject.config.manifest is not None or _waits_for_people(subject.graph):
        remedy = (
            "Import it in a module of its own, load that in the background and get it with require_warmed "
            "(importguard.warmup; docs/warm_up_your_app.md)."
        )
    elif all(edge.site.scope and edge.site.kind is not ImportKind.EAGER for edge in cut.statements):
        remedy = (
            "The start calls the function that imports it. Move the import to a function that it does not call, "
            f'or accept it: allow = ["{package}"] in importguard.toml.'
        )
    elif cut.own:
        remedy = "Import it inside the function that uses it, or let its modules do less while they are imported."
    else:
        remedy = "Import it inside the function that uses it."
    uses = [use for edge in cut.statements if (use := subject.graph.lazy_use(edge.site.location)) is not None]
    if uses:
        return keep_lazy(uses)
    if _python(subject.graph) >= _LAZY_IMPORTS:
        return f"Write `lazy import`, which loads it at its first use. Or: {remedy[0].lower()}{remedy[1:]}"
    return remedy


def first_use_remedy(subject: Subject, module: str, kind: ImportKind = ImportKind.DEFERRED) -> str:
    """What to do about *module*, which loads at its first use."""
    if kind is ImportKind.LAZY and _python(subject.graph) >= _LAZY_IMPORTS:
        if subject.config.manifest is not None:
            return f"Let the manifest warm it: `lazy = true` under [warmup], and {module} not in `cold`."
        if _waits_for_people(subject.graph):
            return (
                'Warm it; the code stays as it is: `manifest = "warmup_manifest.json"` in importguard.toml, '
                "`importguard manifest --write`, and importguard.warmup starts it (docs/lazy_imports.md)."
            )
    if subject.config.manifest is not None:
        return f"Import {module} at the top of a warmed module and get that with _require_warmed."
    if _waits_for_people(subject.graph):
        return (
            f"Whoever is first to get there waits. Load {module} in the background once the program is up "
            "(importguard.warmup; docs/warm_up_your_app.md)."
        )
    return "That is right for a command: only who uses it waits for it."


def _waits_for_people(graph: ModuleGraph) -> bool:
    """Whether the program is a server or a window: it goes on running, and somebody waits at the first use."""
    return bool(_imported(graph) & (SERVERS | WINDOWS))


def _imported(graph: ModuleGraph) -> frozenset[str]:
    """The packages of others that the program's own files import at startup."""
    edges = (edge for place, edge in graph.own_edges.items() if graph.runs(place) and not edge.site.optional)
    found = set(map(graph.package_of, (edge.imported for edge in edges)))
    return frozenset(found - graph.application)


def _python(graph: ModuleGraph) -> tuple[int, ...]:
    return tuple(int(part) for part in graph.trace.python.split(".")[:2])
