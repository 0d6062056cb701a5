"""None, numbers, texts, bytes and tuples: constants stand for themselves, `behaviour` gives what answers for them."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from importguard.startup.values.base import (
    MAX_BITS,
    MAX_ITEMS,
    MAX_TEXT,
    UNKNOWN,
    Abstract,
    Invocation,
    Items,
    Value,
    holds,
    index_of,
    is_constant,
    is_small,
    leaves,
    size_of,
)
from importguard.startup.values.compared import is_among
from importguard.startup.values.natives import Native
from importguard.startup.values.text import TEXT_METHODS, converted, fits, text_method

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.builtin_types import BuiltinType
    from importguard.startup.values.frames import Frame

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "Add": operator.add, "Sub": operator.sub, "Mult": operator.mul, "Div": operator.truediv, "Mod": operator.mod,
    "FloorDiv": operator.floordiv, "BitAnd": operator.and_, "BitOr": operator.or_, "BitXor": operator.xor,
    "RShift": operator.rshift, "LShift": operator.lshift, "Pow": operator.pow,
}  # fmt: skip
_GROWING = frozenset({"Mult", "LShift", "Pow"})


class VersionInfo(tuple[Value, ...]):
    """`sys.version_info`: a tuple with names."""

    __slots__ = ()
    names = ("major", "minor", "micro", "releaselevel", "serial")


class Constant(Abstract):
    """What a constant answers; `host` is the constant itself."""

    __slots__ = ("host",)
    types: ClassVar[dict[str, BuiltinType]] = {}  # the interpreter's, by name

    def __init__(self, host: Any) -> None:
        self.host = host

    def truth(self, _machine: MachineState) -> bool | None:
        """As in Python."""
        return bool(self.host)

    def binary(self, op: str, other: Value, machine: MachineState) -> Value:
        """Arithmetic on two constants; what may grow without bound is not worked out."""
        left: Any = self.host
        right: Any = other
        if op not in _OPERATORS or not is_constant(left) or not is_constant(right):
            return UNKNOWN
        if op in _GROWING and not (isinstance(left, int | float) and isinstance(right, int | float)):
            return UNKNOWN
        if op in {"LShift", "Pow"} and _grows(op, left, right):
            return UNKNOWN
        try:
            made: Value = _OPERATORS[op](left, right)
        except TypeError:
            return machine.mistake(TypeError)
        except (ValueError, ArithmeticError):
            return UNKNOWN
        machine.spend(size_of(made))
        if isinstance(made, complex) or not is_small(made) or (isinstance(made, str | bytes) and len(made) > MAX_TEXT):
            return UNKNOWN
        return made

    def type_of(self) -> Value:
        """The type of the constant."""
        return self.types.get(type(self.host).__name__, UNKNOWN)

    def is_a(self, builtin: BuiltinType) -> bool | None:
        """By the constant's own type."""
        return builtin.name in {base.__name__ for base in type(self.host).__mro__}

    def is_callable(self) -> bool | None:
        """No constant is."""
        return False

    def set_item(self, key: Value, value: Value, machine: MachineState) -> None:  # noqa: ARG002  as its base
        """No constant can be changed."""
        machine.mistake(TypeError)

    def delete_item(self, key: Value, machine: MachineState) -> None:  # noqa: ARG002  as its base
        """No constant can be changed."""
        machine.mistake(TypeError)

    def compare(self, op: str, other: Value, _machine: MachineState) -> Value:
        """A constant is no module, class or function."""
        if op in {"Eq", "NotEq"} and isinstance(other, Abstract) and other.by_identity:
            return op == "NotEq"
        return UNKNOWN


def _grows(op: str, left: float, right: float) -> bool:
    """Whether `left << right` or `left ** right` may be large."""
    if isinstance(left, int) and isinstance(right, int):
        return abs(right) > MAX_BITS or (op == "Pow" and left.bit_length() * abs(right) > MAX_BITS)
    return False


class NumberConstant(Constant):
    """None, a bool, an int or a float."""

    __slots__ = ()

    def binary(self, op: str, other: Value, machine: MachineState) -> Value:
        """`3 * [0]` repeats the list."""
        if op == "Mult" and isinstance(self.host, int):
            repeated = repeat(other, self.host)
            if repeated is not UNKNOWN:
                return repeated
        return super().binary(op, other, machine)


class SequenceConstant(Constant):
    """What texts, bytes and tuples have in common."""

    __slots__ = ()

    def item(self, key: Value, _machine: MachineState, _frame: Frame) -> Value:
        """The item at a place that is known."""
        if type(key) is not int or not -len(self.host) <= key < len(self.host):
            return UNKNOWN
        found: Value = self.host[key]
        return found

    def part(self, bounds: slice) -> Value:
        """The items between the bounds."""
        found: Value = self.host[bounds]
        return found

    def length(self, _machine: MachineState) -> int | None:
        """As in Python."""
        return len(self.host)

    def attribute(self, _name: str, machine: MachineState, _frame: Frame) -> Value:
        """Its methods."""
        machine.spend(self.size() >> 3)
        return UNKNOWN


class BytesConstant(SequenceConstant):
    """Bytes."""

    __slots__ = ()

    def attribute(self, name: str, machine: MachineState, frame: Frame) -> Value:
        """`decode`."""
        super().attribute(name, machine, frame)
        decodes = name == "decode" and isinstance(self.host, bytes)
        return Native(name, lambda call: converted(self.host, call)) if decodes else UNKNOWN

    def size(self) -> int:
        """A few dozen are one item."""
        return len(self.host) >> 5

    def binary(self, op: str, other: Value, machine: MachineState) -> Value:
        """`%` only where the result is sure to be small."""
        if op == "Mod" and isinstance(self.host, str) and isinstance(getattr(other, "items", None), dict):
            return self._of_names(other, machine)
        if op == "Mod" and not fits(self.host, other if type(other) is tuple else (other,)):
            return UNKNOWN
        return super().binary(op, other, machine)

    def _of_names(self, other: Any, machine: MachineState) -> Value:
        """`"%(name)s" % {"name": value}`."""
        names: dict[Any, Any] = {name: one for name, one in other.items.items() if is_constant(one)}
        if other.open or len(names) < len(other.items) or not fits(self.host, tuple(names.values())):
            return UNKNOWN
        try:
            made: str = self.host % names
        except KeyError:
            return machine.mistake(KeyError)
        except (TypeError, ValueError):
            return UNKNOWN
        machine.spend(size_of(made))
        return made if len(made) <= MAX_TEXT else UNKNOWN


class TextConstant(BytesConstant):
    """A str."""

    __slots__ = ()

    def attribute(self, name: str, machine: MachineState, frame: Frame) -> Value:
        """The methods that decide imports."""
        super().attribute(name, machine, frame)
        if name == "encode":
            return Native(name, lambda call: converted(self.host, call))
        return Native(name, text_method(self.host, name)) if name in TEXT_METHODS else UNKNOWN

    def iterate(self, machine: MachineState) -> Items | None:
        """Its characters."""
        machine.spend(len(self.host))
        return list(self.host), True

    def contains(self, item: Value, _machine: MachineState) -> bool | None:
        """Whether it holds a text."""
        return item in self.host if isinstance(item, str) else None


class TupleConstant(SequenceConstant):
    """A tuple; what it holds may be anything."""

    __slots__ = ()

    def attribute(self, name: str, machine: MachineState, frame: Frame) -> Value:
        """Its methods."""
        super().attribute(name, machine, frame)
        return Native(name, self._index) if name == "index" else UNKNOWN

    def _index(self, call: Invocation) -> Value:
        found = index_of(list(self.host), call.first())
        gone = found is UNKNOWN and holds(self.host, call.first()) is False
        return call.machine.mistake(ValueError) if gone else found

    def iterate(self, machine: MachineState) -> Items | None:
        """Its items."""
        machine.spend(len(self.host))
        return list(self.host), True

    def contains(self, item: Value, machine: MachineState) -> bool | None:
        """Whether one of the items is the same or equal."""
        machine.spend(len(self.host))
        return is_among(self.host, item, machine)

    def binary(self, op: str, other: Value, machine: MachineState) -> Value:
        """Tuples are added and repeated."""
        if op == "Add" and type(self.host) is tuple and type(other) is tuple:
            machine.spend(len(self.host) + len(other))
            return self.host + other if len(self.host) + len(other) <= MAX_ITEMS else UNKNOWN
        if op == "Mult" and isinstance(other, int):
            return repeat(self.host, other)
        return super().binary(op, other, machine)

    def is_a(self, builtin: BuiltinType) -> bool | None:
        """A tuple, whatever its own class."""
        return builtin.name in {"tuple", "object"}

    def size(self) -> int:
        """Its items."""
        return len(self.host)


class VersionConstant(TupleConstant):
    """`sys.version_info`."""

    __slots__ = ()

    def attribute(self, name: str, machine: MachineState, _frame: Frame) -> Value:
        """Its items have names."""
        if name in VersionInfo.names:
            found: Value = self.host[VersionInfo.names.index(name)]
            return found
        machine.spend(self.size() >> 3)
        return UNKNOWN

    def is_callable(self) -> bool | None:
        """As any tuple."""
        return False


KINDS: dict[type, type[Constant]] = {
    str: TextConstant,
    bytes: BytesConstant,
    tuple: TupleConstant,
    VersionInfo: VersionConstant,
}


def behaviour(value: Value) -> Abstract:
    """What answers for *value*: itself, unless it is a constant."""
    return value if isinstance(value, Abstract) else KINDS.get(type(value), NumberConstant)(value)


def repeat(value: Value, times: int) -> Value:
    """`value * times` for lists and tuples, cut where it grows too large; UNKNOWN for others."""
    if isinstance(value, tuple):
        return value * max(0, min(times, MAX_ITEMS // max(len(value), 1)))
    return value.repeated(times) if isinstance(value, Abstract) else UNKNOWN


def caught_names(value: Value) -> tuple[str, ...]:
    """The exceptions that `except value` catches; *value* is a class or a tuple of such, nested at will."""
    return tuple(dict.fromkeys(name for item in leaves(value) for name in behaviour(item).exception_names()[:1]))
