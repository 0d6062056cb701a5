"""Where the time goes, and one line of verdict: what `check` says of a start that is clean.

Lines are pieces of text with a style each. A terminal or a file gets them without the library for rich text: importing
that takes longer than checking a project that has not changed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence

from importguard.analysis import Analysis
from importguard.findings import Severity
from importguard.graph import ModuleGraph, is_below
from importguard.printable import plain
from importguard.project.repository import from_here
from importguard.project.start import Project
from importguard.startup.trace import ImportEdge, Origin, Reach
from importguard.verdict import Report

Piece = tuple[str, str]  # text, style
STANDARD_LIBRARY = "standard library"
_ROWS = 8
_NEXT = (
    "`importguard why MODULE` names the statements to cut, `importguard rule CODE` explains a finding, "
    "`importguard init` writes a configuration."
)
_CODES = {"bold": "1", "green": "32", "bold green": "1;32", "red": "31", "bold red": "1;31"}


def summary(report: Report) -> list[list[Piece]]:
    """Where the time of the start goes, what is warmed instead, and the verdict.

    Without a configuration also what to do next.
    """
    analysis = report.analysis
    graph = analysis.graph
    lines = _table(("Package", "Where"), _plan_rows(report), graph)
    lines += _table(("In the background", "Where"), _warmed_rows(analysis), graph)
    end = [[(_NEXT, "")]] if analysis.project.file is None else []
    return [*lines, *notes(report.notes), _verdict(report), *end]


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
    noted = [finding for finding in report.findings if finding.severity is Severity.NOTE]
    parts = [
        (noted, f"note{'s' * (len(noted) > 1)}"),
        (report.suppressed, "suppressed"),
        (report.baselined, "in the baseline"),
    ]
    aside = ", ".join(f"{len(findings)} {what}" for findings, what in parts if findings)
    rest = f" ({aside})" if aside else ""
    problems = f"✗ {errors} problem{'s' if errors > 1 else ''}"
    count, cost_us = len(graph.start), graph.cost_us(graph.start)
    until = f" until {plain(graph.trace.ready.point)}" if graph.trace.ready is not None else ""
    return [
        (problems, "bold red") if errors else ("✓ Clean", "bold green"),
        (f"{rest}. ", ""),
        (plain(analysis.name), "bold"),
        (" loads ", ""),
        (f"{count:,}", "bold"),
        (f" {'module' if count == 1 else 'modules'} on the main thread{until} (about {cost_us / 1000:,.0f} ms)", ""),
        *_seen(report),
        *_conditional(report),
        *_warmed(analysis),
        (f". Python {graph.trace.python}, analysed in {analysis.elapsed_s:.1f} s.", ""),
    ]


def _seen(report: Report) -> list[Piece]:
    """What of it only a run has shown."""
    count = len(report.analysis.learned.modules & report.analysis.graph.start) if report.analysis.learned else 0
    return [(f", {count:,} of them seen in a run", "")] if count else []


def _conditional(report: Report) -> list[Piece]:
    """What loads only if a condition holds that nobody can know."""
    names = report.plan.conditional
    if not names:
        return []
    cost_us = report.analysis.graph.cost_us(names)
    return [(f", {len(names):,} more (about {cost_us / 1000:,.0f} ms) if a condition holds", "")]


def _warmed(analysis: Analysis) -> list[Piece]:
    """Nothing for a newcomer, who warms nothing yet: a lazy import alone is only a job that could be one."""
    jobs = len(analysis.manifest.jobs)
    if analysis.project.file is None and all(job.reason.startswith("lazy ") for job in analysis.manifest.jobs):
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
        start = f"{name:<{widths[0]}}  {cost:>{widths[1]}}  {count:>{widths[2]}}"
        return [(start, style), (f"  {where}", last)] if where else [(start, style)]

    body = [
        line(row, "", "green" if row[3].startswith("warmed") else "red" if row[3].startswith("cut") else "")
        for row in cells
    ]
    return [line(header, "bold", "bold"), *body, []]


_Row = tuple[str, int, int, str]  # what, µs, modules, where


def _plan_rows(report: Report) -> list[_Row]:
    """The cuts in the order in which they pay, what is allowed, and the dearest packages of the rest.

    The last row is everything else, so that the rows add up to the start. Nothing for a start without imports.
    """
    analysis, graph, plan = report.analysis, report.analysis.graph, report.plan
    steps = [
        (step.subject, step.saved, f"cut {_places(step.statements, analysis.project)}") for step in plan.steps[:_ROWS]
    ]
    allowed = [name for name in analysis.start.config.allow if any(is_below(one, name) for one in plan.allowed)]
    if plan.allowed:
        with_them = f"allowed, with what {'it loads' if len(allowed) == 1 else 'they load'}"
        steps.append(
            (", ".join(allowed) or "accepted", plan.allowed, with_them if allowed else "accepted by a comment")
        )
    rest = sorted(by_package(graph, plan.rest).items(), key=lambda one: (-graph.cost_us(one[1]), one[0]))
    shown = [(name, frozenset(names), "") for name, names in rest[: max(_ROWS - len(steps), 0)]]
    rows = [(what, graph.cost_us(names), len(names), where) for what, names, where in (*steps, *shown)]
    others = graph.start.difference(*(names for _, names, _ in (*steps, *shown)))
    if others:
        rows.append(("everything else", graph.cost_us(others), len(others), ""))
    return rows if len(graph.start) > 1 else []


def _places(statements: Sequence[ImportEdge], project: Project) -> str:
    """`app.py:1, views.py:3 and 4 more`."""
    places = [edge.site.location for edge in statements]
    first = ", ".join(f"{plain(_file(from_here(place.path, project)))}:{place.line}" for place in places[:2])
    return f"{first} and {len(places) - 2} more" if len(places) > 2 else first


def _file(path: str) -> str:
    """*path*; of an installed program's file only what is below the folder of all packages."""
    return path.partition("site-packages/")[2] or path


def by_package(graph: ModuleGraph, names: Iterable[str]) -> dict[str, list[str]]:
    """*names* by the package that ships them; all that comes with Python is one."""
    found: dict[str, list[str]] = {}
    for name in sorted(names):
        python = graph.modules[name].origin in {Origin.STDLIB, Origin.BUILTIN}
        found.setdefault(STANDARD_LIBRARY if python else graph.package_of(name), []).append(name)
    return found


def _warmed_rows(analysis: Analysis) -> list[_Row]:
    """The heavy packages that load in the background, each with all its modules there."""
    graph = analysis.graph
    warmed = [name for name, module in graph.modules.items() if module.reach is Reach.WARMED]
    rows = []
    for package, names in by_package(graph, warmed).items():
        cost_us = graph.cost_us(names)
        if cost_us > analysis.start.config.heavy_ms * 1000:
            rows.append((package, cost_us, len(names), "warmed in the background"))
    return sorted(rows, key=lambda row: -row[1])[:_ROWS]
