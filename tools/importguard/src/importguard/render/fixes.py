"""What `fix` does or would do, for people: the steps, what stays and why, and the diff."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator

from importguard.fix.proposal import Edit, Made, Proposal, Refusal
from importguard.printable import counted, inert_json, plain
from importguard.project.repository import from_here
from importguard.project.start import Project
from importguard.source.import_site import Location

_INTO = {
    "function": "moves into {}",
    "types": "is for type checkers alone",
    "warmed": "is left to the warmup; it is asked for in {}",
    "lazy": "becomes lazy",
    "lazy-modules": "is listed in __lazy_modules__",
}


SCHEMA = 1


def render_fixes(proposal: Proposal, *, applied: bool) -> str:
    """JSON: `schema, entry, applied, steps, refused, files, modules, saved, perhaps, unsure, saves_us`."""
    graph, project = proposal.analysis.graph, proposal.analysis.project
    steps = [
        {
            "step": one.step,
            "subject": one.subject,
            "modules": len(one.saved),
            "saves_us": graph.cost_us(one.saved),
            "statements": [_place(place, project) for place in one.statements],
            "stays": [
                {"statement": _place(left.location, project), "at": _place(left.at, project), "reason": left.reason}
                for left in one.stays
            ],
            "planned_modules": one.modules,
        }
        for one in proposal.made
    ]
    refused = [
        {
            "step": one.step,
            "subject": one.subject,
            "modules": one.modules,
            "statement": _place(one.location, project),
            "at": _place(one.at, project),
            "reason": one.reason,
        }
        for one in proposal.refusals
    ]
    document = {
        "schema": SCHEMA,
        "entry": proposal.analysis.name,
        "applied": applied and bool(proposal.edits),
        "steps": steps,
        "refused": refused,
        "files": [from_here(edit.original.path, project) for edit in proposal.edits],
        "modules": len(graph.start),
        "saved": sorted(proposal.saved),
        "perhaps": sorted(proposal.perhaps),
        "unsure": sorted(proposal.unsure),
        "saves_us": proposal.saved_us,
    }
    return inert_json(json.dumps(document, indent=2))


def _place(place: Location, project: Project) -> dict[str, object]:
    return {"path": from_here(place.path, project), "line": place.line}


def fixed(proposal: Proposal, *, diff: bool) -> str:
    """The text; with the *diff* where nothing is written."""
    project = proposal.analysis.project
    if not proposal.made and not proposal.refusals:
        return f"Nothing to do: the plan of {plain(proposal.analysis.name)} has no cut to make."
    lines = [line for made in proposal.made for line in _made(proposal, made, project)]
    lines += [line for refusal in proposal.refusals for line in _refused(refusal, project)]
    lines.append(_total(proposal, diff))
    if diff and proposal.edits:
        lines += ["", *_differences(proposal.edits, project)]
    return "\n".join(lines)


def _made(proposal: Proposal, made: Made, project: Project) -> Iterator[str]:
    graph = proposal.analysis.graph
    saving = f"{counted(len(made.saved), 'module')}, {graph.cost_us(made.saved) / 1000:,.0f} ms"
    part = f", in part: the plan says {made.modules:,}" if made.stays else ""
    yield f"Step {made.step}: {plain(made.subject)} ({saving}{part})"
    for place in made.statements:
        yield f"  {_at(place, project)} {_into(proposal.edits, place)}"
    for left in made.stays:
        yield _stays(left.location, left.at, left.reason, project)


def _into(edits: Iterable[Edit], place: Location) -> str:
    for edit in edits:
        for move in edit.moves:
            if (edit.original.path, move.line) == (place.path, place.line):
                count = len(move.functions)
                users = "the function that uses it" if count == 1 else f"the {count} functions that use it"
                if not move.given:
                    return _INTO[move.form].format(users)
                return _INTO[move.form].format(
                    f"{users}, and __getattr__" if count else "__getattr__, for other modules"
                )
    return "is changed"


def _refused(refusal: Refusal, project: Project) -> Iterator[str]:
    yield f"Step {refusal.step}: {plain(refusal.subject)} is refused"
    yield _stays(refusal.location, refusal.at, refusal.reason, project)


def _stays(location: Location, at: Location, reason: str, project: Project) -> str:
    where = "" if at == location else f" ({_at(at, project)})"
    return f"  {_at(location, project)} stays: {plain(reason)}{where}"


def _at(place: Location, project: Project) -> str:
    return plain(f"{from_here(place.path, project)}:{place.line}")


def _total(proposal: Proposal, diff: bool) -> str:
    graph = proposal.analysis.graph
    share = f"{len(proposal.saved):,} of {len(graph.start):,} modules and {proposal.saved_us / 1000:,.0f} ms"
    parts = sum(bool(one.stays) for one in proposal.made)
    stays = f" {parts} of the steps {'is' if parts == 1 else 'are'} made in part." if parts else ""
    refused = len(proposal.refusals)
    stays += f" {refused} of the steps {'is' if refused == 1 else 'are'} refused." if refused else ""
    if not proposal.edits:
        return f"Nothing is changed.{stays}"
    if proposal.unsure:
        count = counted(len(proposal.unsure), "module")
        stays = f" {count} of these may not have been loaded before: that hangs on a condition nobody can know.{stays}"
    if proposal.perhaps:
        stays = f" {counted(len(proposal.perhaps), 'module')} of these may be loaded under a condition.{stays}"
    files = counted(len(proposal.edits), "file")
    note = " Nothing is written: --apply does that." if diff else ""
    return f"Saved by changes in {files}: {share}.{stays}{note}"


def _differences(edits: Iterable[Edit], project: Project) -> Iterator[str]:
    for edit in edits:
        name = from_here(edit.original.path, project)
        before, after = edit.original.text.split("\n"), edit.text.split("\n")
        for line in difflib.unified_diff(before, after, f"a/{name}", f"b/{name}", lineterm=""):
            yield "\t".join(map(plain, line.split("\t")))
