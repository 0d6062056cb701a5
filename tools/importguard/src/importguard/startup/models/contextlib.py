"""`contextlib`: `suppress` and `contextmanager`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from importguard.startup.models.library import Library, same_value
from importguard.startup.values.base import MISSING, UNKNOWN, Abstract, Invocation, Raised, Value
from importguard.startup.values.constants import caught_names
from importguard.startup.values.generators import GeneratorValue
from importguard.startup.values.instances import Instance
from importguard.startup.values.iterators import END, OPEN
from importguard.startup.values.natives import Native

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


class ExitStack(Abstract):
    """What a block leaves at its end, in the order last in, first out."""

    __slots__ = ("leaving",)

    def __init__(self) -> None:
        self.leaving: list[Callable[[], object]] = []

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """`enter_context`, `callback`, `push`, `close`."""
        methods = {
            "enter_context": self._enter, "enter_async_context": self._enter, "callback": self._callback,
            "push_async_callback": self._callback, "push": self._push, "close": self._close, "aclose": self._close,
        }  # fmt: skip
        return Native(name, methods[name]) if name in methods else UNKNOWN

    def _enter(self, call: Invocation) -> Value:
        context, machine = call.first(), call.machine
        if isinstance(context, GeneratorValue):
            made = context.step(machine)
            self.leaving.append(partial(context.step, machine))
            return UNKNOWN if made is END or made is OPEN else made
        if not isinstance(context, Instance):
            return UNKNOWN
        self.leaving.append(partial(context.special, "__exit__", machine, None, None, None))
        made = context.special("__enter__", machine)
        return UNKNOWN if made is MISSING else made

    def _callback(self, call: Invocation) -> Value:
        function, *args = call.args or [UNKNOWN]
        run = partial(call.machine.call, function, args, call.keywords, call.frame, call.complete)
        self.leaving.append(run)
        return function

    def _push(self, call: Invocation) -> Value:
        value, machine = call.first(), call.machine
        if isinstance(value, Instance) and value.cls.lookup("__exit__") is not MISSING:
            self.leaving.append(partial(value.special, "__exit__", machine, None, None, None))
        else:
            self.leaving.append(partial(machine.invoke, value, None, None, None))
        return value

    def _close(self, _call: Invocation) -> Value:
        self.leave()
        return None

    def leave(self) -> None:
        """All of them, the last one first."""
        while self.leaving:
            self.leaving.pop()()

    def around(self, block: Callable[[Value], Completion], _machine: MachineState, _frame: Frame) -> Completion:
        """The block, then what it has left to do, also where it raises."""
        try:
            return block(self)
        finally:
            self.leave()


class Closing(Abstract):
    """`closing(value)`: `value.close()` at the end of the block."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value = value

    def around(self, block: Callable[[Value], Completion], machine: MachineState, frame: Frame) -> Completion:
        """The block, then `close`."""
        try:
            return block(self.value)
        finally:
            machine.invoke(machine.attribute(self.value, "close", frame))


class Closed(Abstract):
    """`nullcontext(value)`."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value = value

    def around(self, block: Callable[[Value], Completion], _machine: MachineState, _frame: Frame) -> Completion:
        """The block alone."""
        return block(self.value)


def _suppress(call: Invocation) -> Value:
    return Suppress(frozenset(name for arg in call.args for name in caught_names(arg)))


LIBRARY = Library(
    functions={
        "contextlib": {
            "suppress": _suppress,
            "contextmanager": same_value,
            "asynccontextmanager": same_value,
            "ExitStack": lambda _: ExitStack(),
            "AsyncExitStack": lambda _: ExitStack(),
            "closing": lambda call: Closing(call.first()),
            "nullcontext": lambda call: Closed(call.get(0, "enter_result")),
        }
    }
)
