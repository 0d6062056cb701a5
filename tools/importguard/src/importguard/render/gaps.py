"""The places that could not be followed, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from importguard.analysis import Analysis
from importguard.printable import inert_json, plain
from importguard.project.repository import from_here
from importguard.unfollowed import unfollowed

SCHEMA = 1


def gap_lines(analyses: Sequence[Analysis]) -> Iterator[str]:
    """`app.py:4: an import: the name is computed at run time; …`, start after start."""
    for one in analyses:
        places = unfollowed(one.graph)
        count = len(places)
        yield f"{plain(one.name)}: {count:,} place{'s' * (count != 1)} could not be followed"
        for place in places:
            where = f"{plain(from_here(place.location.path, one.project))}:{place.location.line}"
            yield f"  {where}: {plain(place.reason)}; {plain(place.remedy)}"


def render_gaps(analyses: Sequence[Analysis]) -> str:
    """`schema, entries`: of each start, by its name, the places with `path, line, reason, remedy`."""
    entries = {
        one.name: [
            {"path": gap.location.path, "line": gap.location.line, "reason": gap.reason, "remedy": gap.remedy}
            for gap in unfollowed(one.graph)
        ]
        for one in analyses
    }
    return inert_json(json.dumps({"schema": SCHEMA, "entries": entries}, indent=2))
