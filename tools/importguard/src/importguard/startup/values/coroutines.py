"""Coroutines: the body of an `async def` runs when it is awaited."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from importguard.startup.values.base import UNKNOWN, Abstract, Invocation, Raised, Value
from importguard.startup.values.natives import Native

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Frame


class CoroutineValue(Abstract):
    """A call of an `async def`: *body* runs it, once."""

    __slots__ = ("_body",)
    type_name = "coroutine"

    def __init__(self, body: Callable[[], Value]) -> None:
        self._body: Callable[[], Value] | None = body

    def awaited(self, _machine: MachineState, _frame: Frame) -> Value:
        """What the body returns."""
        body, self._body = self._body, None
        return body() if body is not None else UNKNOWN

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """Its methods."""
        return Native(name, self._send) if name == "send" else UNKNOWN

    def _send(self, call: Invocation) -> Value:
        """`send(None)`: we assume that the body runs to its end, which is a StopIteration."""
        value = self.awaited(call.machine, call.frame)
        raised = Raised.of(StopIteration, value)
        if call.machine.catches(*raised.names):
            raise raised
        return UNKNOWN
