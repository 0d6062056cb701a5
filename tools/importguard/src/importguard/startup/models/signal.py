"""`signal`: handlers run when a signal comes, not when they are set."""

from __future__ import annotations

from importguard.startup.models.library import Library
from importguard.startup.values.base import UNKNOWN, Invocation, Value
from importguard.startup.values.lists import ListValue

_HANDLERS = "<handlers>"  # no name that a program can write


def _set(call: Invocation) -> Value:
    module = call.machine.modules.get("signal")
    held = ListValue([]) if module is None else module.namespace.setdefault(_HANDLERS, ListValue([]))
    if isinstance(held, ListValue):
        call.machine.heap.changing(held)
        held.items.append(call.get(1, "handler", UNKNOWN))
    return UNKNOWN


def _raise(call: Invocation) -> Value:
    """`raise_signal(number)`: which of the handlers is set for it is not known."""
    module = call.machine.modules.get("signal")
    held = module.namespace.get(_HANDLERS) if module is not None else None
    for handler in held.items if isinstance(held, ListValue) else ():
        call.machine.may_call(handler)
    return None


LIBRARY = Library(functions={"signal": {"signal": _set, "raise_signal": _raise}})
