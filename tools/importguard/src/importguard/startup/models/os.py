"""`os`: the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importguard.startup.models.library import Library, same_value
from importguard.startup.values.base import UNKNOWN, Abstract, Invocation, Value
from importguard.startup.values.dicts import missing_key
from importguard.startup.values.natives import Native

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Frame
    from importguard.startup.values.modules import ModuleValue

# Variables that a session of a POSIX system and of Windows always has, and those that it may have.
SET_VARIABLES = (frozenset({"HOME", "PATH"}), frozenset({"USERPROFILE", "PATH", "SYSTEMROOT", "TEMP", "APPDATA"}))
UNSURE_VARIABLES = frozenset({"LANG", "USER", "TMPDIR", "PWD", "SHELL", "TERM", "DISPLAY", "USERNAME"})


class Environ(Abstract):
    """`os.environ`. We assume that a variable which the application reads is not set, as in a fresh environment."""

    __slots__ = ()

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """Its `get`."""
        return Native("get", _get) if name == "get" else UNKNOWN

    def item(self, key: Value, machine: MachineState, _frame: Frame) -> Value:
        """A KeyError where the variable is not set."""
        return missing_key(machine) if self.contains(key, machine) is False else UNKNOWN

    def contains(self, item: Value, machine: MachineState) -> bool | None:
        """Whether the variable is set."""
        if item in SET_VARIABLES[machine.environment.os_name == "nt"]:
            return True
        return False if isinstance(item, str) and item not in UNSURE_VARIABLES else None

    def is_of(self, _cls: object) -> bool | None:
        """Not known."""
        return None


def _get(call: Invocation) -> Value:
    name = call.get(0, "key", UNKNOWN)
    if name in UNSURE_VARIABLES or any(name in always for always in SET_VARIABLES):
        return UNKNOWN
    return call.get(1, "default") if isinstance(name, str) else UNKNOWN


def _fill(machine: MachineState, module: ModuleValue) -> None:
    module.namespace["environ"] = Environ()
    module.namespace["name"] = machine.environment.os_name


LIBRARY = Library(functions={"os": {"getenv": _get, "fspath": same_value}}, fill={"os": _fill})
