"""The start as one self-contained page: what to cut first, and who loads whom. Reads its own template alone."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from importlib import resources
from importlib.metadata import version
from typing import Any

from importguard.analysis import Analysis
from importguard.graph import ModuleGraph
from importguard.plan import Plan
from importguard.printable import inert_json
from importguard.project.start import Project
from importguard.render.target import looked_at
from importguard.rules.lazy_uses import said_of
from importguard.source.import_site import Location
from importguard.startup.trace import Certainty, LoadedModule, Reach
from importguard.verdict import plan_of

_PARTS = ("model.js", "picture.js", "panels.js", "page.js")
_INSTALLED = ("/site-packages/", "/dist-packages/")


def render_page(analyses: Sequence[Analysis], commit: str = "", *, live: bool = False) -> str:
    """The HTML text, with every start to choose from. *live*: a server serves it, and says when there is news."""
    text = inert_json(json.dumps(page_data(analyses, commit), separators=(",", ":")))
    folder = resources.files("importguard.render").joinpath("page")
    style = folder.joinpath("page.css").read_text(encoding="utf-8")
    script = "\n".join(folder.joinpath(name).read_text(encoding="utf-8") for name in _PARTS)
    template = folder.joinpath("page.html").read_text(encoding="utf-8")
    template = template.replace("@CONNECT@", "; connect-src 'self'" if live else "").replace(
        "@LIVE@", str(live).lower()
    )
    template = template.replace("@STYLE@", style).replace("@SCRIPT@", script)
    # Inside a script element only `<` could end it.
    return template.replace("@DATA@", text.replace("<", "\\u003c"))


def page_data(analyses: Sequence[Analysis], commit: str = "") -> dict[str, Any]:
    """What the page shows."""
    return {
        "version": version("importguard"),
        "made": datetime.datetime.now().astimezone().strftime("%Y-%m-%d %H:%M"),
        "commit": commit,
        "starts": [start_data(one.graph, one.name, one.project, plan_of(one), _looked(one)) for one in analyses],
    }


def _looked(analysis: Analysis) -> str:
    return " ".join(looked_at([analysis]))


def start_data(graph: ModuleGraph, name: str, project: Project, plan: Plan, looked: str) -> dict[str, Any]:
    """One start: modules in load order, each with the index of the one that loaded it (0 is the entry), and imports."""
    trace = graph.trace
    eager = [module for module in trace.modules if module.reach is Reach.EAGER]
    eager.sort(key=lambda module: module.name != trace.entry)  # the entry first, the rest in load order
    number = {module.name: index for index, module in enumerate(eager)}
    importers = {edge.imported: edge.importer for edge in reversed(trace.edges) if edge.reach is Reach.EAGER}
    packages: dict[str, int] = {}
    modules: list[list[Any]] = []
    for index, module in enumerate(eager):
        parent = number.get(_loaded_by(module, number, importers), 0)
        place = _place(module.site.location, project) if module.site else ""
        lazy = said_of(graph.lazy_use(module.site.location), module.site.location, project) if module.site else ""
        # Whatever is loaded by something later in the order goes under the entry: a tree needs earlier parents.
        earlier = parent if parent < index else 0
        pack = packages.setdefault(_package(graph, module), len(packages))
        certain = int(module.certainty is Certainty.CERTAIN)
        cost = graph.cost_of(module.name).self_us
        modules.append(
            [module.name, earlier, cost, certain, module.origin, f"{place} ({lazy})" if lazy else place, pack]
        )
    edges: dict[int, dict[tuple[int, int, int], None]] = {}
    files: dict[int, str] = {}
    for at, edge in enumerate(trace.edges):
        if edge.reach is not Reach.EAGER or at in graph.conditional:
            continue
        for each in (edge.importer, edge.imported):  # past the modules: those whose own import failed
            number.setdefault(each, len(number))
        owner = number.get(edge.site.importer, -1)
        if owner >= 0:
            files.setdefault(owner, _short(edge.site.location.path, project))
        found = edges.setdefault(number[edge.importer], {})
        found.setdefault((number[edge.imported], owner, edge.site.location.line))
    words = trace.edges.words
    return {
        "entry": name,
        "python": trace.python,
        "looked": looked,
        "source": graph.cost_source(graph.eager),
        "modules": modules,
        "failed": [name for name, index in number.items() if index >= len(modules)],
        "packages": list(packages),
        "files": files,
        "edges": {importer: list(found) for importer, found in edges.items()},
        "roots": sorted({0, *(number[words[one]] for one in graph.roots if words[one] in number)}),
        "steps": _steps(graph, plan, number, project),
        **_beside(graph, project),
    }


def _steps(graph: ModuleGraph, plan: Plan, number: Mapping[str, int], project: Project) -> list[dict[str, Any]]:
    """The plan: of each step what it saves after those before, and its statements by owner and line."""
    return [
        {
            "subject": step.subject,
            "saves": graph.cost_us(step.saved),
            "modules": len(step.saved),
            "statements": [
                {
                    "key": f"{number.get(edge.site.importer, -1)}:{edge.site.location.line}",
                    "place": _place(edge.site.location, project),
                    "imports": edge.imported,
                }
                for edge in step.statements
            ],
        }
        for step in plan.steps
    ]


def _beside(graph: ModuleGraph, project: Project) -> dict[str, list[list[Any]]]:
    """What the picture does not hold: what is not known, and what loads at another time."""
    trace = graph.trace
    unresolved = [
        [one.name, _place(one.site.location, project), one.reason]
        for one in trace.unresolved
        if one.reach is Reach.EAGER
    ]
    stops = [[_place(one.location, project), one.reason] for one in trace.stops]
    later = {
        reach: [[one.name, graph.cost_us((one.name,))] for one in trace.modules if one.reach is reach]
        for reach in (Reach.WARMED, Reach.LAZY)
    }
    return {"unresolved": unresolved, "stops": stops, "warmed": later[Reach.WARMED], "lazy": later[Reach.LAZY]}


def _package(graph: ModuleGraph, module: LoadedModule) -> str:
    """What ships the module: a package, or the standard library as a whole."""
    if module.origin in {"stdlib", "builtin"}:
        return "standard library"
    return graph.package_of(module.name)


def _place(place: Location, project: Project) -> str:
    return f"{_short(place.path, project)}:{place.line}"


def _short(path: str, project: Project) -> str:
    """*path* in the project, else below the folder that installed packages or the standard library are in."""
    inside = project.relative(path).replace("\\", "/")
    for folder in _INSTALLED:
        if folder in f"/{inside}":
            return inside.rpartition(folder.strip("/") + "/")[2]
    at = inside.rfind("/lib/python")
    return inside[at:].split("/", 3)[-1] if at >= 0 and inside.startswith("/") else inside


def _loaded_by(module: LoadedModule, number: Mapping[str, int], importers: Mapping[str, str]) -> str:
    """What loaded *module*; where the import of that failed later, what imported that."""
    name = module.loaded_by or ""
    seen = {name}
    while name not in number and importers.get(name, name) not in seen:
        name = importers[name]
        seen.add(name)
    return name
