"""Generators, and generator functions as context managers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from importguard.startup.values.base import UNKNOWN, Abstract, Invocation, Items, Suspended, Value
from importguard.startup.values.natives import Native

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Completion, Frame


class GeneratorValue(Abstract):
    """A generator: *body* gives what it yields, the first time it is iterated. `frame` is its function's, if any."""

    __slots__ = ("_body", "frame")

    def __init__(self, body: Callable[[], Items], frame: Frame | None = None) -> None:
        self._body: Callable[[], Items] | None = body
        self.frame = frame

    def run(self) -> Items:
        """What it yields; nothing when it has run, or is running: a generator that feeds on itself."""
        body, self._body = self._body, None
        return body() if body is not None else ([], True)

    def iterate(self, _machine: MachineState) -> Items | None:
        """Runs it."""
        return self.run()

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """Its methods: whoever sends something to it lets it run on."""
        return Native(name, self.next) if name in {"__next__", "send", "throw", "close"} else UNKNOWN

    def next(self, call: Invocation) -> Value:
        """The function runs up to its first yield. We assume that the rest never runs."""

        def suspend(value: Value) -> None:
            raise Suspended(value)

        if self._body is None:  # it runs, or it has run up to a yield
            call.machine.record_stop(call.frame, "a generator is followed only to its first yield")
            return UNKNOWN
        if self.frame is not None:
            self.frame.on_yield = suspend
        try:
            return (self.run()[0] or [UNKNOWN])[0]
        except Suspended as suspended:
            return suspended.value

    def around(self, block: Callable[[Value], Completion], machine: MachineState, outer: Frame) -> Completion:
        """A `@contextmanager` function runs up to its yield, then the block, then the rest of the function."""
        ran: list[Completion] = []
        calls, possible, limit, frame = machine.calls, machine.possible, machine.limit, machine.frame
        unended = machine.unended

        def at_yield(value: Value) -> None:
            if machine.possible > possible:
                return  # the yield itself is in doubt, the block is not
            inside = machine.calls, machine.possible, machine.unended, machine.limit, machine.frame
            machine.calls, machine.possible, machine.unended, machine.frame = calls, possible, unended, frame
            machine.limit = max(limit, machine.limit)
            started = machine.steps
            ran.append(None)  # also where it raises, and the function swallows that
            try:
                ran[0] = block(value)
            finally:
                machine.calls, machine.possible, machine.unended, machine.limit, machine.frame = inside
                machine.limit += machine.steps - started

        if self.frame is not None:
            self.frame.on_yield = at_yield
        maybe = outer.maybe
        yielded = self.run()[0]
        if outer.maybe and not maybe:  # the block may have left its frame: the rest is in doubt
            machine.possible += 1
            machine.unended += 1
            machine.heap.open()
        return ran[0] if ran else block((yielded or [UNKNOWN])[0])
