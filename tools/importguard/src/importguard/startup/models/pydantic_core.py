"""`pydantic_core`: the exception of its compiled half."""

from __future__ import annotations

from importguard.startup.machine.state import MachineState
from importguard.startup.models.library import Library
from importguard.startup.models.pydantic_objects import VALIDATION_ERROR
from importguard.startup.values.modules import ModuleValue


def _fill(_machine: MachineState, module: ModuleValue) -> None:
    if "ValidationError" in module.namespace:
        module.namespace["ValidationError"] = VALIDATION_ERROR


LIBRARY = Library(fill={"pydantic_core": _fill})
