"""`contextlib`: `suppress` and `contextmanager`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from importguard.startup.models.library import Library, same_value
from importguard.startup.trace.trace import Origin
from importguard.startup.values.base import MISSING, UNKNOWN, Abstract, Invocation, Raised, Value, truth
from importguard.startup.values.constants import behaviour, caught_names
from importguard.startup.values.coroutines import CoroutineValue
from importguard.startup.values.exceptions import BROAD, Guard, caught
from importguard.startup.values.files import TextBuffer
from importguard.startup.values.generators import GeneratorValue
from importguard.startup.values.instances import Instance, finished
from importguard.startup.values.iterators import END, OPEN
from importguard.startup.values.natives import Model, Native

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


Left: TypeAlias = "Callable[[Raised | None], Value]"  # what is done at the end of a block, and what it answers


class ExitStack(Abstract):
    """What a block leaves at its end, in the order last in, first out."""

    __slots__ = ("leaving",)

    def __init__(self) -> None:
        self.leaving: list[Left] = []

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """`enter_context`, `callback`, `push`, `close`."""
        methods = {
            "enter_context": self._enter, "callback": self._callback, "push": self._push, "close": self._close,
            "enter_async_context": _awaiting(self._enter), "push_async_callback": self._callback,
            "push_async_exit": self._push, "aclose": _awaiting(self._close), "pop_all": self._pop_all,
        }  # fmt: skip
        return Native(name, methods[name]) if name in methods else UNKNOWN

    def _enter(self, call: Invocation) -> Value:
        context, machine = call.first(), call.machine
        if isinstance(context, GeneratorValue):
            made = context.step(machine)
            self.leaving.append(lambda raised: _leave_generator(context, raised, machine))
            return UNKNOWN if made is END or made is OPEN else made
        if isinstance(context, Suppress):
            self.leaving.append(lambda raised: raised is not None and bool(context.names_caught & set(raised.names)))
            return None
        if not isinstance(context, Instance):
            return UNKNOWN
        enter, leave = _methods(context)
        self.leaving.append(lambda raised: finished(context.special(leave, machine, *_told(raised, machine)), machine))
        return finished(context.special(enter, machine), machine)

    def _callback(self, call: Invocation) -> Value:
        function, *args = call.args or [UNKNOWN]

        def run(_raised: Raised | None) -> Value:
            finished(call.machine.call(function, args, call.keywords, call.frame, call.complete), call.machine)
            return None

        self.leaving.append(run)
        return function

    def _push(self, call: Invocation) -> Value:
        value, machine = call.first(), call.machine
        if isinstance(value, Instance) and value.cls.lookup(_methods(value)[1]) is not MISSING:
            leave = _methods(value)[1]
            self.leaving.append(
                lambda raised: finished(value.special(leave, machine, *_told(raised, machine)), machine)
            )
        else:
            self.leaving.append(lambda raised: finished(machine.invoke(value, *_told(raised, machine)), machine))
        return value

    def _pop_all(self, _call: Invocation) -> Value:
        """Another stack, which has it all from now on."""
        made = ExitStack()
        made.leaving, self.leaving = self.leaving, []
        return made

    def _close(self, call: Invocation) -> Value:
        self.leave(call.machine, None)
        return None

    def leave(self, machine: MachineState, raised: Raised | None) -> bool | None:
        """All of them, the last one first; whether one swallows *raised*, None where that is not known."""
        handled: bool | None = False
        while self.leaving:
            one = self.leaving.pop()
            answer = truth(one(None if handled else raised), machine)
            if raised is not None and handled is not True:
                handled = True if answer else (None if answer is None else handled)
        return handled

    def around(self, block: Callable[[Value], Completion], machine: MachineState, frame: Frame) -> Completion:
        """The block, then what it has left to do, also where it raises."""
        caught_here = BROAD if frame.module.origin == Origin.FIRST_PARTY else frozenset[str]()
        machine.catchers.append(Guard.of(caught_here, frame, guesses=False))
        escaping = machine.escaping
        try:
            completion = block(self)
        except Raised as raised:
            machine.catchers.pop()
            machine.escaping = escaping
            handled = self.leave(machine, raised)
            if handled or not machine.believes(raised.names, proven="ImportError" in raised.names):
                return None  # also uncaught: we assume that the program starts
            if handled is None:
                machine.risk(raised.names)
                return None
            raise
        machine.catchers.pop()
        machine.escaping = escaping
        self.leave(machine, None)
        return completion


def _methods(context: Instance) -> tuple[str, str]:
    """Its special methods as a context manager."""
    asynchronous = context.cls.lookup("__aexit__") is not MISSING and context.cls.lookup("__exit__") is MISSING
    return ("__aenter__", "__aexit__") if asynchronous else ("__enter__", "__exit__")


def _awaiting(model: Model) -> Model:
    """What an `async def` with this model gives: it runs when it is awaited."""
    return lambda call: CoroutineValue(lambda: model(call))


def _told(raised: Raised | None, machine: MachineState) -> tuple[Value, Value, Value]:
    """What `__exit__` gets."""
    if raised is None:
        return None, None, None
    value = caught(raised, machine)
    return behaviour(value).type_of(), value, UNKNOWN


def _leave_generator(context: GeneratorValue, raised: Raised | None, machine: MachineState) -> Value:
    """The rest of a `@contextmanager` function; whether it swallows *raised*."""
    if raised is None:
        context.step(machine)
        return False
    try:
        machine.invoke(context.attribute("throw", machine, machine.frame), caught(raised, machine))
    except Raised as another:
        return "StopIteration" in another.names
    return UNKNOWN


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


class Redirected(Closed):
    """`redirect_stdout(buffer)`: what is printed in the block goes there."""

    __slots__ = ("stream",)

    def __init__(self, value: Value, stream: str) -> None:
        super().__init__(value)
        self.stream = stream

    def around(self, block: Callable[[Value], Completion], machine: MachineState, _frame: Frame) -> Completion:
        """The block, while the name in `sys` is another."""
        system = machine.modules.get("sys")
        if system is None:
            if isinstance(self.value, TextBuffer):
                machine.heap.changing(self.value.held)
                self.value.forget()
            return block(self.value)
        before = system.namespace.get(self.stream, UNKNOWN)
        system.set_attribute(self.stream, self.value, machine)
        try:
            return block(self.value)
        finally:
            system.set_attribute(self.stream, before, machine)


def _redirect(stream: str) -> Model:
    return lambda call: Redirected(call.first(), stream)


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
            "redirect_stdout": _redirect("stdout"),
            "redirect_stderr": _redirect("stderr"),
            "closing": lambda call: Closing(call.first()),
            "nullcontext": lambda call: Closed(call.get(0, "enter_result")),
        }
    }
)
