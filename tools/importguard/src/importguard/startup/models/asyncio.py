"""`asyncio`: event loops run coroutines, tasks and callbacks on the thread that starts them."""

from __future__ import annotations

from asyncio import CancelledError
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
from importguard.startup.values.sets import SetValue

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Completion, Frame


UNCLEAR = float("inf")  # seconds of a time limit that is not known


class Future(Abstract):
    """A result that comes: *work* gives it where that is a task's."""

    __slots__ = ("_callbacks", "_cancelled", "_doubtful", "_raised", "_result", "_set", "_work")
    by_identity = True

    def __init__(self, machine: MachineState, work: Callable[[], Value] | None = None) -> None:
        self._work = work
        self._set = False  # whether it has its result
        self._result: Value = UNKNOWN
        self._raised: Raised | None = None
        self._callbacks: list[Value] = []
        self._cancelled: bool | None = False  # None where nobody knows
        self._doubtful = bool(machine.possible or machine.escaping)

    def awaited(self, machine: MachineState, frame: Frame) -> Value:
        """Its result, or its exception."""
        machine.run_tasks()
        if not self._set:
            machine.waits_unknown += 1
        return self._ended(machine, frame)

    def _ended(self, machine: MachineState, _frame: Frame) -> Value:
        if self._cancelled:
            machine.fail(CancelledError)
        if self._cancelled is None:
            machine.risk(Raised.of(CancelledError).names)
        if self._raised is not None and (machine.catches(*self._raised.names) or self._raised.ends):
            raise self._raised
        return self._result

    def failed(self) -> Raised | None:
        """The exception that has ended it."""
        return self._raised

    def _has_ended(self, machine: MachineState) -> Value:
        return UNKNOWN if self._doubtful or machine.possible else self._set or bool(self._cancelled)

    def _cancel(self, call: Invocation) -> Value:
        """What has not begun never runs. Whether something has come to its end before is not known."""
        begun = self._work is None and not (type(self) is Future and not self._set)
        sure = not begun and not self._doubtful and not call.machine.possible
        self._cancelled = True if sure else None
        if sure:
            self._work = None
        return True if sure else UNKNOWN

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """Its methods."""
        models: dict[str, Model] = {
            "cancel": self._cancel,
            "result": lambda call: self._ended(call.machine, call.frame),
            "exception": self._exception,
            "done": lambda call: self._has_ended(call.machine),
            "cancelled": lambda _: UNKNOWN if self._cancelled is None else self._cancelled,
            "add_done_callback": self._add_callback,
            "set_result": lambda call: self._end(call, call.first(), None),
            "set_exception": lambda call: self._end(call, UNKNOWN, call.first()),
        }
        if name == "__await__":
            return Native(name, lambda call: ListValue([self.awaited(call.machine, call.frame)][:0]))
        return Native(name, models[name]) if name in models else UNKNOWN

    def _exception(self, call: Invocation) -> Value:
        if not self._set or self._cancelled is None:
            return UNKNOWN
        return None if self._raised is None else caught(self._raised, call.machine)

    def _end(self, call: Invocation, result: Value, error: Value) -> Value:
        """`set_result` and `set_exception`."""
        self._set, self._result = True, result
        self._doubtful |= bool(call.machine.possible)
        if error is not None:
            names = behaviour(error).exception_names() or Raised.of(Exception).names
            self._raised = Raised(names, error)
        for callback in self._callbacks:
            _schedule(call, partial(call.machine.call, callback, [self], {}, call.frame, complete=True))
        return None

    def _add_callback(self, call: Invocation) -> Value:
        if self._set:
            _schedule(call, partial(call.machine.call, call.first(), [self], {}, call.frame, complete=True))
        else:
            self._callbacks.append(call.first())
        return None


class Task(Future):
    """Something that an event loop runs at its next turn, or when it is awaited before."""

    __slots__ = ()

    def __init__(self, call: Invocation, work: Callable[[], Value]) -> None:
        machine = call.machine
        super().__init__(machine, work)
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
        self._set = True
        for callback in self._callbacks:
            machine.call(callback, [self], {}, frame, complete=True)

    def awaited(self, machine: MachineState, frame: Frame) -> Value:
        """Its result, or its exception."""
        self._run(machine, frame)
        return self._ended(machine, frame)


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


class Waited(Gathered):
    """`wait(tasks)`: those that are done, and the others."""

    __slots__ = ("_all",)

    def __init__(self, parts: list[Abstract], *, all_of_them: bool) -> None:
        super().__init__(parts, catches=True)
        self._all = all_of_them

    def awaited(self, machine: MachineState, frame: Frame) -> Value:
        """Two sets of tasks."""
        super().awaited(machine, frame)
        done: dict[Value, None] = dict.fromkeys(self._parts) if self._all else {}
        return SetValue(done, not self._all), SetValue({}, not self._all)


class Sleep(Abstract):
    """`sleep(seconds, result)`."""

    __slots__ = ("_result", "_seconds")

    def __init__(self, call: Invocation) -> None:
        self._seconds, self._result = call.get(0, "delay", UNKNOWN), call.get(1, "result")

    def awaited(self, machine: MachineState, _frame: Frame) -> Value:
        """Others have their turn. A time limit that ends before ends it."""
        machine.run_tasks()
        limit, seconds = machine.deadline, self._seconds
        if limit is None:
            return self._result
        if not isinstance(seconds, int | float) or limit == UNCLEAR:
            machine.waits_unknown += 1
        elif seconds >= limit:
            raise Raised.of(CancelledError)
        else:
            machine.deadline = limit - seconds
        return self._result

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """`__await__`: it yields to the loop only."""
        return Native(name, self._steps) if name == "__await__" else UNKNOWN

    def _steps(self, call: Invocation) -> Value:
        self.awaited(call.machine, call.frame)
        return ListValue([])


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
            if not strikes or "CancelledError" not in raised.names or raised.value is not UNKNOWN:
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


def _tasks_of(call: Invocation) -> list[Abstract] | None:
    """The tasks of the coroutines that the first argument gives; None where they are not all known."""
    found = call.machine.items_of(call.first())
    if found is None or not found[1]:
        return None
    return [behaviour(_task(Invocation(call.machine, call.frame, [one], {}, call.line, True))) for one in found[0]]


def _wait(call: Invocation) -> Value:
    tasks = _tasks_of(call)
    limits = call.keywords.get("timeout") is not None or "return_when" in call.keywords
    return UNKNOWN if tasks is None else Waited(tasks, all_of_them=not limits)


def _as_completed(call: Invocation) -> Value:
    """In an order that nobody knows."""
    tasks = _tasks_of(call)
    made = ListValue([*tasks] if tasks is not None else [], tasks is None)
    made.loose = True
    return made


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
    "create_future": lambda call: Future(call.machine),
}


def _future(call: Invocation) -> Value:
    return Future(call.machine)


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
