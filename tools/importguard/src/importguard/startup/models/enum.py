"""`enum`: the members of enums."""

from __future__ import annotations

from importguard.startup.machine.state import MachineState
from importguard.startup.models.library import Library, same_value
from importguard.startup.values.base import Invocation, Value
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.enums import Auto, EnumKind
from importguard.startup.values.modules import ModuleValue


def _global_enum(call: Invocation) -> Value:
    """`@enum.global_enum` writes the members into the module."""
    call.frame.module.open = True
    return call.first()


def _auto(_call: Invocation) -> Value:
    return Auto()


def _fill(_machine: MachineState, module: ModuleValue) -> None:
    for name in ("Enum", "IntEnum", "StrEnum", "ReprEnum", "Flag", "IntFlag"):
        cls = module.namespace.get(name)
        if isinstance(cls, ClassValue):
            cls.kind = EnumKind({}, True)


LIBRARY = Library(
    functions={"enum": {"global_enum": _global_enum, "auto": _auto, "unique": same_value}}, fill={"enum": _fill}
)
