"""`lazy_importer`: `with lazy_importer():` makes the imports of the block lazy."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from importguard.startup.models.library import Library
from importguard.startup.values.base import UNKNOWN, Abstract, Invocation, Value

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Completion, Frame


class LazyBlock(Abstract):
    """The context manager."""

    __slots__ = ()

    def around(self, block: Callable[[Value], Completion], _machine: MachineState, frame: Frame) -> Completion:
        """Imports of the block bind lazily."""
        frame.lazy_imports += 1
        try:
            return block(UNKNOWN)
        finally:
            frame.lazy_imports -= 1


def _lazy_importer(_call: Invocation) -> Value:
    return LazyBlock()


LIBRARY = Library(functions={"lazy_importer": {"lazy_importer": _lazy_importer}})
