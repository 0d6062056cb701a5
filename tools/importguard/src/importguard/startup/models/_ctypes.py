"""`_ctypes`: from Python 3.14 on, the layout of a structure is worked out in Python."""

from __future__ import annotations

from importguard.startup.machine.extensions import import_quietly
from importguard.startup.machine.state import MachineState
from importguard.startup.models.library import Library
from importguard.startup.values.base import Value
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.kinds import Kind
from importguard.startup.values.modules import ModuleValue


class _Layout(Kind):
    """`Structure` and `Union`."""

    def created(self, cls: ClassValue, machine: MachineState, keywords: dict[str, Value]) -> Kind:  # noqa: ARG002
        """A class with fields has a layout."""
        if "_fields_" in cls.namespace:
            import_quietly(machine, "ctypes._layout", machine.site(machine.frame, "ctypes._layout", machine.line))
        return self


def _fill(machine: MachineState, module: ModuleValue) -> None:
    for name in ("Structure", "Union") if machine.environment.version_info[:2] >= (3, 14) else ():
        made = ClassValue(name, (), {}, module)
        made.kind, made.open = _Layout(), True
        module.namespace[name] = made


LIBRARY = Library(fill={"_ctypes": _fill})
