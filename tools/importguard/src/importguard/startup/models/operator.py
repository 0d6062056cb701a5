"""`operator`: functions that read attributes by their names."""

from __future__ import annotations

from importguard.startup.models.library import Library
from importguard.startup.values.base import MISSING, UNKNOWN, Invocation, Value
from importguard.startup.values.natives import Native


def _attribute_getter(call: Invocation) -> Value:
    """`attrgetter("a.b", …)`."""
    paths = [one.split(".") if isinstance(one, str) else [] for one in call.args]
    if not paths or not all(paths):
        return UNKNOWN

    def read(inner: Invocation) -> Value:
        found = tuple(_read(inner.first(), path, inner) for path in paths)
        return found[0] if len(found) == 1 else found

    return Native("attrgetter", read)


def _read(value: Value, path: list[str], call: Invocation) -> Value:
    for name in path:
        value = call.machine.attribute(value, name, call.frame)
        if value is MISSING:
            return call.machine.fail(AttributeError)
    return value


LIBRARY = Library(functions={"operator": {"attrgetter": _attribute_getter}})
