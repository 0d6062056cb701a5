"""What `check -v` adds: where the configuration is, what was assumed, what could not be followed. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from importguard.printable import plain
from importguard.project.repository import from_here
from importguard.startup.trace import Assumption, Taken
from importguard.verdict import Report, Verdict

_ROWS = 20


def details(verdict: Verdict) -> list[str]:
    """The lines, a start after the other."""
    file = verdict.project.file
    lines = [f"Configuration: {plain(from_here(str(file), verdict.project)) if file else 'none'}"]
    for report in verdict.reports:
        lines += _of_start(report)
    return lines


def _of_start(report: Report) -> Iterator[str]:
    graph, project = report.analysis.graph, report.analysis.project
    name = plain(report.analysis.name)
    possible = sum(graph.modules[one].certainty == "possible" for one in graph.eager)
    seen = sum(graph.modules[one].certainty == "seen" for one in graph.eager)
    shown = f"{possible:,} of them possible" + (f", {seen:,} seen in a run" if seen else "")
    yield f"{name}: {len(graph.eager):,} modules, {shown}; {len(report.rules)} rules applied"
    yield from (f"{name}: {_assumed(one)}" for one in graph.trace.assumptions)
    stops = graph.trace.stops
    for stop in stops[:_ROWS]:
        place = f"{plain(from_here(stop.location.path, project))}:{stop.location.line}"
        yield f"{name}: not followed at {place}: {plain(stop.reason)}"
    if len(stops) > _ROWS:
        yield f"{name}: and {len(stops) - _ROWS:,} more places that were not followed"


def _assumed(one: Assumption) -> str:
    asked = f"assumed that {plain(one.name)}, which {plain(one.module)} asks for,"
    if one.taken is Taken.GIVEN:
        return f"{asked} is {plain(one.value or '')!r}, as given"
    return f"{asked} is not set" if one.taken is Taken.UNSET else f"{asked} may be set or not"
