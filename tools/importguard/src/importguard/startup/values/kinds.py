"""What classes of some libraries do beyond the data model: an enum's members, the fields of a named tuple."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importguard.startup.values.base import MISSING, Invocation, Items, Value
from importguard.startup.values.functions import Method
from importguard.startup.values.natives import Native

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.classes import ClassValue
    from importguard.startup.values.frames import Frame


class Kind:
    """A class has the kind of its first base that has one. Each answer is MISSING where the data model answers."""

    def created(self, cls: ClassValue, machine: MachineState, keywords: dict[str, Value]) -> Kind:  # noqa: ARG002
        """The class statement of *cls*, below the class of this kind, has run: the kind of *cls*."""
        return self

    def call(self, cls: ClassValue, call: Invocation) -> Value:  # noqa: ARG002
        """`cls(...)`."""
        return MISSING

    def attribute(self, name: str) -> Value:  # noqa: ARG002
        """`cls.name`."""
        return MISSING

    def item(self, key: Value) -> Value:  # noqa: ARG002
        """`cls[key]`."""
        return MISSING

    def iterate(self) -> Items | None:
        """What iterating over the class gives."""
        return None

    def has_instance(self, cls: ClassValue, value: Value, machine: MachineState) -> Value:  # noqa: ARG002
        """`isinstance(value, cls)`: UNKNOWN where nobody knows."""
        return MISSING

    def contains(self, item: Value) -> bool | None:  # noqa: ARG002
        """`item in cls`."""
        return None


class GeneratedMethod(Native):
    """A method that a library writes into a class: its model gets the object first."""

    __slots__ = ()

    def bind(self, receiver: Value, _cls: ClassValue, _machine: MachineState, _frame: Frame) -> Value:
        """A method of the object."""
        return Method(self, receiver)

    def bind_to_super(self, _name: str, receiver: Value) -> Value:
        """A method of the object."""
        return Method(self, receiver)
