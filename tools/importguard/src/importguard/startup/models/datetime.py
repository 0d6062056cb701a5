"""`datetime`: its classes are in C, and one of their methods imports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importguard.startup.machine.state import MachineState
from importguard.startup.models.library import Library
from importguard.startup.values.base import UNKNOWN, Invocation, Unknown, Value
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.natives import Native

if TYPE_CHECKING:
    from importguard.startup.values.frames import Frame


def _parse(call: Invocation) -> Value:
    """`datetime.strptime(text, format)`."""
    call.machine.import_dynamic("_strptime", call, "datetime")
    return UNKNOWN


class _DateTime(Unknown):
    """The class `datetime`, or an object of it."""

    __slots__ = ()

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """`strptime` is all that is known."""
        return Native(name, _parse) if name == "strptime" else UNKNOWN


def _fill(_machine: MachineState, module: ModuleValue) -> None:
    module.namespace["datetime"] = _DateTime()


LIBRARY = Library(fill={"datetime": _fill})
