"""Numbers of which only the bounds are known: the clock, an address, a length, a random number."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from importguard.startup.values.base import UNKNOWN, Abstract, Value

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.builtin_types import BuiltinType

_MIRRORED = {"Lt": "Gt", "LtE": "GtE", "Gt": "Lt", "GtE": "LtE", "Eq": "Eq", "NotEq": "NotEq"}


class Number(Abstract):
    """A number from `low` to `high`, both included."""

    __slots__ = ("high", "low", "type_name")

    def __init__(self, low: float, high: float = math.inf, kind: str = "int") -> None:
        self.low = low
        self.high = high
        self.type_name = kind

    def truth(self, _machine: MachineState) -> bool | None:
        """True where it cannot be 0."""
        return True if self.low > 0 or self.high < 0 else None

    def compare(self, op: str, other: Value, _machine: MachineState) -> Value:
        """What holds of every number between the bounds."""
        theirs = _bounds(other)
        if theirs is None:
            return UNKNOWN
        low, high = theirs
        below, above = self.high < low, self.low > high
        if op in {"Eq", "NotEq"}:
            return (op == "NotEq") if below or above else UNKNOWN
        sure = {
            "Lt": (below, self.low >= high),
            "LtE": (self.high <= low, above),
            "Gt": (above, self.high <= low),
            "GtE": (self.low >= high, below),
        }[op]
        return True if sure[0] else (False if sure[1] else UNKNOWN)

    def binary(self, op: str, other: Value, _machine: MachineState) -> Value:
        """Sums, differences and products."""
        return _worked_out(op, self, other)

    def reflected(self, op: str, left: Value, machine: MachineState) -> Value:
        """The other way round."""
        if op in _MIRRORED:
            return self.compare(_MIRRORED[op], left, machine)
        return _worked_out(op, left, self)

    def unary(self, op: str, _machine: MachineState) -> Value:
        """`-self`."""
        if op == "USub":
            return Number(-self.high, -self.low, self.type_name or "int")
        return self if op == "UAdd" else UNKNOWN

    def whole(self) -> Number:
        """`int(self)`."""
        low, high = (math.trunc(one) if math.isfinite(one) else one for one in (self.low, self.high))
        return Number(low, high)

    def is_a(self, builtin: BuiltinType) -> bool | None:
        """An int or a float."""
        return builtin.name in {self.type_name, "object"}

    def is_callable(self) -> bool | None:
        """No number is."""
        return False


def _bounds(value: Value) -> tuple[float, float] | None:
    if isinstance(value, Number):
        return value.low, value.high
    return (value, value) if isinstance(value, int | float) and value == value else None  # noqa: PLR0124  no NaN


def _worked_out(op: str, left: Value, right: Value) -> Value:
    first, second = _bounds(left), _bounds(right)
    if first is None or second is None or op not in {"Add", "Sub", "Mult"}:
        return UNKNOWN
    if op == "Add":
        ends = [first[0] + second[0], first[1] + second[1]]
    elif op == "Sub":
        ends = [first[0] - second[1], first[1] - second[0]]
    else:
        ends = [one * other for one in first for other in second]
    kinds = {one.type_name if isinstance(one, Number) else type(one).__name__ for one in (left, right)}
    if any(math.isnan(end) for end in ends):
        return UNKNOWN
    return Number(min(ends), max(ends), "float" if "float" in kinds else "int")
