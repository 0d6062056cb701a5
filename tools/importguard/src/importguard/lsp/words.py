"""What an editor shows of an import statement and of a finding, in words. Pure."""

from __future__ import annotations

import inspect

from importguard.findings import Finding
from importguard.lsp.facts import Facts, LineFacts
from importguard.printable import plain
from importguard.project.repository import from_here
from importguard.render.parts import cost
from importguard.rules import RULES

_LEAST_US = 50  # a tenth of a millisecond, rounded


def label(line: LineFacts) -> str:
    """Cost and number of modules: what goes with the statement, else what it shares with others."""
    if line.saved_us >= _LEAST_US:
        return f"{_ms(line.saved_us)}, {_count(len(line.saved))}"
    if line.first_us >= _LEAST_US:
        return f"shared: {_ms(line.first_us)}, {_count(line.first_count)}"
    return ""


def explained(facts: Facts, line: LineFacts) -> str:
    """The statement's cost, saving and chain, in Markdown."""
    graph, analysis = facts.graph, facts.analysis
    names = ", ".join(f"`{plain(name)}`" for name in line.imported[:3])
    more = f" and {len(line.imported) - 3} more" if len(line.imported) > 3 else ""
    source = graph.cost_source(line.saved or graph.start)
    said = [f"**{names}{more}** at the start of `{plain(analysis.name)}`", ""]
    if line.saved:
        said.append(
            f"- Without this statement the start loads {_count(len(line.saved))} of {len(graph.start):,} less: "
            f"{_ms(line.saved_us)} ({source})."
        )
    else:
        said.append("- Without this statement the start loads the same: others import it, too.")
    if line.first_count:
        said.append(f"- It is the first to load {_count(line.first_count)} ({_ms(line.first_us)}).")
    edge = next((one for one in graph.edges_of(_importer(facts, line)) if one.site.location == line.location), None)
    if edge is not None:
        said.append(f"- Chain: {_chain(facts, edge.imported)}")
    return "\n".join(said)


def _importer(facts: Facts, line: LineFacts) -> str:
    edges = facts.graph.trace.edges
    return next(edges[place].importer for place in edges.places_in(line.location.path) if _is_at(facts, place, line))


def _is_at(facts: Facts, place: int, line: LineFacts) -> bool:
    return facts.graph.trace.edges[place].site.location == line.location


def _chain(facts: Facts, name: str) -> str:
    project = facts.analysis.project
    parts = [f"`{plain(facts.graph.trace.entry)}`"]
    for step in facts.graph.chain(name).steps:
        place = step.site.location
        parts.append(f"`{plain(step.imported)}` ({plain(from_here(place.path, project))}:{place.line})")
    return " → ".join(parts)


def message(finding: Finding) -> str:
    """A finding in a sentence or two."""
    return ". ".join(part for part in (plain(finding.message), cost(finding), plain(finding.fix_hint)) if part)


def page(code: str) -> str:
    """The rule's page in Markdown."""
    rule = next(one for one in RULES if one.code == code)
    return f"**{code}**: {inspect.getdoc(type(rule))}"


def _ms(us: int) -> str:
    return f"{us / 1000:,.0f} ms" if us >= 9950 else f"{us / 1000:.1f} ms"


def _count(number: int) -> str:
    return f"{number:,} {'module' if number == 1 else 'modules'}"
