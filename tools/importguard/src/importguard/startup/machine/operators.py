"""Operators between values: arithmetic, comparison, `in`. UNKNOWN or None where it cannot be told."""

from __future__ import annotations

import operator
from collections.abc import Callable

from importguard.startup.machine.state import MAX_ITEMS, MachineState
from importguard.startup.machine.values import (
    MAX_TEXT,
    MISSING,
    UNKNOWN,
    ClassValue,
    DictValue,
    Frame,
    FunctionValue,
    ListValue,
    ModuleValue,
    Native,
    SetValue,
    Value,
    is_constant,
    is_small,
    size_of,
)
from importguard.startup.models.library import SysModules
from importguard.startup.models.methods import fits

_BINARY: dict[str, Callable[[Value, Value], Value]] = {
    "Add": operator.add, "Sub": operator.sub, "Mult": operator.mul, "Div": operator.truediv, "Mod": operator.mod,
    "FloorDiv": operator.floordiv, "BitAnd": operator.and_, "BitOr": operator.or_, "BitXor": operator.xor,
}  # fmt: skip
_COMPARE: dict[str, Callable[[Value, Value], bool]] = {
    "Eq": operator.eq, "NotEq": operator.ne, "Lt": operator.lt, "LtE": operator.le,
    "Gt": operator.gt, "GtE": operator.ge,
}  # fmt: skip


def _repeat(left: Value, right: Value) -> Value:
    """`items * times` either way round; UNKNOWN when that is not what it is."""
    items, times = (right, left) if isinstance(left, int) else (left, right)
    if not isinstance(times, int) or isinstance(items, int):
        return UNKNOWN
    inner = items.items if isinstance(items, ListValue) else items
    times = max(0, min(times, MAX_ITEMS // max(len(inner), 1)))
    return ListValue(inner * times, items.open) if isinstance(items, ListValue) else inner * times


class Operators(MachineState):
    """What operators answer."""

    def evaluate_binary(self, op: str, left: Value, right: Value) -> Value:
        """`left op right` for constants and lists."""
        if isinstance(left, ListValue) and op == "Add":
            found = self.items_of(right)
            items, complete = found if found is not None else ([], False)
            self.spend(len(left.items))
            joined = left.items + items
            return ListValue(joined[:MAX_ITEMS], left.open or not complete or len(joined) > MAX_ITEMS)
        if isinstance(left, DictValue) and isinstance(right, DictValue) and op == "BitOr":
            self.spend(len(left.items) + len(right.items))
            return DictValue({**left.items, **right.items}, left.open or right.open)
        if isinstance(left, SetValue) and op in {"BitOr", "Sub", "BitAnd"} and isinstance(right, SetValue):
            self.spend(len(left.items) + len(right.items))
            keys = _BINARY[op](left.items.keys(), right.items.keys())
            return SetValue(dict.fromkeys(sorted(keys, key=repr)), left.open or right.open)
        if type(left) is tuple and type(right) is tuple and op == "Add":
            self.spend(len(left) + len(right))
            return left + right if len(left) + len(right) <= MAX_ITEMS else UNKNOWN
        if op == "Mod" and isinstance(left, str) and type(right) is tuple and not all(map(is_constant, right)):
            return UNKNOWN
        if op == "Mult" and isinstance(left, ListValue | tuple | int) and isinstance(right, ListValue | tuple | int):
            repeated = _repeat(left, right)
            if repeated is not UNKNOWN:
                return repeated
        if not is_constant(left) or not is_constant(right) or op not in _BINARY:
            return UNKNOWN
        if op == "Mult" and not (isinstance(left, int | float) and isinstance(right, int | float)):
            return UNKNOWN
        if (
            op == "Mod"
            and isinstance(left, str | bytes)
            and not fits(left, right if type(right) is tuple else (right,))
        ):
            return UNKNOWN
        try:
            made = _BINARY[op](left, right)
        except (TypeError, ValueError, ArithmeticError):
            return UNKNOWN
        self.spend(size_of(made))
        return UNKNOWN if not is_small(made) or (isinstance(made, str | bytes) and len(made) > MAX_TEXT) else made

    def _compare_pair(self, left: Value, op: str, right: Value, frame: Frame) -> Value:
        if op in {"Is", "IsNot"}:
            same = self._same(left, right)
            return UNKNOWN if same is None else same is (op == "Is")
        if op in {"In", "NotIn"}:
            inside = self._contains(right, left, frame)
            return UNKNOWN if inside is None else inside is (op == "In")
        if is_constant(left) and is_constant(right):
            try:
                return bool(_COMPARE[op](left, right))
            except TypeError:
                return UNKNOWN
        if left is UNKNOWN or right is UNKNOWN:
            return UNKNOWN
        if op in {"Eq", "NotEq"} and isinstance(left, ClassValue | FunctionValue | ModuleValue):
            return (left is right) is (op == "Eq")
        return UNKNOWN

    @staticmethod
    def _same(left: Value, right: Value) -> bool | None:
        if left is UNKNOWN or right is UNKNOWN:
            return None
        if isinstance(left, bool | None) or isinstance(right, bool | None):
            return left is right
        if is_constant(left) and is_constant(right):
            return bool(left == right) if type(left) is type(right) else False
        return left is right

    def _contains(self, container: Value, item: Value, frame: Frame) -> bool | None:
        if item is UNKNOWN:
            return None
        if isinstance(container, SysModules):
            return container.get(item) is not MISSING if isinstance(item, str) else None
        if isinstance(container, Native) and container.name == "environ":
            return self.variables.contains(item, frame.module.origin, frame.module.name)
        if isinstance(container, str):
            return item in container if isinstance(item, str) else None
        if isinstance(container, DictValue | SetValue):
            if not is_constant(item):
                return None
            return True if item in container.items else (None if container.open else False)
        found = self.items_of(container) if isinstance(container, ListValue | tuple) else None
        if found is None:
            return None
        answers = [
            self._same(one, item) if not is_constant(one) else is_constant(item) and one == item for one in found[0]
        ]
        if True in answers:
            return True
        return None if None in answers or not found[1] else False
