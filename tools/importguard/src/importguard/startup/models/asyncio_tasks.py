"""Futures and tasks of `asyncio`: a task stops where it waits, and goes on when what it waits for is there."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from importguard.startup.machine.branches import perhaps
from importguard.startup.machine.event_loop import EventLoop, TaskBody, body_of
from importguard.startup.values.base import UNKNOWN, Abstract, Invocation, Raised, Value
from importguard.startup.values.constants import behaviour
from importguard.startup.values.exceptions import caught
from importguard.startup.values.lists import ListValue
from importguard.startup.values.natives import Model, Native
from importguard.startup.values.sets import SetValue

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Frame

UNCLEAR = float("inf")  # seconds of a time limit that is not known


def loop_of(machine: MachineState) -> EventLoop:
    """The event loop of the start."""
    if machine.loop is None:
        machine.loop = EventLoop()
    return machine.loop  # type: ignore[no-any-return]  # an EventLoop


class Future(Abstract):
    """A result that comes: *work* gives it where that is a task's."""

    __slots__ = ("_callbacks", "_cancelled", "_doubtful", "_raised", "_result", "_set", "_waiting", "_work")
    by_identity = True

    def __init__(self, machine: MachineState, work: Callable[[], Value] | None = None) -> None:
        self._work = work
        self._set = False  # whether it has its result
        self._result: Value = UNKNOWN
        self._raised: Raised | None = None
        self._callbacks: list[Value] = []
        self._waiting: list[Task] = []  # who goes on when it has ended
        self._cancelled: bool | None = False  # None where nobody knows
        self._doubtful = bool(machine.possible or machine.escaping)

    @property
    def has_ended(self) -> bool:
        """Whether it has a result, an exception, or never gets one."""
        return self._set or self._cancelled is not False

    def awaited(self, machine: MachineState, frame: Frame) -> Value:
        """Its result, or its exception."""
        if not self.has_ended:
            self._wait(machine)
        return self._ended(machine, frame)

    def _wait(self, machine: MachineState) -> None:
        """The running task waits for it; code that is no task's lets the tasks run."""
        loop = loop_of(machine)
        body = loop.body()
        if body is not None:
            task = loop.tasks[-1][0]
            while not self.has_ended:
                self._waiting.append(task)  # type: ignore[arg-type]  # a Task
                pause(machine, body, None)
            return
        limit = machine.deadline
        until = None if limit is None or limit == UNCLEAR else loop.now + limit
        if loop.drive(machine, lambda: self.has_ended, until):
            return
        if until is not None and not machine.threads.started and not machine.possible:
            loop.now = until
            raise Raised.of(CancelledError)
        machine.waits_unknown += 1
        if until is None and not machine.threads.started and not machine.possible:
            machine.escaping += 1  # it may wait for good

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

    def cancel(self, machine: MachineState) -> Value:
        """What has ended cannot be cancelled."""
        if self._set and not self._doubtful:
            return False
        sure = not self._doubtful and not machine.possible
        self._cancelled = True if sure else None
        self.wake(machine)
        return True if sure else UNKNOWN

    def wake(self, machine: MachineState) -> None:
        """It has ended: whoever waits goes on at the next turn."""
        waiting, self._waiting = self._waiting, []
        for task in waiting:
            task.make_ready(machine)

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """Its methods."""
        models: dict[str, Model] = {
            "cancel": lambda call: self.cancel(call.machine),
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
        self._call_back(call.machine, call.frame)
        return None

    def _call_back(self, machine: MachineState, frame: Frame) -> None:
        self.wake(machine)
        for callback in self._callbacks:
            work = partial(machine.call, callback, [self], {}, frame, complete=True)
            Task(Invocation(machine, frame, [], {}, machine.line, True), work)

    def _add_callback(self, call: Invocation) -> Value:
        self._callbacks.append(call.first())
        if self._set:
            self._call_back(call.machine, call.frame)
        return None


class Task(Future):
    """Something that an event loop runs from its next turn on."""

    __slots__ = ("_body", "_deadline", "_frame", "_guessed", "_ready", "_thrown", "asked_to_end")

    def __init__(self, call: Invocation, work: Callable[[], Value]) -> None:
        machine = call.machine
        super().__init__(machine, work)
        self._frame = call.frame
        self._body: TaskBody | None = None
        self._deadline: float | None = None  # the time limit that its code has open
        self._guessed = False  # it has run at once to its end: where it waits is not known
        self._ready = False
        self._thrown: Raised | None = None  # what its next step throws
        self.asked_to_end = False
        self.make_ready(machine)

    def make_ready(self, machine: MachineState) -> None:
        """It makes a step at the next turn of the loop."""
        if not self._ready:
            self._ready = True
            machine.tasks.append((machine.possible, partial(self.step, machine)))

    def step(self, machine: MachineState, sent: Raised | None = None) -> None:
        """It goes on to its next wait, or to its end."""
        loop = loop_of(machine)
        if any(task is self for task, _ in loop.tasks):
            return
        loop.forget(self)
        self._ready = False
        sent, self._thrown = sent or self._thrown, None
        if self._work is not None:
            self._begin(machine)
        body = self._body
        if body is None or self not in loop.begun:
            return
        loop.tasks.append((self, body))
        outer, machine.deadline = machine.deadline, self._deadline
        try:
            kind, _ = body.resume(sent)
        finally:
            self._deadline, machine.deadline = machine.deadline, outer
            loop.tasks.pop()
        if kind == "end":
            loop.begun.pop(self, None)
            self._finish(machine)

    def _begin(self, machine: MachineState) -> None:
        work, self._work = self._work, None
        if work is None:
            return
        run = partial(self._run, machine, work)
        loop = loop_of(machine)
        self._body = body_of(machine, run) if not self._doubtful and not machine.possible else None
        if self._body is not None:
            loop.begun[self] = None
            return
        self._guessed = True
        if self._doubtful and not machine.possible:
            perhaps(machine, self._frame, run)
        else:
            run()
        self._finish(machine)

    def _run(self, machine: MachineState, work: Callable[[], Value]) -> Value:
        """Its code: what it raises is kept for whoever awaits the task."""
        machine.catchers.append(frozenset({"BaseException"}))
        try:
            self._result = work()
        except Raised as raised:
            self._raised = raised
        finally:
            machine.catchers.pop()
        return None

    def _finish(self, machine: MachineState) -> None:
        self._set = True
        if self._raised is not None and "CancelledError" in self._raised.names and self._raised.value is UNKNOWN:
            self._cancelled = True
        self._call_back(machine, self._frame)

    def awaited(self, machine: MachineState, frame: Frame) -> Value:
        """Its result, or its exception."""
        if machine.possible and self._work is not None:
            self.step(machine)
        return super().awaited(machine, frame)

    def cancel(self, machine: MachineState) -> Value:
        """One that waits gets a CancelledError there; what has not begun never runs."""
        if self._guessed and self._set:
            self._cancelled = None  # it may have waited somewhere
            return UNKNOWN
        if self._body is None or self._set or self._doubtful or machine.possible:
            if not self._set:
                self._work = None if not self._doubtful and not machine.possible else self._work
            return super().cancel(machine)
        self.asked_to_end, self._thrown = True, Raised.of(CancelledError)
        self.make_ready(machine)
        return True


def pause(machine: MachineState, body: TaskBody, seconds: float | None) -> None:
    """The running task waits so many seconds, or until somebody wakes it. Its time limit may end that."""
    loop = loop_of(machine)
    task, since, limit = loop.tasks[-1][0], loop.now, machine.deadline
    strikes = limit is not None and limit != UNCLEAR and (seconds is None or seconds >= limit)
    until = None if seconds is None else since + seconds
    try:
        while True:
            if limit is not None and strikes:
                loop.sleep(task, since + limit - loop.now, Raised.of(CancelledError))
            elif until is not None and until > loop.now:
                loop.sleep(task, until - loop.now)
            elif until is not None:
                task.make_ready(machine)
            body.wait()
            if until is None or loop.now >= until:
                return
    finally:
        if limit is not None:
            machine.deadline = max(0.0, limit - (loop.now - since))


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


class Waited(Abstract):
    """`wait(tasks)`: those that are done, and the others. *first*: it waits for one of them only."""

    __slots__ = ("_first", "_parts", "_sure")

    def __init__(self, parts: list[Abstract], *, first: bool, sure: bool) -> None:
        self._parts, self._first, self._sure = parts, first, sure

    def awaited(self, machine: MachineState, frame: Frame) -> Value:
        """Two sets of tasks."""
        tasks = [one for one in self._parts if isinstance(one, Future)]
        if self._first:
            wait_for(machine, lambda: any(one.has_ended for one in tasks), tasks)
        else:
            Gathered(self._parts, catches=True).awaited(machine, frame)
        sure = self._sure and not machine.possible and len(tasks) == len(self._parts)
        done: dict[Value, None] = {one: None for one in tasks if one.has_ended and sure}
        others: dict[Value, None] = {one: None for one in tasks if not one.has_ended and sure}
        return SetValue(done, not sure), SetValue(others, not sure)


def wait_for(machine: MachineState, done: Callable[[], bool], tasks: list[Future]) -> None:
    """The running code waits for one of *tasks* to end."""
    loop = loop_of(machine)
    body = loop.body()
    if body is None:
        loop.drive(machine, done)
        return
    while not done():
        for one in tasks:
            if not one.has_ended:
                one._waiting.append(loop.tasks[-1][0])  # type: ignore[arg-type]
        pause(machine, body, None)


class Sleep(Abstract):
    """`sleep(seconds, result)`."""

    __slots__ = ("_result", "_seconds")

    def __init__(self, call: Invocation) -> None:
        self._seconds, self._result = call.get(0, "delay", UNKNOWN), call.get(1, "result")

    def awaited(self, machine: MachineState, _frame: Frame) -> Value:
        """Others have their turn. A time limit that ends before ends it."""
        loop, seconds, limit = loop_of(machine), self._seconds, machine.deadline
        if not isinstance(seconds, int | float) or limit == UNCLEAR:
            machine.waits_unknown += limit is not None
            seconds = 0
        body = loop.body()
        if body is not None:
            pause(machine, body, max(seconds, 0))
            return self._result
        until = loop.now + (seconds if limit is None else min(seconds, limit))
        machine.run_tasks()
        if seconds > 0:
            loop.drive(machine, lambda: False, until)
            loop.now = max(loop.now, until) if not machine.possible else loop.now
        if limit is not None and limit != UNCLEAR and seconds >= limit:
            raise Raised.of(CancelledError)
        if limit is not None:
            machine.deadline = limit - seconds
        return self._result

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """`__await__`: it yields to the loop only."""
        return Native(name, self._steps) if name == "__await__" else UNKNOWN

    def _steps(self, call: Invocation) -> Value:
        self.awaited(call.machine, call.frame)
        return ListValue([])


def cancel_all(machine: MachineState) -> None:
    """The loop ends: tasks that wait are cancelled, as `asyncio.run` does."""
    loop = loop_of(machine)
    for task in list(loop.begun):
        if isinstance(task, Task):
            task.cancel(machine)
    loop.drive(machine, lambda: not loop.begun, loop.now)
