"""`glob`: the paths that are on disk."""

from __future__ import annotations

from importguard.startup.models.folders import matching
from importguard.startup.models.library import Library
from importguard.startup.values.base import UNKNOWN, Invocation, Value, truth
from importguard.startup.values.lists import ListValue


def _glob(call: Invocation) -> Value:
    pattern, deep = call.get(0, "pathname", UNKNOWN), truth(call.keywords.get("recursive", False), call.machine)
    if not isinstance(pattern, str) or call.keywords.keys() - {"recursive"} or deep is None:
        return UNKNOWN
    found = matching(pattern if deep else pattern.replace("**", "*"), call.machine)
    if found is None:
        return UNKNOWN
    made = ListValue([*found])
    made.loose = len(found) > 1
    return made


LIBRARY = Library(functions={"glob": {"glob": _glob, "iglob": _glob}})
