"""Where the time goes, and one line of verdict: what `check` says of a start that is clean.

Lines are pieces of text with a style each. A terminal or a file gets them without the library for rich text: importing
that takes longer than checking a project that has not changed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from importguard.analysis import Analysis
from importguard.findings import Severity
from importguard.graph import ModuleGraph
from importguard.printable import plain
from importguard.project.policy import is_listed
from importguard.rules.subject import Subject
from importguard.source.import_site import Location
from importguard.startup.trace import ImportEdge
from importguard.verdict import Report

Piece = tuple[str, str]  # text, style
_ROWS = 8
_NEXT = (
    "`importguard why MODULE` names the statements to cut, `importguard rule CODE` explains a finding, "
    "`importguard init` writes a configuration."
)
_CODES = {"bold": "1", "green": "32", "bold green": "1;32", "bold red": "1;31"}


def summary(report: Report) -> list[list[Piece]]:
    """The table of heavy modules, if there are any, and the verdict.

    Without a configuration also what costs the start most, whatever the threshold, and what to do next.
    """
    analysis = report.analysis
    lines = _table(("Heavy module", "Where it went"), _heavy_rows(analysis), analysis.graph)
    if analysis.project.file is not None:
        return [*lines, _verdict(report)]
    ranked = _table(("Heaviest at startup", "Imported at"), _ranked_rows(analysis), analysis.graph)
    return [*lines, *ranked, _verdict(report), [(_NEXT, "")]]


def notes(sentences: Sequence[str]) -> list[list[Piece]]:
    """What fails nothing and is worth knowing, a line each."""
    return [[("note: ", "bold"), (plain(sentence), "")] for sentence in sentences]


def written(lines: list[list[Piece]]) -> str | None:
    """*lines* for standard output; None where the library for rich text has to tell what it can show."""
    settings = os.environ.keys() & {"FORCE_COLOR", "TTY_COMPATIBLE", "NO_COLOR", "JUPYTER_COLUMNS"}
    if not sys.stdout.isatty():
        return None if settings - {"NO_COLOR"} else "\n".join("".join(text for text, _ in line) for line in lines)
    if settings or os.name != "posix" or os.environ.get("TERM", "") in {"", "dumb", "unknown"}:
        return None
    return "\n".join("".join(_coloured(*piece) for piece in line) for line in lines)


def _coloured(text: str, style: str) -> str:
    return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if style else text


def _verdict(report: Report) -> list[Piece]:
    analysis, graph = report.analysis, report.analysis.graph
    errors = sum(finding.severity is Severity.ERROR for finding in report.findings)
    parts = [(report.suppressed, "suppressed"), (report.baselined, "in the baseline")]
    aside = ", ".join(f"{len(findings)} {what}" for findings, what in parts if findings)
    rest = f" ({aside})" if aside else ""
    problems = f"✗ {errors} problem{'s' if errors > 1 else ''}"
    return [
        (problems, "bold red") if errors else ("✓ Clean", "bold green"),
        (f"{rest}. ", ""),
        (plain(analysis.name), "bold"),
        (" loads ", ""),
        (f"{len(graph.eager):,}", "bold"),
        (f" modules on the main thread (about {graph.cost_us(graph.eager) / 1000:,.0f} ms)", ""),
        *_warmed(analysis),
        (f". Python {graph.trace.python}, analysed in {analysis.elapsed_s:.1f} s.", ""),
    ]


def _warmed(analysis: Analysis) -> list[Piece]:
    """Nothing for a newcomer, who warms nothing yet."""
    jobs = len(analysis.manifest.jobs)
    if not jobs and analysis.project.file is None:
        return []
    return [(", ", ""), (str(jobs), "bold"), (" warmed in the background", "")]


def _table(titles: tuple[str, str], rows: list[tuple[str, int, int, str]], graph: ModuleGraph) -> list[list[Piece]]:
    """*rows* of module, µs, modules and the last column's text below their titles; nothing without rows."""
    if not rows:
        return []
    cost = graph.cost_source(graph.modules).capitalize()
    header = (titles[0], cost, "Modules", titles[1])
    cells = [(plain(name), f"{cost_us / 1000:,.0f} ms", f"{count:,}", where) for name, cost_us, count, where in rows]
    widths = [max(len(row[column]) for row in (header, *cells)) for column in range(3)]

    def line(row: tuple[str, str, str, str], style: str, last: str) -> list[Piece]:
        name, cost, count, where = row
        start = f"{name:<{widths[0]}}  {cost:>{widths[1]}}  {count:>{widths[2]}}  "
        return [(start, style), (where, last)]

    body = [line(row, "", "green" if row[3].startswith("warmed") else "") for row in cells]
    return [line(header, "bold", "bold"), *body, []]


def _ranked_rows(analysis: Analysis) -> list[tuple[str, int, int, str]]:
    """The heaviest import of each statement: what only it brings, and the chain of places that leads to it."""
    graph, project = analysis.graph, analysis.project
    exclusive = {name: graph.exclusive_to(name) for name in {edge.imported for edge in graph.entry_edges}}
    cost_us = {name: graph.cost_us(names) for name, names in exclusive.items()}
    worst: dict[Location, ImportEdge] = {}
    for edge in sorted(graph.entry_edges, key=lambda edge: (-cost_us[edge.imported], -len(edge.imported))):
        worst.setdefault(edge.site.location, edge)
    first: dict[str, ImportEdge] = {}
    for edge in worst.values():
        first.setdefault(edge.imported, edge)
    rows = []
    for name, edge in list(first.items())[:_ROWS]:
        steps = [step.site.location for step in graph.chain_through(edge).steps]
        places = " → ".join(f"{plain(project.relative(place.path))}:{place.line}" for place in steps)
        rows.append((name, cost_us[name], len(exclusive[name]), places))
    return rows


def _heavy_rows(analysis: Analysis) -> list[tuple[str, int, int, str]]:
    graph, config = analysis.graph, analysis.start.config
    subject = Subject(analysis.start, graph, analysis.manifest, None)
    rows: list[tuple[str, int, int, str]] = []
    for edge in graph.entry_edges:
        name = edge.imported
        if any(name == row[0] for row in rows) or not is_listed(name, config.allow):
            continue
        exclusive = graph.exclusive_to(name)
        cost_us = graph.cost_us(exclusive)
        if subject.is_heavy(name, cost_us):
            rows.append((name, cost_us, len(exclusive), "main thread, allowed"))
    for job in analysis.manifest.jobs:
        if job.module in graph.modules and not graph.is_first_party(job.module):
            cost_us, count = subject.first_use_cost(job.module)
            if count and subject.is_heavy(job.module, cost_us):
                rows.append((job.module, cost_us, count, "warmed in the background"))
    return sorted(rows, key=lambda row: -row[1])[:_ROWS]
