"""`stevedore`: the entry points that it keeps in a file of its own are those that `importlib.metadata` finds."""

from __future__ import annotations

from importguard.startup.models.importlib import points_of
from importguard.startup.models.library import Library
from importguard.startup.values.base import UNKNOWN, Invocation, Value
from importguard.startup.values.lists import ListValue


def _of_group(call: Invocation) -> Value:
    """`get_group_all(group, path=None)`."""
    group = call.get(0, "group", UNKNOWN)
    if not isinstance(group, str) or call.get(1, "path") is not None:
        return UNKNOWN
    found = points_of(group, call.machine)
    return ListValue([*found.items], found.open)


LIBRARY = Library(functions={"stevedore._cache": {"get_group_all": _of_group}})
