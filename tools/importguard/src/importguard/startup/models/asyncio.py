"""`asyncio`: event loops run coroutines, tasks and callbacks on the thread that starts them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from importguard.startup.machine.branches import perhaps
from importguard.startup.models.concurrent import beside
from importguard.startup.models.library import Library
from importguard.startup.values.base import UNKNOWN, Abstract, Invocation, Raised, Value, truth
from importguard.startup.values.builtin_types import BuiltinType
from importguard.startup.values.constants import behaviour
from importguard.startup.values.exceptions import ExceptionValue, caught
from importguard.startup.values.lists import ListValue
from importguard.startup.values.natives import Model, Native

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Completion, Frame


class Task(Abstract):
    """Something that an event loop runs at its next turn, or when it is awaited before."""

    __slots__ = ("_callbacks", "_cancelled", "_doubtful", "_raised", "_result", "_work")

    def __init__(self, call: Invocation, work: Callable[[], Value]) -> None:
        self._work: Callable[[], Value] | None = work
        self._result: Value = UNKNOWN
        self._raised: Raised | None = None
        self._callbacks: list[Value] = []
        self._cancelled = False
        machine = call.machine
        self._doubtful = bool(machine.possible or machine.escaping)
        machine.tasks.append((machine.possible, partial(self._run, machine, call.frame)))

    def _run(self, machine: MachineState, frame: Frame) -> None:
        work, self._work = self._work, None
        if work is None:
            return
        machine.catchers.append(frozenset({"BaseException"}))  # it is kept for whoever awaits the task
        try:
            self._result = perhaps(machine, frame, work) if self._doubtful and not machine.possible else work()
        except Raised as raised:
            self._raised = raised
        finally:
            machine.catchers.pop()
        for callback in self._callbacks:
            machine.call(callback, [self], {}, frame, complete=True)

    def awaited(self, machine: MachineState, frame: Frame) -> Value:
        """Its result, or its exception."""
        self._run(machine, frame)
        if self._cancelled:
            machine.risk(("CancelledError", "BaseException"))
        if self._raised is not None and (machine.catches(*self._raised.names) or self._raised.ends):
            raise self._raised
        return self._result

    def failed(self) -> Raised | None:
        """The exception that has ended it."""
        return self._raised

    def _cancel(self, _call: Invocation) -> Value:
        """Whether it has come to its end before is not known."""
        self._cancelled = True
        return UNKNOWN

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """Its methods."""
        if name == "cancel":
            return Native(name, self._cancel)
        if name == "result":
            return Native(name, lambda call: self.awaited(call.machine, call.frame))
        return Native(name, self._add_callback) if name == "add_done_callback" else UNKNOWN

    def _add_callback(self, call: Invocation) -> Value:
        if self._work is None:
            _schedule(call, partial(call.machine.call, call.first(), [self], {}, call.frame, complete=True))
        else:
            self._callbacks.append(call.first())
        return None


class Gathered(Abstract):
    """`gather(...)`: all of *parts*."""

    __slots__ = ("_catches", "_parts")

    def __init__(self, parts: list[Abstract], *, catches: bool = False) -> None:
        self._parts = parts
        self._catches = catches  # whether it returns exceptions

    def awaited(self, machine: MachineState, frame: Frame) -> Value:
        """Their results, in order."""
        if not self._catches:
            return ListValue([part.awaited(machine, frame) for part in self._parts])
        found: list[Value] = []
        for part in self._parts:
            machine.catchers.append(frozenset({"BaseException"}))
            try:
                found.append(part.awaited(machine, frame))
            except Raised as raised:
                found.append(caught(raised, machine))
            finally:
                machine.catchers.pop()
        return ListValue(found)


class Methods(Abstract):
    """An object of a library of which the methods are known by name."""

    __slots__ = ("_methods",)

    def __init__(self, methods: dict[str, Model]) -> None:
        self._methods = methods

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """One of the methods."""
        model = self._methods.get(name)
        return UNKNOWN if model is None else Native(name, model)

    def around(self, block: Callable[[Value], Completion], machine: MachineState, _frame: Frame) -> Completion:
        """A block that ends when all tasks have."""
        completion = block(self)
        machine.run_tasks()
        return completion


class Group(Methods):
    """A block whose tasks end with it: their exceptions leave it as one group."""

    __slots__ = ("_tasks",)

    def __init__(self) -> None:
        self._tasks: list[Value] = []
        super().__init__({name: self._keeping(run) for name, run in _STARTING.items()})

    def _keeping(self, start: Model) -> Model:
        def run_and_keep(call: Invocation) -> Value:
            made = start(call)
            self._tasks.append(made)
            return made

        return run_and_keep

    def around(self, block: Callable[[Value], Completion], machine: MachineState, frame: Frame) -> Completion:
        """The block, then its tasks."""
        completion = super().around(block, machine, frame)
        failed = [task.failed() for task in self._tasks if isinstance(task, Task)]
        raised = [one for one in failed if one is not None]
        kind = machine.builtins.get("ExceptionGroup")
        if raised and isinstance(kind, BuiltinType):
            group = Raised.of(BaseExceptionGroup)
            group.names, parts = kind.bases, tuple(caught(one, machine) for one in raised)
            group.value = ExceptionValue(kind, ("unhandled errors in a TaskGroup", parts))
            if machine.catches(*group.names):
                raise group
        return completion


def _schedule(call: Invocation, work: Callable[[], Value]) -> Value:
    return Task(call, work)


def _task(call: Invocation) -> Value:
    """`create_task(coroutine)`."""
    wanted = call.first()
    if isinstance(wanted, Task) or not isinstance(wanted, Abstract):
        return wanted
    return _schedule(call, partial(wanted.awaited, call.machine, call.frame))


def run(call: Invocation) -> Value:
    """`run(awaitable)`: until it ends; what else waits has had its turn by then."""
    machine = call.machine
    machine.run_tasks()
    result = behaviour(call.first()).awaited(machine, call.frame)
    machine.run_tasks()
    return result


def run_function(call: Invocation) -> Value:
    """`run(function, *args)`, as trio and anyio spell it."""
    machine = call.machine
    made = machine.call(call.first(), call.args[1:], {}, call.frame, call.complete)
    result = behaviour(made).awaited(machine, call.frame)
    machine.run_tasks()
    return result


def start_soon(call: Invocation) -> Value:
    """`start_soon(function, *args)`: a task, or a callback of a loop."""

    def work() -> Value:
        made = call.machine.call(call.first(), call.args[1:], {}, call.frame, call.complete)
        return behaviour(made).awaited(call.machine, call.frame) if isinstance(made, Abstract) else made

    return _schedule(call, work)


def _start_later(call: Invocation) -> Value:
    """`call_later(delay, function, *args)`."""
    return start_soon(Invocation(call.machine, call.frame, call.args[1:], {}, call.line, call.complete))


_STARTING: dict[str, Model] = {"create_task": _task, "start_soon": start_soon, "start": start_soon}


def nursery(_call: Invocation) -> Value:
    """A block that waits for its tasks."""
    return Group()


def _gather(call: Invocation) -> Value:
    parts = [behaviour(_task(Invocation(call.machine, call.frame, [one], {}, call.line, True))) for one in call.args]
    return Gathered(parts, catches=truth(call.keywords.get("return_exceptions", False), call.machine) is not False)


def _all_of(call: Invocation) -> Value:
    """`wait(tasks)` and `as_completed(tasks)`."""
    found = call.machine.items_of(call.first())
    return (
        UNKNOWN if found is None else _gather(Invocation(call.machine, call.frame, found[0], {}, call.line, found[1]))
    )


def _in_thread(call: Invocation) -> Value:
    """`to_thread(function, *args)`: what runs on a thread is no part of the start; the pool is."""
    call.machine.import_dynamic("concurrent.futures.thread", call)
    return beside(call, UNKNOWN)


def _in_executor(call: Invocation) -> Value:
    """`run_in_executor(executor, function, *args)`."""
    return _in_thread(Invocation(call.machine, call.frame, call.args[1:], {}, call.line, call.complete))


def _turns(call: Invocation) -> Value:
    """`run_forever()`."""
    call.machine.run_tasks()
    return None


_LOOP: dict[str, Model] = {
    "run_until_complete": run,
    "run_forever": _turns,
    "create_task": _task,
    "call_soon": start_soon,
    "call_soon_threadsafe": start_soon,
    "call_later": _start_later,
    "call_at": _start_later,
    "run_in_executor": _in_executor,
}


def _loop(_call: Invocation) -> Value:
    return Methods(_LOOP)


def _runner(_call: Invocation) -> Value:
    return Methods({"run": run, "get_loop": _loop})


LIBRARY = Library(
    functions={
        "asyncio.runners": {"run": run, "Runner": _runner},
        "asyncio.events": dict.fromkeys(("get_event_loop", "new_event_loop", "get_running_loop"), _loop),
        "asyncio.tasks": {
            "create_task": _task,
            "ensure_future": _task,
            "shield": _task,
            "wait_for": _task,
            "gather": _gather,
            "wait": _all_of,
            "as_completed": _all_of,
        },
        "asyncio.taskgroups": {"TaskGroup": nursery},
        "asyncio.threads": {"to_thread": _in_thread},
    }
)
