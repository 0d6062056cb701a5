"""The places of a start that could not be followed: where more may load, why, and what to do about it. Pure."""

from __future__ import annotations

from typing import NamedTuple

from importguard.graph import ModuleGraph
from importguard.source.import_site import Location
from importguard.startup.trace.import_edge import Reach

_LEARN = "importguard verify --learn runs it and keeps what it loads"
_ARGUMENTS = "name the arguments after --, or in `args` of importguard.toml"
_NOT_FOUND = "not found in the target environment"


class Unfollowed(NamedTuple):
    """One place."""

    location: Location
    reason: str
    remedy: str


def unfollowed(graph: ModuleGraph) -> tuple[Unfollowed, ...]:
    """Those of *graph*, by place. An optional module that is not installed is no gap: it does not load.

    Nor is a place in a module that loads later, or in the background: what is unknown there is not of the start.
    """
    trace = graph.trace
    started = {one.path for one in trace.modules if one.reach is Reach.EAGER}
    later = {one.path for one in trace.modules} - started
    found = {
        one.site.location: Unfollowed(one.site.location, _why(one.name, one.reason), _remedy(one.reason))
        for one in trace.unresolved
        if (not one.site.optional or one.name == "?") and one.site.location.path not in later
    }
    for stop in trace.stops:
        if stop.location.path not in later:
            found.setdefault(stop.location, Unfollowed(stop.location, stop.reason, _remedy(stop.reason)))
    return tuple(found[place] for place in sorted(found))


def _why(name: str, reason: str) -> str:
    return f"an import: {reason}" if name == "?" else f"the import of {name}: {reason}"


def _remedy(reason: str) -> str:
    if reason == _NOT_FOUND:
        return "install it there, or pass the application's interpreter: --python PATH"
    return _ARGUMENTS if "after --" in reason else _LEARN
