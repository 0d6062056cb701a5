"""Operators between two values: arithmetic, comparison, `in`."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from importguard.startup.machine.state import MachineState
from importguard.startup.values.base import UNKNOWN, Value, is_constant, same
from importguard.startup.values.constants import behaviour

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "Eq": operator.eq, "NotEq": operator.ne, "Lt": operator.lt, "LtE": operator.le,
    "Gt": operator.gt, "GtE": operator.ge,
}  # fmt: skip


def binary(machine: MachineState, op: str, left: Value, right: Value) -> Value:
    """`left op right`; *op* is the name of the class in `ast`."""
    made = behaviour(left).binary(op, right, machine)
    return behaviour(right).reflected(op, left, machine) if made is UNKNOWN else made


def compare(machine: MachineState, left: Value, op: str, right: Value) -> Value:
    """`left op right` for one operator of a chain of comparisons."""
    if op in {"Is", "IsNot"}:
        identical = same(left, right)
        return UNKNOWN if identical is None else identical is (op == "Is")
    if op in {"In", "NotIn"}:
        inside = None if left is UNKNOWN else behaviour(right).contains(left, machine)
        if inside is None and behaviour(right).length(machine) == 0:
            inside = False
        return UNKNOWN if inside is None else inside is (op == "In")
    if is_constant(left) and is_constant(right):
        try:
            return bool(_COMPARE[op](left, right))
        except TypeError:
            return machine.mistake(TypeError)
    answer = behaviour(left).compare(op, right, machine)
    return behaviour(right).reflected(op, left, machine) if answer is UNKNOWN else answer
