"""`pydantic`: `Field` is called thousands of times by programs that declare data, and loads nothing."""

from __future__ import annotations

from importguard.startup.machine.state import MachineState
from importguard.startup.models.library import Library
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.instances import Instance
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.natives import Native


def _fill(_machine: MachineState, module: ModuleValue) -> None:
    made = module.namespace.get("FieldInfo")
    if "Field" in module.namespace and isinstance(made, ClassValue):
        module.namespace["Field"] = Native("Field", lambda _: Instance(made))


LIBRARY = Library(fill={"pydantic.fields": _fill})
