"""Context managers around their block; and how a block ends."""

from __future__ import annotations

from collections.abc import Callable

from importguard.source import program as ir
from importguard.startup.machine.state import MachineState
from importguard.startup.machine.values import (
    UNKNOWN,
    Frame,
    GeneratorValue,
    Instance,
    Method,
    Native,
    Raised,
    Value,
    truth,
)


class Leave:
    """How a block ended early: "return", "break" or "continue"."""

    __slots__ = ("kind", "value")

    def __init__(self, kind: str, value: Value = None) -> None:
        self.kind = kind
        self.value = value


Completion = Leave | None


class Contexts(MachineState):
    """Runs `with` statements."""

    def run_with(self, node: ir.With, frame: Frame) -> Completion:
        """Executes a `with` statement."""
        return self._enter(node, 0, frame)

    def _enter(self, node: ir.With, position: int, frame: Frame) -> Completion:
        """Enter the context managers from *position* on, then run the block."""
        if position == len(node.items):
            completion: Completion = self.run_block(node.body, frame)
            return completion
        item = node.items[position]
        context = self.evaluate(item.context, frame)

        def go_on(entered: Value) -> Completion:
            if item.target is not None:
                self.assign(item.target, entered, frame)
            return self._enter(node, position + 1, frame)

        if isinstance(context, Native) and context.name == "suppress":
            return self._suppressing(frozenset(context.attributes), lambda: go_on(None))
        if isinstance(context, Native) and context.name == "lazy imports":
            frame.lazy_imports += 1
            try:
                return go_on(UNKNOWN)
            finally:
                frame.lazy_imports -= 1
        if isinstance(context, GeneratorValue):
            return self._within_generator(context, go_on)
        if isinstance(context, Instance):
            return self._within_instance(context, go_on, frame)
        return go_on(UNKNOWN)

    def _suppressing(self, names: frozenset[str], block: Callable[[], Completion]) -> Completion:
        self.catchers.append(names)
        try:
            return block()
        except Raised as raised:
            if names & set(raised.names):
                return None
            raise
        finally:
            self.catchers.pop()

    def _within_generator(self, context: GeneratorValue, block: Callable[[Value], Completion]) -> Completion:
        """A `@contextmanager` function runs up to its yield, then the block, then the rest of the function."""
        ran: list[Completion] = []
        calls, possible, limit = self.calls, self.possible, self.limit

        def at_yield(value: Value) -> None:
            if self.possible > possible:
                return  # the yield itself is in doubt, the block is not
            inside = self.calls, self.possible, self.limit
            self.calls, self.possible, self.limit = calls, possible, max(limit, self.limit)
            started = self.steps
            try:
                ran.append(block(value))
            finally:
                self.calls, self.possible, self.limit = inside
                self.limit += self.steps - started

        if context.frame is not None:
            context.frame.on_yield = at_yield
        yielded = context.run()
        return ran[0] if ran else block((yielded or [UNKNOWN])[0])

    def _within_instance(self, context: Instance, block: Callable[[Value], Completion], frame: Frame) -> Completion:
        entered: Value = UNKNOWN
        enter, leave = (self.attribute(context, name, frame) for name in ("__enter__", "__exit__"))
        if isinstance(enter, Method):
            entered = self.call(enter, [], {}, frame, complete=True)
        try:
            completion = block(entered)
        except Raised as raised:
            if isinstance(leave, Method):
                handled = self.call(leave, [UNKNOWN, raised.value, UNKNOWN], {}, frame, complete=True)
                if truth(handled) is True:
                    return None
            raise
        if isinstance(leave, Method):
            self.call(leave, [None, None, None], {}, frame, complete=True)
        return completion
