"""`functools.singledispatch`: the function that is registered for the class of the first argument."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from importguard.startup.machine.branches import perhaps
from importguard.startup.values.base import UNKNOWN, Abstract, Invocation, Value
from importguard.startup.values.builtin_types import BuiltinType
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.constants import behaviour
from importguard.startup.values.functions import FunctionValue, Method
from importguard.startup.values.instances import Instance
from importguard.startup.values.natives import Native

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Frame


class SingleDispatch(Abstract):
    """A generic function. `skipped`: how many arguments stand before the one that decides."""

    __slots__ = ("function", "registered", "skipped")

    def __init__(self, function: Value, skipped: int = 0) -> None:
        self.function = function
        self.registered: list[tuple[Value, Value]] = []
        self.skipped = skipped

    def call(self, call: Invocation) -> Value:
        """The one for the class of the argument; those that may be it where that is not known."""
        value = call.args[self.skipped] if len(call.args) > self.skipped else UNKNOWN
        order = sorted(self.registered, key=lambda pair: _distance(value, pair[0]))
        answers = [(behaviour(kind).has_instance(value), function) for kind, function in order]
        for known, function in answers:
            if known:
                return self._run(function, call)
            if known is None:
                perhaps(call.machine, call.machine.frame, partial(self._run, function, call))
        return self._run(self.function, call)

    @staticmethod
    def _run(function: Value, call: Invocation) -> Value:
        return call.machine.call(function, call.args, call.keywords, call.frame, call.complete)

    def attribute(self, name: str, machine: MachineState, frame: Frame) -> Value:
        """`register`, `dispatch`, what the function below has."""
        if name == "register":
            return Native(name, self._register)
        return UNKNOWN if name in {"dispatch", "registry"} else machine.attribute(self.function, name, frame)

    def _register(self, call: Invocation) -> Value:
        """`register(cls)`, `register(cls, function)`, `register(function)` with an annotation."""
        if len(call.args) > 1:
            self.registered.insert(0, (call.args[0], call.args[1]))
            return call.args[1]
        if isinstance(call.first(), FunctionValue):
            self.registered.insert(0, (UNKNOWN, call.first()))
            return call.first()

        def decorate(inner: Invocation) -> Value:
            self.registered.insert(0, (call.first(), inner.first()))
            return inner.first()

        return Native("decorator", decorate)

    def bind(self, receiver: Value, _cls: ClassValue, _machine: MachineState, _frame: Frame) -> Value:
        """A method."""
        return Method(self, receiver)

    def is_callable(self) -> bool | None:
        """It is."""
        return True


def _distance(value: Value, kind: Value) -> int:
    """How far *kind* is from the class of *value*: the nearest one is asked first."""
    names: list[object] = []
    if isinstance(value, Instance):
        names = [*value.cls.mro()]
    made = behaviour(value).type_of()
    if isinstance(made, BuiltinType) and isinstance(kind, BuiltinType):
        return made.bases.index(kind.name) if kind.name in made.bases else len(made.bases)
    return names.index(kind) if kind in names else len(names)


def single_dispatch(call: Invocation) -> Value:
    """`@singledispatch`."""
    return SingleDispatch(call.first())


def single_dispatch_method(call: Invocation) -> Value:
    """`@singledispatchmethod`."""
    return SingleDispatch(call.first(), skipped=1)
