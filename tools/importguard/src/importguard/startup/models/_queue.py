"""`queue`: its exception `Empty` is in C."""

from __future__ import annotations

from importguard.startup.machine.state import MachineState
from importguard.startup.models.library import Library
from importguard.startup.values.builtin_types import BuiltinType
from importguard.startup.values.modules import ModuleValue


def _fill(_machine: MachineState, module: ModuleValue) -> None:
    module.namespace["Empty"] = BuiltinType("Empty", ("Empty", "Exception", "BaseException", "object"))


LIBRARY = Library(fill={"_queue": _fill})
