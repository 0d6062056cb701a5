"""The start as one self-contained page: an icicle of cost by who loads whom. Pure but for reading its own template."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

from importguard.analysis import Analysis
from importguard.printable import inert_json
from importguard.render.target import looked_at
from importguard.rules.lazy_uses import said_of
from importguard.startup.trace import Certainty, LoadedModule, Reach


def render_page(analyses: Sequence[Analysis]) -> str:
    """The HTML text, with every start to choose from."""
    text = inert_json(json.dumps([_start(one) for one in analyses], separators=(",", ":")))
    # Inside a script element only `<` could end it.
    template = resources.files("importguard.render").joinpath("page.html").read_text(encoding="utf-8")
    return template.replace("@DATA@", text.replace("<", "\\u003c"))


def _start(analysis: Analysis) -> dict[str, Any]:
    """Modules in load order, each with the index of the one that loaded it; 0 is the entry."""
    graph, project = analysis.graph, analysis.project
    trace = graph.trace
    eager = [module for module in trace.modules if module.reach is Reach.EAGER]
    eager.sort(key=lambda module: module.name != trace.entry)  # the entry first, the rest in load order
    number = {module.name: index for index, module in enumerate(eager)}
    importers = {edge.imported: edge.importer for edge in reversed(trace.edges) if edge.reach is Reach.EAGER}
    modules: list[list[Any]] = []
    for index, module in enumerate(eager):
        parent = number.get(_loaded_by(module, number, importers), 0)
        place = f"{project.relative(module.site.location.path)}:{module.site.location.line}" if module.site else ""
        lazy = said_of(graph.lazy_use(module.site.location), module.site.location, project) if module.site else ""
        place = f"{place} ({lazy})" if lazy else place
        certain = int(module.certainty is Certainty.CERTAIN)
        # Whatever is loaded by something later in the order goes under the entry: a tree needs earlier parents.
        earlier = parent if parent < index else 0
        modules.append([module.name, earlier, graph.cost_of(module.name).self_us, certain, module.origin, place])
    edges: dict[int, dict[tuple[int, int], None]] = {}
    for at, edge in enumerate(trace.edges):
        if edge.reach is not Reach.EAGER or at in graph.conditional:
            continue
        for name in (edge.importer, edge.imported):  # past the modules: those whose own import failed
            number.setdefault(name, len(number))
        owner = number.get(edge.site.importer, -1)
        edges.setdefault(number[edge.importer], {}).setdefault((number[edge.imported], owner))
    return {
        "entry": analysis.name,
        "python": trace.python,
        "looked": " ".join(looked_at([analysis])),
        "source": graph.cost_source(graph.eager),
        "modules": modules,
        "edges": {importer: list(found) for importer, found in edges.items()},
    }


def _loaded_by(module: LoadedModule, number: Mapping[str, int], importers: Mapping[str, str]) -> str:
    """What loaded *module*; where the import of that failed later, what imported that."""
    name = module.loaded_by or ""
    seen = {name}
    while name not in number and importers.get(name, name) not in seen:
        name = importers[name]
        seen.add(name)
    return name
