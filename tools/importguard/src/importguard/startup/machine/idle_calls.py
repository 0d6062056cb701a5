"""Functions whose calls import nothing and give nothing that is known, however often: further calls are not followed.

A start runs the same helper for each of hundreds of classes (attrs, registries, tables of facts). What the first calls
did tells what the others do; a function that is cheap to follow is always followed.
"""

from __future__ import annotations

from collections.abc import Sequence

from importguard.startup.values.base import MISSING, UNKNOWN, Abstract, Value

_CALLS = 6  # that a verdict needs
_STEPS = 3_000  # of all of them together
_STEPS_EACH = 100  # on average
_NOTHING, _ANYTHING = -1, -2  # kinds of results; the others are places among the values of the parameters


class _Calls:
    """What the calls of one function have come to. `kinds`: those that every result was of."""

    __slots__ = ("count", "kinds", "steps")

    def __init__(self, kinds: set[int]) -> None:
        self.count = 0
        self.steps = 0
        self.kinds = kinds

    def decided(self) -> bool:
        return bool(self.kinds) and self.count >= _CALLS and self.steps >= max(_STEPS, self.count * _STEPS_EACH)


class IdleCalls:
    """The functions of one start, by the identity of their bodies."""

    def __init__(self) -> None:
        self._functions: dict[int, _Calls] = {}

    def note(self, function: int, values: Sequence[Value], result: Value, steps: int, *, imported: bool) -> None:
        """A call of *function* with the parameters' *values* has taken *steps* and given *result*."""
        kinds = set() if imported else _kinds(values, result)
        calls = self._functions.setdefault(function, _Calls(kinds))
        calls.kinds &= kinds
        calls.count += 1
        calls.steps += steps

    def foretell(self, function: int, values: Sequence[Value]) -> Value:
        """What a call of *function* with *values* gives, without following it; MISSING when it is to be followed.

        What it was given may have changed: it may hold more than is known.
        """
        calls = self._functions.get(function)
        if calls is None or not calls.decided():
            return MISSING
        for value in values:
            if isinstance(value, Abstract):
                value.forget()
        kind = max(calls.kinds)
        if kind < 0:
            return None if kind == _NOTHING else UNKNOWN
        return values[kind] if kind < len(values) else UNKNOWN


def _kinds(values: Sequence[Value], result: Value) -> set[int]:
    if result is None or result is UNKNOWN:
        return {_NOTHING if result is None else _ANYTHING}
    return {place for place, value in enumerate(values) if value is result}
