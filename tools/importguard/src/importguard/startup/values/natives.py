"""Functions of the interpreter and of libraries that have a model."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from importguard.startup.values.base import UNKNOWN, Abstract, Invocation, Value, size_of

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.classes import ClassValue
    from importguard.startup.values.frames import Frame

Model: TypeAlias = Callable[[Invocation], Value]


class Native(Abstract):
    """A function that has a model: *model* gets an Invocation and answers UNKNOWN when it cannot tell."""

    __slots__ = ("attributes", "model", "name")

    def __init__(self, name: str, model: Model, attributes: dict[str, Value] | None = None) -> None:
        self.name = name
        self.model = model
        self.attributes = attributes or {}

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """What is known of it."""
        return self.attributes.get(name, UNKNOWN)

    def set_attribute(self, name: str, value: Value, machine: MachineState) -> None:  # noqa: ARG002  as its base
        """Beside what is known of it."""
        self.attributes[name] = value

    def call(self, call: Invocation) -> Value:
        """What the model answers."""
        made = self.model(call)
        call.machine.spend(size_of(made))
        return made

    def is_of(self, _cls: ClassValue) -> bool | None:
        """Either."""
        return None

    def is_callable(self) -> bool | None:
        """It is."""
        return True

    def __repr__(self) -> str:
        return f"<native {self.name}>"


class _NotImplemented(Abstract):
    """`NotImplemented`: what a special method returns that leaves the answer to others."""

    __slots__ = ()
    by_identity = True

    def is_callable(self) -> bool | None:
        """It is not."""
        return False


NOT_IMPLEMENTED = _NotImplemented()


class Namespace(Abstract):
    """An object of the interpreter's with attributes that are known, such as `sys.implementation`."""

    __slots__ = ("attributes",)

    def __init__(self, attributes: dict[str, Value]) -> None:
        self.attributes = attributes

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """What is known of it."""
        return self.attributes.get(name, UNKNOWN)

    def set_attribute(self, name: str, value: Value, machine: MachineState) -> None:  # noqa: ARG002  as its base
        """Beside what is known of it."""
        self.attributes[name] = value

    def is_of(self, _cls: ClassValue) -> bool | None:
        """Either."""
        return None
