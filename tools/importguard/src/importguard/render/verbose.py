"""What `-v` adds: where the configuration is, what was assumed, what could not be followed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from importguard.analysis import Analysis
from importguard.printable import counted, plain
from importguard.project.repository import from_here
from importguard.project.start import Project
from importguard.startup.trace import Assumption, Taken

_ROWS = 20


def details(project: Project, analyses: Iterable[Analysis], applied: Mapping[str, int] | None = None) -> list[str]:
    """The lines, a start after the other. *applied*: how many rules were, by the start's name."""
    file = project.file
    lines = [f"Configuration: {plain(from_here(str(file), project)) if file else 'none'}"]
    for analysis in analyses:
        lines += _of_start(analysis, (applied or {}).get(analysis.name))
    return lines


def _of_start(analysis: Analysis, applied: int | None) -> Iterator[str]:
    graph, project = analysis.graph, analysis.project
    name = plain(analysis.name)
    possible = sum(graph.modules[one].certainty == "possible" for one in graph.eager)
    seen = sum(graph.modules[one].certainty == "seen" for one in graph.eager)
    shown = f"{possible:,} of them possible" + (f", {seen:,} seen in a run" if seen else "")
    rules = f"; {applied} rules applied" if applied is not None else ""
    yield f"{name}: {counted(len(graph.eager), 'module')}, {shown}{rules}"
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
