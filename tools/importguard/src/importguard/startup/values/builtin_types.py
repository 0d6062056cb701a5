"""Classes that the interpreter provides."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from importguard.startup.values.base import MISSING, UNKNOWN, Abstract, Invocation, Value, size_of
from importguard.startup.values.constants import Constant, behaviour
from importguard.startup.values.exceptions import make_exception

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.classes import ClassValue
    from importguard.startup.values.frames import Frame
    from importguard.startup.values.natives import Model


class BuiltinType(Abstract):
    """A class of the interpreter's: `bases` are its own and its bases' names, most derived first.

    `members` are the attributes it has; None when they are not known. *make* is the model of a call.
    """

    __slots__ = ("attributes", "bases", "heir", "make", "members", "name")
    type_name = "type"
    by_identity = True

    def __init__(
        self, name: str, bases: tuple[str, ...], make: Model | None = None, members: frozenset[str] | None = None
    ) -> None:
        self.name = name
        self.bases = bases
        self.make = make
        self.members = members
        self.attributes: dict[str, Value] = {}  # those of which more than the name is known
        # What makes an object of a class of the program's below it, where it makes constants; MISSING: it cannot.
        self.heir: Callable[[ClassValue, Invocation], Value] | None = None

    def call(self, call: Invocation) -> Value:
        """An object of it."""
        if self.make is None:
            return make_exception(self, call) if "BaseException" in self.bases else UNKNOWN
        made = self.make(call)
        call.machine.spend(size_of(made))
        return made

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """Its name, or what else is known of it."""
        return self.name if name == "__name__" else self.attributes.get(name, UNKNOWN)

    def has_instance(self, value: Value) -> bool | None:
        """By the value's own type."""
        return behaviour(value).is_a(self)

    def has_subclass(self, cls: ClassValue | BuiltinType) -> bool | None:
        """By the bases of *cls*."""
        return cls.is_below(self)

    def is_below(self, builtin: BuiltinType) -> bool | None:
        """Whether *builtin* is one of its bases, or itself."""
        return builtin.name in self.bases

    def is_callable(self) -> bool | None:
        """It is."""
        return True

    def type_of(self) -> Value:
        """`type`."""
        return PLAIN_TYPES["type"]

    def binary(self, op: str, other: Value, _machine: MachineState) -> Value:
        """`int | None`."""
        return Union((self, other)) if op == "BitOr" else UNKNOWN

    def exception_names(self) -> tuple[str, ...]:
        """Its own and its bases'."""
        return self.bases

    def __repr__(self) -> str:
        return f"<type {self.name}>"


class Union(Abstract):
    """`int | str`: one of `parts`."""

    __slots__ = ("parts",)

    def __init__(self, parts: tuple[Value, ...]) -> None:
        self.parts = parts

    def has_instance(self, value: Value) -> bool | None:
        """Whether *value* is of one of them."""
        answers = [value is None if part is None else behaviour(part).has_instance(value) for part in self.parts]
        return True if True in answers else (None if None in answers else False)

    def binary(self, op: str, other: Value, _machine: MachineState) -> Value:
        """One more."""
        return Union((*self.parts, other)) if op == "BitOr" else UNKNOWN


_PLAIN: tuple[type, ...] = (
    type,
    str,
    int,
    bool,
    float,
    bytes,
    complex,
    bytearray,
    tuple,
    list,
    dict,
    set,
    frozenset,
    type(None),
)
PLAIN_TYPES = {
    kind.__name__: BuiltinType(
        kind.__name__, tuple(base.__name__ for base in inspect.getmro(kind)), None, frozenset(dir(kind))
    )
    for kind in _PLAIN
}
Constant.types = PLAIN_TYPES
OBJECT = BuiltinType("object", ("object",), None, frozenset(dir(object)))


class Plain(Abstract):
    """What `object()` makes: nothing but itself."""

    __slots__ = ()
    type_name = "object"
    by_identity = True

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """What every object has."""
        return UNKNOWN if name in (OBJECT.members or ()) else MISSING

    def type_of(self) -> Value:
        """`object`."""
        return OBJECT

    def is_callable(self) -> bool | None:
        """It is not."""
        return False


OBJECT.make = lambda _: Plain()
MODULE_TYPE = BuiltinType("module", ("module", "object"), None, frozenset(dir(type(sys))))
FUNCTION_TYPE = BuiltinType("function", ("function", "object"))
METHOD_TYPE = BuiltinType("method", ("method", "object"))
