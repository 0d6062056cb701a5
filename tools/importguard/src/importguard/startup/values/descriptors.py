"""`staticmethod`, `classmethod` and `property` around a function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importguard.startup.values.base import UNKNOWN, Abstract, Invocation, Value
from importguard.startup.values.functions import Method
from importguard.startup.values.natives import Native

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.classes import ClassValue
    from importguard.startup.values.frames import Frame


class Wrapper(Abstract):
    """What the three have in common."""

    __slots__ = ("function",)

    def __init__(self, function: Value) -> None:
        self.function = function

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """The function below it."""
        return self.function if name in {"__func__", "__wrapped__"} else UNKNOWN

    def call(self, call: Invocation) -> Value:
        """The function below it."""
        return self.function.call(call) if isinstance(self.function, Abstract) else UNKNOWN

    def bind_to_super(self, _name: str, receiver: Value) -> Value:
        """A method of the receiver."""
        return Method(self.function, receiver)

    def unwrapped(self) -> Value:
        """The function below it."""
        return self.function

    def is_callable(self) -> bool | None:
        """Only a static method is."""
        return False


class StaticMethod(Wrapper):
    """`@staticmethod`."""

    __slots__ = ()
    type_name = "staticmethod"

    def is_callable(self) -> bool | None:
        """If the function is."""
        return self.function.is_callable() if isinstance(self.function, Abstract) else False

    def bind(self, _receiver: Value, _cls: ClassValue, _machine: MachineState, _frame: Frame) -> Value:
        """The function itself."""
        return self.function

    def bind_to_class(self, _cls: ClassValue) -> Value:
        """The function itself."""
        return self.function

    def bind_to_super(self, _name: str, _receiver: Value) -> Value:
        """The function itself."""
        return self.function


class ClassMethod(Wrapper):
    """`@classmethod`."""

    __slots__ = ()
    type_name = "classmethod"

    def bind(self, _receiver: Value, cls: ClassValue, _machine: MachineState, _frame: Frame) -> Value:
        """A method of the class."""
        return Method(self.function, cls)

    def bind_to_class(self, cls: ClassValue) -> Value:
        """A method of the class."""
        return Method(self.function, cls)


class Property(Wrapper):
    """`@property`."""

    __slots__ = ("deleter", "setter")
    type_name = "property"

    def __init__(self, function: Value, setter: Value = None, deleter: Value = None) -> None:
        super().__init__(function)
        self.setter = setter
        self.deleter = deleter

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """`@x.setter` makes a property that can be set."""
        if name in {"fget", "fset"}:
            return self.function if name == "fget" else self.setter
        if name == "setter":
            return Native(name, lambda call: Property(self.function, call.first(), self.deleter))
        if name == "deleter":
            return Native(name, lambda call: Property(self.function, self.setter, call.first()))
        return Native(name, lambda call: Property(call.first(), self.setter)) if name == "getter" else UNKNOWN

    def bind(self, receiver: Value, _cls: ClassValue, machine: MachineState, frame: Frame) -> Value:
        """What the function returns."""
        return machine.call(self.function, [receiver], {}, frame, complete=True)
