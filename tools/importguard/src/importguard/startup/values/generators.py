"""Generators, and generator functions as context managers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from importguard.startup.values.base import UNKNOWN, Invocation, Items, Raised, Suspended, Value
from importguard.startup.values.builtin_types import BuiltinType
from importguard.startup.values.choice import one_of
from importguard.startup.values.constants import behaviour
from importguard.startup.values.exceptions import ExceptionValue
from importguard.startup.values.iterators import END, OPEN, IteratorValue
from importguard.startup.values.kinds import GeneratedMethod
from importguard.startup.values.natives import Native

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.machine.suspension import Suspension
    from importguard.startup.values.frames import Completion, Frame


class GeneratorValue(IteratorValue):
    """A generator: *body* gives all that it yields at once, `suspend` lets it go on yield by yield.

    `frame` is its function's, if any; `returned` what it has returned; `to_the_end`: somebody takes all that it yields.
    """

    __slots__ = ("_body", "_stop", "frame", "items", "returned", "suspend", "suspension", "to_the_end")

    def __init__(
        self,
        body: Callable[[], Items],
        machine: MachineState,
        frame: Frame | None = None,
        suspend: Callable[[], Suspension | None] | None = None,
    ) -> None:
        super().__init__(iter(()), machine)
        self._body: Callable[[], Items] | None = body
        self.frame = frame
        self.suspend = suspend
        self.suspension: Suspension | None = None
        self.returned: Value = None
        self.to_the_end = False
        self.items: list[Value] | None = None  # those that are left, where all were worked out at once
        self._stop: Value = END

    def run(self) -> Items:
        """What it yields; nothing when it has run, or is running: a generator that feeds on itself."""
        body, self._body = self._body, None
        made = body() if body is not None else ([], True)
        if self.frame is not None:
            self.returned = self.frame.returned
        return made

    def iterate(self, machine: MachineState) -> Items | None:
        """Runs it, or what is left of it."""
        if self._body is None:
            return super().iterate(machine)
        return self.run()

    def some_item(self, machine: MachineState) -> Value:
        """One of those that it may have yielded where that was in doubt."""
        if self.suspension is None:
            return super().some_item(machine)
        return one_of(self.suspension.perhaps, more=True)

    def advance(self, machine: MachineState) -> Value:
        """Runs it to its next `yield`."""
        return self._go_on(None, machine)

    def resume(self, sent: Value, machine: MachineState) -> Value:
        """`send(sent)`: the next item, END or OPEN."""
        if sent is None or self.suspension is None or not self.suspension.waits:
            return self.step(machine)
        made = self._go_on(sent, machine)
        if made is END or made is OPEN:
            self._ended = made
        return made

    def _go_on(self, sent: Value | BaseException, machine: MachineState) -> Value:
        if self._body is not None and self.suspend is not None:
            self.suspension = self.suspend()
            if self.suspension is not None:
                self.suspension.to_the_end = self.to_the_end
            self._body = None if self.suspension is not None else self._body
        if self.suspension is None:
            return self._one_of_all(machine)
        kind, value = self.suspension.resume(sent)
        if kind == "yield":
            return value  # type: ignore[no-any-return]  # a Value
        self.returned = value
        return OPEN if self.suspension.open else END

    def _one_of_all(self, machine: MachineState) -> Value:
        """The next item of a generator that is not suspended: all of it has run."""
        if self.items is None and self.suspend is None and self._body is not None and self.frame is not None:
            return self._first(machine)
        if self.items is None:
            found, complete = self.run()
            self.items, self._stop = list(found), END if complete else OPEN
        return self.items.pop(0) if self.items else self._stop

    def _first(self, machine: MachineState) -> Value:
        """A function of a library runs up to its first yield. We assume that the rest never runs."""

        def leave(value: Value) -> None:
            raise Suspended(value)

        if self.frame is not None:
            self.frame.on_yield = leave
        self.items, self._stop = [], OPEN
        try:
            made = self.run()[0]
        except Suspended as suspended:
            machine.record_stop(machine.frame, "a generator is followed only to its first yield")
            return suspended.value
        return made[0] if made else UNKNOWN

    def attribute(self, name: str, machine: MachineState, frame: Frame) -> Value:
        """Its methods."""
        methods = {"send": self._send, "throw": self._throw, "close": self._close, "aclose": self._close}
        return Native(name, methods[name]) if name in methods else super().attribute(name, machine, frame)

    def _send(self, call: Invocation) -> Value:
        made = self.resume(call.first(), call.machine)
        return self._given(made, call.machine)

    def _given(self, made: Value, machine: MachineState) -> Value:
        if made is END:
            return self.ended(machine)
        return UNKNOWN if made is OPEN else made

    def ended(self, machine: MachineState) -> Value:
        """A StopIteration with what it has returned."""
        raised = Raised.of(StopIteration)
        kind = machine.builtins.get("StopIteration")
        if isinstance(kind, BuiltinType):
            raised.value = ExceptionValue(kind, (self.returned,))
        if machine.expects(*raised.names):
            raise raised
        return UNKNOWN

    def _throw(self, call: Invocation) -> Value:
        """`throw(error)`: it is raised where the generator waits."""
        value = call.first()
        names = behaviour(value).exception_names() or Raised.of(Exception).names
        raised = Raised(names, value)
        if self.suspension is None or not self.suspension.waits:
            self.lose()
            if call.machine.catches(*names):
                raise raised
            return UNKNOWN
        try:
            made = self._go_on(raised, call.machine)
        except Raised as event:
            self._ended = END
            if call.machine.catches(*event.names):
                raise
            return UNKNOWN
        if made is END or made is OPEN:
            self._ended = made
        return self._given(made, call.machine)

    def _close(self, call: Invocation) -> Value:
        self.close(call.machine)
        return None

    def close(self, machine: MachineState) -> None:
        """`close()`: what its `finally` blocks do."""
        waits = self.suspension is not None and self.suspension.waits
        self._ended, self._body = END, None
        if not waits:
            return
        try:
            self._go_on(Raised.of(GeneratorExit), machine)
        except Raised as event:
            if not {"GeneratorExit", "StopIteration"} & set(event.names):
                raise

    def call(self, call: Invocation) -> Value:
        """`@manager(...)`: a `@contextmanager` function as a decorator; each call of the function is such a block."""
        function = call.first()

        def run(inner: Invocation) -> Value:
            results: list[Value] = []

            def block(_entered: Value) -> Completion:
                results.append(inner.machine.call(function, inner.args, inner.keywords, inner.frame, inner.complete))
                return None

            self.around(block, inner.machine, inner.frame)
            return results[0] if results else None

        return GeneratedMethod("inner", run)

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
