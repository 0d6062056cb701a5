"""`random`: numbers within bounds, items of what is given."""

from __future__ import annotations

import math

from importguard.startup.models.library import Library
from importguard.startup.values.base import UNKNOWN, Invocation, Value
from importguard.startup.values.choice import one_of
from importguard.startup.values.numbers import Number

_BELOW_ONE = math.nextafter(1.0, 0.0)


def _random(_call: Invocation) -> Value:
    return Number(0.0, _BELOW_ONE, "float")


def _between(call: Invocation) -> Value:
    """`randint(a, b)`."""
    first, last = (call.args[0], call.args[1]) if len(call.args) == 2 else (UNKNOWN, UNKNOWN)
    known = isinstance(first, int) and isinstance(last, int) and first <= last
    if not known:
        return UNKNOWN
    return first if first == last else Number(first, last)  # type: ignore[arg-type]  # both are ints


def _choice(call: Invocation) -> Value:
    """`choice(items)`: one of them."""
    found = call.machine.items_of(call.first())
    if found is None or not found[0]:
        return UNKNOWN
    return found[0][0] if len(found[0]) == 1 and found[1] else one_of(found[0], more=not found[1])


LIBRARY = Library(functions={"random": {"random": _random, "randint": _between, "choice": _choice}})
