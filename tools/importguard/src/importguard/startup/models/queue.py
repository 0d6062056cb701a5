"""`queue`: of the queue that is in C there is one in Python, too."""

from __future__ import annotations

from importguard.startup.machine.state import MachineState
from importguard.startup.models.library import Library
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.modules import ModuleValue


def _fill(_machine: MachineState, module: ModuleValue) -> None:
    plain = module.namespace.get("_PySimpleQueue")
    if isinstance(plain, ClassValue):
        module.namespace["SimpleQueue"] = plain


LIBRARY = Library(fill={"queue": _fill})
