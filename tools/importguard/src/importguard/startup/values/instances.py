"""Objects of analysed classes, with the special methods of the data model."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from importguard.startup.values.base import MISSING, UNKNOWN, Abstract, Invocation, Raised, Value, truth
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.functions import FunctionValue, Method

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.builtin_types import BuiltinType
    from importguard.startup.values.classes import ClassValue
    from importguard.startup.values.frames import Completion, Frame


class Instance(Abstract):
    """An object of an analysed class."""

    __slots__ = ("attributes", "cls", "open")

    def __init__(self, cls: ClassValue) -> None:
        self.cls = cls
        self.attributes: dict[str, Value] = {}
        self.open = cls.open

    def attribute(self, name: str, machine: MachineState, frame: Frame) -> Value:
        """Its own attribute, else what its class gives, else what `__getattr__` answers."""
        if name in self.attributes:
            return self.attributes[name]
        if name == "__class__":
            return self.cls
        if name == "__dict__":
            return DictValue.of_names(self.attributes)
        found = self.cls.read(name, self, machine, frame)
        if found is not MISSING:
            return found
        getter = self.cls.lookup("__getattr__")
        if isinstance(getter, FunctionValue) and not name.startswith("__"):
            return machine.call(getter, [self, name], {}, frame, complete=True)
        if self.open or self.cls.builtin_member(name):
            return UNKNOWN
        return MISSING if name.startswith("__") or self.cls.is_module_type() else UNKNOWN

    def set_attribute(self, name: str, value: Value, machine: MachineState) -> None:  # noqa: ARG002  as its base
        """An attribute of its own."""
        self.attributes[name] = value

    def special(self, name: str, args: list[Value], machine: MachineState, frame: Frame) -> Value:
        """What the special method *name* answers; UNKNOWN where the class has none."""
        method = self.attribute(name, machine, frame)
        return machine.call(method, args, {}, frame, complete=True) if isinstance(method, Method) else UNKNOWN

    def call(self, call: Invocation) -> Value:
        """`__call__`."""
        method = self.attribute("__call__", call.machine, call.frame)
        return method.call(call) if isinstance(method, Method) else UNKNOWN

    def item(self, key: Value, machine: MachineState, frame: Frame) -> Value:
        """`__getitem__`."""
        return self.special("__getitem__", [key], machine, frame)

    def truth(self) -> bool | None:
        """True unless the class may say otherwise."""
        if self.open or self.cls.open:
            return None
        decides = self.cls.lookup("__bool__") is not MISSING or self.cls.lookup("__len__") is not MISSING
        return None if decides else True

    def around(self, block: Callable[[Value], Completion], machine: MachineState, frame: Frame) -> Completion:
        """`__enter__`, the block, `__exit__`."""
        enter, leave = (self.attribute(name, machine, frame) for name in ("__enter__", "__exit__"))
        entered = machine.call(enter, [], {}, frame, complete=True) if isinstance(enter, Method) else UNKNOWN
        try:
            completion = block(entered)
        except Raised as raised:
            if isinstance(leave, Method):
                handled = machine.call(leave, [UNKNOWN, raised.value, UNKNOWN], {}, frame, complete=True)
                if truth(handled) is True:
                    return None
            raise
        if isinstance(leave, Method):
            machine.call(leave, [None, None, None], {}, frame, complete=True)
        return completion

    def bind(self, receiver: Value, cls: ClassValue, machine: MachineState, frame: Frame) -> Value:
        """A descriptor's `__get__` answers for it."""
        getter = self.cls.lookup("__get__")
        if isinstance(getter, FunctionValue):
            return machine.call(getter, [self, receiver, cls], {}, frame, complete=True)
        return self

    def type_of(self) -> Value:
        """Its class."""
        return self.cls

    def is_a(self, builtin: BuiltinType) -> bool | None:
        """By the interpreter's classes among its bases."""
        if builtin.name in self.exception_names():
            return True
        return None if self.open else builtin.name == "object"

    def is_of(self, cls: ClassValue) -> bool | None:
        """By its class."""
        return True if cls in self.cls.mro() else (None if self.open else False)

    def exception_names(self) -> tuple[str, ...]:
        """Those of its class."""
        return self.cls.exception_names()

    def forget(self) -> None:
        """It may have more attributes."""
        self.open = True
