"""`weakref`: what runs when an object goes: that may be at any time."""

from __future__ import annotations

from importguard.startup.machine.branches import perhaps
from importguard.startup.models.library import Library
from importguard.startup.values.base import UNKNOWN, Invocation, Value


def _finalize(call: Invocation) -> Value:
    """`finalize(object, function, …)`."""
    machine, given = call.machine, call.args
    if len(given) > 1:
        perhaps(
            machine, call.frame, lambda: machine.call(given[1], given[2:], call.keywords, call.frame, call.complete)
        )
    return UNKNOWN


LIBRARY = Library(functions={"weakref": {"finalize": _finalize}})
