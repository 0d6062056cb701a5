"""Where the heavy modules went, and one line of verdict: what `check` says of a start that is clean.

Lines are pieces of text with a style each. A terminal or a file gets them without the library for rich text: importing
that takes longer than checking a project that has not changed.
"""

from __future__ import annotations

import os
import sys

from importguard.analysis import Analysis
from importguard.check import Report
from importguard.config import is_listed
from importguard.findings import Severity
from importguard.render.plain import plain
from importguard.rules.subject import Subject

Piece = tuple[str, str]  # text, style
_ROWS = 8
_CODES = {"bold": "1", "green": "32", "bold green": "1;32", "bold red": "1;31"}


def summary(report: Report) -> list[list[Piece]]:
    """The table of heavy modules, if there are any, and the verdict."""
    return [*_table(report.analysis), _verdict(report)]


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
        (f" modules on the main thread (about {graph.cost_us(graph.eager) / 1000:,.0f} ms), ", ""),
        (str(len(analysis.manifest.jobs)), "bold"),
        (f" warmed in the background. Python {graph.trace.python}, analysed in {analysis.elapsed_s:.1f} s.", ""),
    ]


def _table(analysis: Analysis) -> list[list[Piece]]:
    rows = _heavy_rows(analysis)
    if not rows:
        return []
    cost = analysis.graph.cost_source(analysis.graph.modules).capitalize()
    header = ("Heavy module", cost, "Modules", "Where it went")
    cells = [(plain(name), f"{cost_us / 1000:,.0f} ms", f"{count:,}", where) for name, cost_us, count, where in rows]
    widths = [max(len(row[column]) for row in (header, *cells)) for column in range(3)]

    def line(row: tuple[str, str, str, str], style: str, last: str) -> list[Piece]:
        name, cost, count, where = row
        start = f"{name:<{widths[0]}}  {cost:>{widths[1]}}  {count:>{widths[2]}}  "
        return [(start, style), (where, last)]

    body = [line(row, "", "green" if row[3].startswith("warmed") else "") for row in cells]
    return [line(header, "bold", "bold"), *body, []]


def _heavy_rows(analysis: Analysis) -> list[tuple[str, int, int, str]]:
    graph, config = analysis.graph, analysis.project.config
    subject = Subject(analysis.project, graph, analysis.manifest, None)
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
