"""`pkgutil`: packages spread over several folders."""

from __future__ import annotations

import os

from importguard.startup.models.library import Library
from importguard.startup.values.base import UNKNOWN, Invocation, Value
from importguard.startup.values.lists import ListValue


def _extend_path(call: Invocation) -> Value:
    """Every directory on the search path that has the package's folder."""
    path, name = call.get(0, "path", UNKNOWN), call.get(1, "name", UNKNOWN)
    if not isinstance(path, ListValue) or not isinstance(name, str):
        return path
    relative, finder = name.replace(".", os.sep), call.machine.finder
    known = {one for one in path.items if isinstance(one, str)}
    extra = [os.path.join(root, relative) for root in finder.path]
    return ListValue(path.items + [one for one in extra if one not in known and finder.is_directory(one)])


LIBRARY = Library(functions={"pkgutil": {"extend_path": _extend_path}})
