"""`contextlib`: `suppress` and `contextmanager`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from importguard.startup.models.library import Library, same_value
from importguard.startup.values.base import Abstract, Invocation, Raised, Value
from importguard.startup.values.constants import caught_names

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Completion, Frame


class Suppress(Abstract):
    """`suppress(...)` of exceptions by the *names* of their classes."""

    __slots__ = ("names_caught",)

    def __init__(self, names: frozenset[str]) -> None:
        self.names_caught = names

    def around(self, block: Callable[[Value], Completion], machine: MachineState, _frame: Frame) -> Completion:
        """The exceptions end the block and go no further."""
        machine.catchers.append(self.names_caught)
        try:
            return block(None)
        except Raised as raised:
            if self.names_caught & set(raised.names):
                return None
            raise
        finally:
            machine.catchers.pop()


def _suppress(call: Invocation) -> Value:
    return Suppress(frozenset(name for arg in call.args for name in caught_names(arg)))


LIBRARY = Library(
    functions={"contextlib": {"suppress": _suppress, "contextmanager": same_value, "asynccontextmanager": same_value}}
)
