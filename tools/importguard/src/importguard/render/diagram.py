"""The start as a diagram for documents: Graphviz DOT or Mermaid. Pure."""

from __future__ import annotations

import json

from importguard.analysis import Analysis
from importguard.graph import ModuleGraph
from importguard.printable import plain
from importguard.render.target import looked_at
from importguard.startup.trace import Origin, Reach


def render_dot(analysis: Analysis, depth: int | None, collapse: bool) -> str:
    """A digraph of who imports whom; the interpreter that was looked at is a comment."""
    nodes, edges = _diagram(analysis.graph, depth, collapse)
    lines = [f"  {_quoted(name)};" for name in nodes]
    lines += [f"  {_quoted(importer)} -> {_quoted(imported)};" for importer, imported in edges]
    comments = [f"// {line}" for line in looked_at([analysis])]
    return "\n".join([*comments, "digraph startup {", "  rankdir=LR;", "  node [shape=box];", *lines, "}"])


def render_mermaid(analysis: Analysis, depth: int | None, collapse: bool) -> str:
    """A flowchart of who imports whom; the interpreter that was looked at is a comment."""
    nodes, edges = _diagram(analysis.graph, depth, collapse)
    number = {name: f"m{index}" for index, name in enumerate(nodes)}
    lines = [f'  {number[name]}["{_entities(name)}"]' for name in nodes]
    lines += [f"  {number[importer]} --> {number[imported]}" for importer, imported in edges]
    return "\n".join([*(f"%% {line}" for line in looked_at([analysis])), "flowchart LR", *lines])


def _diagram(graph: ModuleGraph, depth: int | None, collapse: bool) -> tuple[list[str], list[tuple[str, str]]]:
    """Nodes and edges at most *depth* imports from the entry; *collapse* makes one node of each outside package."""
    near = {graph.trace.entry: 0}
    pending = [graph.trace.entry]
    edges: dict[tuple[str, str], None] = {}
    for name in pending:
        for edge in graph.edges_of(name):
            if edge.reach is not Reach.EAGER or (depth is not None and near[name] >= depth):
                continue
            if edge.imported not in near:
                near[edge.imported] = near[name] + 1
                pending.append(edge.imported)
            pair = _label(graph, name, collapse), _label(graph, edge.imported, collapse)
            if pair[0] != pair[1]:
                edges.setdefault(pair)
    return list(dict.fromkeys(_label(graph, name, collapse) for name in near)), list(edges)


def _label(graph: ModuleGraph, name: str, collapse: bool) -> str:
    module = graph.modules.get(name)
    if not collapse or module is None or module.origin is Origin.FIRST_PARTY:
        return name
    return name.partition(".")[0] if module.origin is Origin.THIRD_PARTY else "standard library"


def _quoted(text: str) -> str:
    return json.dumps(plain(text))


def _entities(text: str) -> str:
    return "".join(char if char.isalnum() or char in " ._-" else f"#{ord(char)};" for char in text)
