"""`os`: the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importguard.startup.models.library import Library, same_value
from importguard.startup.trace.trace import Origin
from importguard.startup.values.base import MISSING, UNKNOWN, Abstract, Invocation, Value
from importguard.startup.values.dicts import DictValue, missing_key
from importguard.startup.values.natives import Model, Native

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Frame
    from importguard.startup.values.modules import ModuleValue


class Environ(Abstract):
    """`os.environ`; `variables` says what is in it."""

    __slots__ = ()

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """Its methods."""
        model = _METHODS.get(name)
        return UNKNOWN if model is None else Native(name, model)

    def item(self, key: Value, machine: MachineState, frame: Frame) -> Value:
        """A KeyError where the variable is not set."""
        found = machine.variables.ask(key, frame.module.origin, frame.module.name)
        return missing_key(machine) if found is MISSING else found

    def contains(self, item: Value, machine: MachineState) -> bool | None:
        """Whether the variable is set."""
        module = machine.frame.module
        return machine.variables.contains(item, module.origin, module.name)

    def set_item(self, key: Value, value: Value, machine: MachineState) -> None:
        """The program sets a variable."""
        _write(machine, key, value)

    def delete_item(self, key: Value, machine: MachineState) -> None:
        """The program removes a variable."""
        _write(machine, key, MISSING)

    def in_place(self, op: str, other: Value, machine: MachineState) -> Value:
        """`os.environ |= {...}`."""
        if op != "BitOr":
            return MISSING
        _write_all(machine, other)
        return self

    def is_of(self, _cls: object) -> bool | None:
        """Not known."""
        return None


def _write(machine: MachineState, name: Value, value: Value) -> None:
    machine.heap.changing(machine.variables)
    machine.variables.set(name, value)


def _write_all(machine: MachineState, source: Value) -> None:
    made = DictValue({})
    made.update(source, machine)
    for name, value in made.items.items():
        _write(machine, name, value)


def _ask(call: Invocation, name: Value) -> Value:
    return call.machine.variables.ask(name, call.frame.module.origin, call.frame.module.name)


def _get(call: Invocation) -> Value:
    found = _ask(call, call.get(0, "key", UNKNOWN))
    return call.get(1, "default") if found is MISSING else found


def _set_default(call: Invocation) -> Value:
    """Who gives a variable a value where it has none takes it to be unset."""
    name, value, module = call.get(0, "key", UNKNOWN), call.get(1, "value"), call.frame.module
    origin = Origin.THIRD_PARTY if module.origin == Origin.FIRST_PARTY else module.origin
    found = call.machine.variables.ask(name, origin, module.name)
    if found is MISSING:
        _write(call.machine, name, value)
    return value if found is MISSING else found


def _pop(call: Invocation) -> Value:
    name = call.get(0, "key", UNKNOWN)
    found = _ask(call, name)
    _write(call.machine, name, MISSING)
    if found is not MISSING:
        return found
    if len(call.args) > 1 or "default" in call.keywords:
        return call.get(1, "default")
    return missing_key(call.machine)


def _update(call: Invocation) -> Value:
    for source in call.args:
        _write_all(call.machine, source)
    for name, value in call.keywords.items():
        _write(call.machine, name, value)
    return None


_METHODS: dict[str, Model] = {"get": _get, "setdefault": _set_default, "pop": _pop, "update": _update}


def _fill(machine: MachineState, module: ModuleValue) -> None:
    module.namespace["environ"] = Environ()
    module.namespace["name"] = machine.environment.os_name


LIBRARY = Library(functions={"os": {"getenv": _get, "fspath": same_value}}, fill={"os": _fill})
