"""`contextvars`: variables with a default, on the thread that starts the program."""

from __future__ import annotations

from typing import TypeAlias

from importguard.startup.machine.state import MachineState
from importguard.startup.models.library import Library
from importguard.startup.values.base import MISSING, UNKNOWN, Abstract, Invocation, Value
from importguard.startup.values.dicts import DictState, DictValue
from importguard.startup.values.frames import Frame
from importguard.startup.values.natives import Model, Native

_VALUE = "value"


class Token(Abstract):
    """What `set` gives: the value *before*."""

    __slots__ = ("before", "open", "variable")

    def __init__(self, variable: Variable, before: Value, opened: bool) -> None:
        self.variable, self.before, self.open = variable, before, opened

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """`old_value`, `var`."""
        if name == "var":
            return self.variable
        return self.before if name == "old_value" and self.before is not MISSING else UNKNOWN


class Context(Abstract):
    """A copy of the context, in which functions run: what they set is set there."""

    __slots__ = ("held",)

    def __init__(self, held: States) -> None:
        self.held = held

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """`run`, `get`, `copy`."""
        methods = {"run": self._run, "get": self._get, "copy": lambda _: Context(dict(self.held))}
        return Native(name, methods[name]) if name in methods else UNKNOWN

    def item(self, key: Value, machine: MachineState, _frame: Frame) -> Value:
        """`context[variable]`."""
        return self._value(key, machine)

    def _get(self, call: Invocation) -> Value:
        return self._value(call.first(), call.machine)

    def _value(self, key: Value, _machine: MachineState) -> Value:
        state = self.held.get(key) if isinstance(key, Variable) else None
        return UNKNOWN if state is None else state[0].get(_VALUE, UNKNOWN)

    def _run(self, call: Invocation) -> Value:
        """What the function sets stays in this context; in doubt nobody knows."""
        machine = call.machine
        before = _states(machine)
        _enter(self.held, machine)
        try:
            return machine.call(call.first(), call.args[1:], call.keywords, call.frame, call.complete)
        finally:
            after = _states(machine)
            self.held = {one: (dict(state[0]), True) if machine.possible else state for one, state in after.items()}
            _enter(before, machine)


def _states(machine: MachineState) -> States:
    """What each variable holds now."""
    return {variable: variable.held.snapshot() for variable in machine.context_variables}


def _enter(states: States, machine: MachineState) -> None:
    """Each variable holds what *states* says."""
    for variable, state in states.items():
        machine.heap.changing(variable.held)
        variable.held.restore(state)


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
        methods = {"get": self._get, "set": self._set, "reset": self._reset}
        return Native(name, methods[name]) if name in methods else UNKNOWN

    def _get(self, call: Invocation) -> Value:
        found = self.held.items.get(_VALUE, MISSING)
        if found is not MISSING:
            return found
        return call.args[0] if call.args and not self.held.open else UNKNOWN

    def _set(self, call: Invocation) -> Value:
        before = Token(self, self.held.items.get(_VALUE, MISSING), self.held.open)
        self.held.set_item(_VALUE, call.first(), call.machine)
        return before

    def _reset(self, call: Invocation) -> Value:
        token = call.first()
        if isinstance(token, Token) and token.variable is self and not token.open:
            call.machine.heap.changing(self.held)
            self.held.items.clear()
            if token.before is not MISSING:
                self.held.items[_VALUE] = token.before
        else:
            self.held.lose()
        return None

    def forget(self) -> None:
        """Somebody may have set it."""
        self.held.lose()


def _variable(call: Invocation) -> Value:
    made = Variable(call.get(0, "name", UNKNOWN), call.keywords.get("default", MISSING))
    call.machine.context_variables.append(made)
    return made


States: TypeAlias = dict[Variable, DictState]  # of each variable
_MODELS: dict[str, Model] = {
    "ContextVar": _variable,
    "copy_context": lambda call: Context(_states(call.machine)),
    "Context": lambda call: Context({one: ({}, True) for one in _states(call.machine)}),
}
LIBRARY = Library(functions={"contextvars": _MODELS, "_contextvars": _MODELS})
