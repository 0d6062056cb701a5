"""`functools.singledispatch`: which implementation runs, and what registering one reads."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from importguard.startup.machine.annotations import ON_DEMAND
from importguard.startup.machine.branches import branch
from importguard.startup.values.annotate import Texts
from importguard.startup.values.base import UNKNOWN, Invocation, Value
from importguard.startup.values.builtin_types import BuiltinType
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.constants import behaviour
from importguard.startup.values.functions import FunctionValue, Method
from importguard.startup.values.instances import Instance
from importguard.startup.values.natives import Native

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Frame


class Dispatcher(Native):
    """A generic function; for a method the first argument that counts is the second one."""

    __slots__ = ("default", "implementations", "skipped")

    def __init__(self, default: Value, skipped: int = 0) -> None:
        super().__init__("singledispatch", self._run, {"__wrapped__": default})
        self.default = default
        self.skipped = skipped
        self.implementations: list[tuple[Value, Value]] = []  # class and function
        self.attributes["register"] = Native("register", self._register)

    def _register(self, call: Invocation) -> Value:
        """`register(class, function)`, `@register(class)`, or `@register`, which reads the first annotation."""
        first, function = call.first(), call.get(1, "func", None)
        if function is not None:
            return self._add(first, function, call)
        if not isinstance(first, FunctionValue):
            return Native("register", lambda inner: self._add(first, inner.first(), inner))
        for name in ("typing", "annotationlib")[: 1 + (call.machine.environment.version_info[:2] >= ON_DEMAND)]:
            call.machine.import_dynamic(name, call, "functools")
        found = call.machine.annotations_of(first, "`singledispatch`", Texts.READ)
        return self._add(next(iter(found.items.values()), UNKNOWN), first, call)

    def _add(self, cls: Value, function: Value, call: Invocation) -> Value:
        if call.machine.environment.version_info[:2] < ON_DEMAND:  # it asks `typing` whether *cls* is a union
            call.machine.import_dynamic("typing", call, "functools")
        self.implementations.append((cls, function))
        return function

    def _run(self, call: Invocation) -> Value:
        value = call.args[self.skipped] if len(call.args) > self.skipped else UNKNOWN
        chosen, sure = self._chosen(value, call.machine)
        results: list[Value] = []

        def take(function: Value) -> None:
            results.append(call.machine.call(function, call.args, call.keywords, call.frame, call.complete))

        if sure:
            take(chosen[-1])
            return results[0]
        branch(call.machine, call.frame, [partial(take, one) for one in chosen])
        return UNKNOWN

    def _chosen(self, value: Value, machine: MachineState) -> tuple[list[Value], bool]:
        """The implementations that *value* may be for, and whether the last of them surely is the one."""
        found: list[Value] = []
        ordered = sorted(reversed(self.implementations), key=lambda pair: _distance(value, pair[0]))  # noqa: C414  the last one registered wins
        for cls, function in ordered:
            known = isinstance(cls, ClassValue | BuiltinType) and value is not UNKNOWN
            # An abstract class has instances that are no heirs of it.
            answer = machine.invoke(machine.builtins["isinstance"], value, cls) if known else None
            if answer is not False:
                found.append(function)
            if answer is True:
                return found, len(found) == 1
        return [*found, self.default], not found

    def bind(self, receiver: Value, _cls: ClassValue, _machine: MachineState, _frame: Frame) -> Value:
        """A method."""
        return Method(self, receiver) if self.skipped else self


def _distance(value: Value, kind: Value) -> tuple[int, int]:
    """How far *kind* is from the class of *value*: the nearest one is the one.

    Of classes that it does not extend the one with the most bases: `Sequence` comes before `Collection`.
    """
    made = behaviour(value).type_of()
    bases = len(kind.mro()) if isinstance(kind, ClassValue) else 0
    if isinstance(made, BuiltinType) and isinstance(kind, BuiltinType):
        return made.bases.index(kind.name) if kind.name in made.bases else len(made.bases), 0
    order: list[Value] = [*value.cls.mro()] if isinstance(value, Instance) else []
    return next((place for place, one in enumerate(order) if one is kind), len(order)), -bases


def single_dispatch(call: Invocation) -> Value:
    """`@singledispatch`, which itself imports what it needs."""
    if call.machine.environment.version_info[:2] < (3, 14):
        call.machine.import_dynamic("types", call, "functools")
    call.machine.import_dynamic("weakref", call, "functools")
    return Dispatcher(call.first())


def single_dispatch_method(call: Invocation) -> Value:
    """`@singledispatchmethod`."""
    made = single_dispatch(call)
    return Dispatcher(made.default, 1) if isinstance(made, Dispatcher) else made
