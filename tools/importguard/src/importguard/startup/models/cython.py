"""`cython` in a module that Cython has compiled: it is part of the language there, nothing is loaded for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importguard.startup.models.library import same_value
from importguard.startup.values.base import Invocation, Value
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.functions import FunctionValue
from importguard.startup.values.natives import Namespace, Native

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Frame


class Language(Namespace):
    """What `import cython` binds: types, and decorators that change nothing here."""

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """`compiled` is true."""
        return self.attributes[name] if name in self.attributes else Native(name, _decorated)


def _decorated(call: Invocation) -> Value:
    """`@cython.cfunc`, or `@cython.returns(...)`, which makes one."""
    first = call.first()
    return first if isinstance(first, FunctionValue | ClassValue) else Native("decorator", same_value)


LANGUAGE = Language({"compiled": True})
