"""`os`: the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importguard.startup.models.library import Library, same_value
from importguard.startup.values.base import MISSING, UNKNOWN, Abstract, Invocation, Value
from importguard.startup.values.dicts import missing_key
from importguard.startup.values.natives import Native

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Frame
    from importguard.startup.values.modules import ModuleValue


class Environ(Abstract):
    """`os.environ`; `variables` says what is in it."""

    __slots__ = ()

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """Its `get` and `setdefault`."""
        model = {"get": _get, "setdefault": _set_default}.get(name)
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
        machine.variables.set(key, value, certain=not machine.possible)

    def is_of(self, _cls: object) -> bool | None:
        """Not known."""
        return None


def _get(call: Invocation) -> Value:
    module = call.frame.module
    found = call.machine.variables.ask(call.get(0, "key", UNKNOWN), module.origin, module.name)
    return call.get(1, "default") if found is MISSING else found


def _set_default(call: Invocation) -> Value:
    module, name, value = call.frame.module, call.get(0, "key", UNKNOWN), call.get(1, "value")
    found = call.machine.variables.ask(name, module.origin, module.name)
    if found is not MISSING:
        return found
    call.machine.variables.set(name, value, certain=not call.machine.possible)
    return value


def _fill(machine: MachineState, module: ModuleValue) -> None:
    module.namespace["environ"] = Environ()
    module.namespace["name"] = machine.environment.os_name


LIBRARY = Library(functions={"os": {"getenv": _get, "fspath": same_value}}, fill={"os": _fill})
