"""`contextvars`: variables with a default, on the thread that starts the program."""

from __future__ import annotations

from importguard.startup.machine.state import MachineState
from importguard.startup.models.library import Library
from importguard.startup.values.base import MISSING, UNKNOWN, Abstract, Invocation, Value
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.frames import Frame
from importguard.startup.values.natives import Native

_VALUE = "value"


class Variable(Abstract):
    """A ContextVar."""

    __slots__ = ("held", "name")

    def __init__(self, name: Value, default: Value) -> None:
        self.name = name
        self.held = DictValue({} if default is MISSING else {_VALUE: default})

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """`get`, `set`, `name`."""
        if name == "name":
            return self.name
        methods = {"get": self._get, "set": self._set}
        return Native(name, methods[name]) if name in methods else UNKNOWN

    def _get(self, call: Invocation) -> Value:
        found = self.held.items.get(_VALUE, MISSING)
        if found is not MISSING:
            return found
        return call.args[0] if call.args and not self.held.open else UNKNOWN

    def _set(self, call: Invocation) -> Value:
        self.held.set_item(_VALUE, call.first(), call.machine)
        return UNKNOWN

    def forget(self) -> None:
        """Somebody may have set it."""
        self.held.lose()


def _variable(call: Invocation) -> Value:
    return Variable(call.get(0, "name", UNKNOWN), call.keywords.get("default", MISSING))


_MODELS = {"ContextVar": _variable}
LIBRARY = Library(functions={"contextvars": _MODELS, "_contextvars": _MODELS})
