"""`asyncio`: event loops run coroutines, tasks and callbacks on the thread that starts them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from importguard.startup.models.asyncio_tasks import (
    UNCLEAR,
    Future,
    Gathered,
    Sleep,
    Task,
    Waited,
    cancel_all,
    loop_of,
    wait_for,
)
from importguard.startup.models.concurrent import beside, of_processes
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


class Limit(Abstract):
    """A block or an awaitable with a time limit. *error* is what a limit that ends it raises; None: it ends quietly."""

    __slots__ = ("_awaitable", "_error", "_seconds")

    def __init__(self, seconds: Value, error: type[BaseException] | None, awaitable: Value = None) -> None:
        self._seconds, self._error, self._awaitable = seconds, error, awaitable

    def awaited(self, machine: MachineState, frame: Frame) -> Value:
        """`wait_for(awaitable, seconds)`."""
        answers: list[Value] = []

        def work() -> None:
            answers.append(behaviour(self._awaitable).awaited(machine, frame))

        self._within(work, machine)
        return answers[0] if answers else UNKNOWN

    def around(self, block: Callable[[Value], Completion], machine: MachineState, _frame: Frame) -> Completion:
        """`with timeout(seconds)`."""
        left: list[Completion] = [None]

        def work() -> None:
            left[0] = block(self)

        self._within(work, machine)
        return left[0]

    def _within(self, work: Callable[[], None], machine: MachineState) -> None:
        if self._seconds is None:
            work()
            return
        outer, waits = machine.deadline, machine.waits_unknown
        own = self._seconds if isinstance(self._seconds, int | float) else UNCLEAR
        machine.deadline = own if outer is None else min(own, outer)
        strikes = outer is None or own <= outer
        machine.catchers.append(frozenset({"CancelledError"}))
        try:
            work()
        except Raised as raised:
            running = loop_of(machine).tasks
            asked = bool(running) and getattr(running[-1][0], "asked_to_end", False)
            if not strikes or asked or "CancelledError" not in raised.names or raised.value is not UNKNOWN:
                raise
            if self._error is not None:
                machine.fail(self._error)
        else:
            if machine.waits_unknown > waits and self._error is not None:
                machine.risk(Raised.of(self._error).names)
        finally:
            machine.deadline = outer
            machine.catchers.remove(frozenset({"CancelledError"}))


def limited(error: type[BaseException] | None) -> Model:
    """The model of a function that gives a block with a time limit in seconds."""
    return lambda call: Limit(call.first(), error)


def _wait_for(call: Invocation) -> Value:
    return Limit(call.get(1, "timeout", UNKNOWN), TimeoutError, call.get(0, "fut", UNKNOWN))


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

    def around(self, block: Callable[[Value], Completion], machine: MachineState, _frame: Frame) -> Completion:
        """The block, then its tasks. The first that fails ends the others."""
        completion = block(self)
        tasks = [one for one in self._tasks if isinstance(one, Task)]
        wait_for(machine, lambda: all(one.has_ended for one in tasks) or any(map(_has_failed, tasks)), [*tasks])
        if any(map(_has_failed, tasks)):
            for one in tasks:
                if not one.has_ended:
                    one.cancel(machine)
            wait_for(machine, lambda: all(one.has_ended for one in tasks), [*tasks])
        failed = [task.failed() for task in tasks if _has_failed(task)]
        raised = [one for one in failed if one is not None]
        kind = machine.builtins.get("ExceptionGroup")
        if raised and isinstance(kind, BuiltinType):
            group = Raised.of(BaseExceptionGroup)
            group.names, parts = kind.bases, tuple(caught(one, machine) for one in raised)
            group.value = ExceptionValue(kind, ("unhandled errors in a TaskGroup", parts))
            if machine.catches(*group.names):
                raise group
        return completion


def _has_failed(task: Task) -> bool:
    raised = task.failed()
    return raised is not None and "CancelledError" not in raised.names


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


def _run_all(call: Invocation) -> Value:
    """`asyncio.run(awaitable)`: what still waits at its end is cancelled."""
    try:
        return run(call)
    finally:
        cancel_all(call.machine)


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


def _tasks_of(call: Invocation) -> list[Abstract] | None:
    """The tasks of the coroutines that the first argument gives; None where they are not all known."""
    found = call.machine.items_of(call.first())
    if found is None or not found[1]:
        return None
    return [behaviour(_task(Invocation(call.machine, call.frame, [one], {}, call.line, True))) for one in found[0]]


def _wait(call: Invocation) -> Value:
    tasks = _tasks_of(call)
    wanted = call.keywords.get("return_when", "ALL_COMPLETED")
    sure = call.keywords.get("timeout") is None and wanted in {"ALL_COMPLETED", "FIRST_COMPLETED"}
    return UNKNOWN if tasks is None else Waited(tasks, first=wanted != "ALL_COMPLETED", sure=sure)


def _as_completed(call: Invocation) -> Value:
    """In an order that nobody knows."""
    tasks = _tasks_of(call)
    made = ListValue([*tasks] if tasks is not None else [], tasks is None)
    made.loose = True
    return made


def in_thread(call: Invocation) -> Value:
    """A thread runs the first argument with the others: part of the start where that awaits it."""
    return beside(call, UNKNOWN)


def _in_thread(call: Invocation) -> Value:
    """`to_thread(function, *args)`: the pool is part of the start, too."""
    call.machine.import_dynamic("concurrent.futures.thread", call, "asyncio")
    return in_thread(call)


def _in_executor(call: Invocation) -> Value:
    """`run_in_executor(executor, function, *args)`."""
    machine, pool = call.machine, call.first()
    if of_processes(pool):
        return machine.call(machine.attribute(pool, "submit", call.frame), call.args[1:], {}, call.frame, call.complete)
    return _in_thread(Invocation(call.machine, call.frame, call.args[1:], {}, call.line, call.complete))


def _turns(call: Invocation) -> Value:
    """`run_forever()`."""
    loop = loop_of(call.machine)
    loop.stopped = False
    loop.drive(call.machine, lambda: loop.stopped)
    return None


def _stop(call: Invocation) -> Value:
    """`stop()`."""
    loop_of(call.machine).stopped = True
    return None


_LOOP: dict[str, Model] = {
    "run_until_complete": run,
    "run_forever": _turns,
    "stop": _stop,
    "create_task": _task,
    "call_soon": start_soon,
    "call_soon_threadsafe": start_soon,
    "call_later": _start_later,
    "call_at": _start_later,
    "run_in_executor": _in_executor,
    "create_future": lambda call: Future(call.machine),
}


def _future(call: Invocation) -> Value:
    return Future(call.machine)


def _loop(call: Invocation) -> Value:
    loop = loop_of(call.machine)
    loop.value = loop.value or Methods(_LOOP)
    return loop.value


def _runner(_call: Invocation) -> Value:
    return Methods({"run": run, "get_loop": _loop})


_GIVING_LOOP = ("get_event_loop", "new_event_loop", "get_running_loop", "_get_running_loop")
LIBRARY = Library(
    functions={
        "asyncio.runners": {"run": _run_all, "Runner": _runner},
        "asyncio.events": dict.fromkeys(_GIVING_LOOP, _loop),
        "asyncio.tasks": {
            "create_task": _task,
            "ensure_future": _task,
            "shield": _task,
            "sleep": Sleep,
            "wait_for": _wait_for,
            "gather": _gather,
            "wait": _wait,
            "as_completed": _as_completed,
        },
        "asyncio.futures": {"Future": _future},
        "asyncio.timeouts": {"timeout": limited(TimeoutError)},
        "asyncio.taskgroups": {"TaskGroup": nursery},
        "asyncio.threads": {"to_thread": _in_thread},
    }
)
