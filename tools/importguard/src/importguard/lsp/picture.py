"""One round of the project: its starts, the verdict on them, and the files as they were read. Prints nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping

import msgspec

from importguard.analysis import Analysis, analyse_all
from importguard.errors import FixError
from importguard.findings import Finding
from importguard.fix.proposal import Proposal, default_form, propose
from importguard.lsp.facts import Facts, LineFacts
from importguard.plan import Plan, Step
from importguard.printable import plain
from importguard.project.repository import from_here
from importguard.project.start import Start
from importguard.session import Session
from importguard.source.import_site import Location
from importguard.storage.regular_file import read_regular
from importguard.target.environment import probe_of
from importguard.verdict import Verdict, check

_MOST_BYTES = 8 * 1024 * 1024


class Picture(msgspec.Struct, frozen=True):
    """What is known of the project. `texts` are the open files as they were on disk when it was worked out."""

    facts: tuple[Facts, ...]
    verdict: Verdict
    session: Session
    texts: Mapping[str, str]

    def line(self, place: Location) -> tuple[Facts, LineFacts] | None:
        """The dearest of what the starts say of the statement at *place*."""
        found = [(one, facts) for one in self.facts if (facts := one.of_file(place.path).get(place.line)) is not None]
        return max(found, key=lambda one: (one[1].saved_us, one[1].first_us), default=None)

    def lines(self, path: str) -> dict[int, tuple[Facts, LineFacts]]:
        """The same for each statement of the file *path*."""
        numbers = sorted({line for one in self.facts for line in one.of_file(path)})
        found = {number: self.line(Location(path, number)) for number in numbers}
        return {number: known for number, known in found.items() if known is not None}

    def findings(self, path: str) -> list[Finding]:
        """The findings that are located in the file *path*, or have a statement there."""
        return [
            one
            for one in self.verdict.findings
            if one.location.path == path or any(each.location.path == path for each in one.statements)
        ]

    @property
    def paths(self) -> set[str]:
        """The files with findings."""
        places = [one.location for one in self.verdict.findings]
        places += [each.location for one in self.verdict.findings for each in one.statements]
        return {place.path for place in places}


def take(choose: Callable[[], tuple[tuple[Start, ...], Session]], open_files: Iterable[str]) -> Picture:
    """Works the project out as it is on disk now. Raises ImportGuardError."""
    probe_of.cache_clear()  # an environment may have got packages meanwhile
    texts = {path: text for path in open_files if (text := text_of(path)) is not None}
    starts, session = choose()
    analyses = analyse_all(starts, session)
    return Picture(tuple(map(Facts, analyses)), check(*analyses), session, texts)


def text_of(path: str) -> str | None:
    """What is on disk, with line feeds alone; None where that is no text."""
    try:
        content = read_regular(path, _MOST_BYTES)
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError):
        return None


def change(picture: Picture, place: Location) -> Proposal:
    """What `fix` makes of the statement at *place*: of the plan's step that has it, else of it alone.

    Raises FixError.
    """
    found = picture.line(place)
    if found is None:
        raise FixError(f"{os.path.basename(place.path)}:{place.line} is no import that the start runs")
    facts, line = found
    analysis = facts.analysis
    step = step_of(picture, analysis, place) or _alone(analysis, line)
    proposal = propose(analysis, Plan(steps=(step,)), picture.session, default_form(analysis))
    for refusal in proposal.refusals:
        at = "" if refusal.at == refusal.location else f" ({_shown(refusal.at, analysis)})"
        raise FixError(f"{_shown(refusal.location, analysis)} stays: {plain(refusal.reason)}{at}")
    if not proposal.edits:
        raise FixError(f"{_shown(place, analysis)} has nothing to change")
    return proposal


def step_of(picture: Picture, analysis: Analysis, place: Location) -> Step | None:
    """The step of the plan that cuts the statement at *place*."""
    for report in picture.verdict.reports:
        if report.analysis is analysis:
            for step in report.plan.steps:
                if any(edge.site.location == place for edge in step.statements):
                    return step
    return None


def _alone(analysis: Analysis, line: LineFacts) -> Step:
    graph = analysis.graph
    edges = [edge for edge in graph.own_edges.values() if edge.site.location == line.location]
    leading = max(edges, key=lambda edge: len(edge.imported))
    return Step(graph.package_of(leading.imported), (leading,), line.saved, graph.start - line.saved)


def _shown(place: Location, analysis: Analysis) -> str:
    return plain(f"{from_here(place.path, analysis.project)}:{place.line}")
