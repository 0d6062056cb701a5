"""`concurrent.futures`: what a pool of threads runs is not on the main thread, what one of processes runs elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importguard.startup.models.library import Library
from importguard.startup.models.threading import run_beside
from importguard.startup.values.base import UNKNOWN, Abstract, Invocation, Value
from importguard.startup.values.builtin_types import BuiltinType
from importguard.startup.values.exceptions import caught
from importguard.startup.values.instances import Instance
from importguard.startup.values.lists import ListValue
from importguard.startup.values.natives import Native

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.machine.threads import RunningThread
    from importguard.startup.values.frames import Frame

MAX_CALLS = 100  # of one function with the items of a list


class Future(Abstract):
    """What a pool makes of a call. `executor`: the pool; `running`: the thread that runs it, if that is followed."""

    __slots__ = ("answer", "executor", "running")
    by_identity = True

    def __init__(self, executor: Value) -> None:
        self.executor = executor
        self.running: RunningThread | None = None
        self.answer: Value = UNKNOWN  # of what is no code of the program's

    def end(self, machine: MachineState, *, limited: bool = False) -> None:
        """Whoever waits for it goes on; *limited*: at the latest after some time."""
        if self.running is not None and not machine.quiet:
            self.running.end(machine, limited=limited)

    def awaited(self, machine: MachineState, _frame: Frame) -> Value:
        """Its result."""
        self.end(machine)
        return self._ended(machine)

    def _ended(self, machine: MachineState) -> Value:
        """What the call has given. Raises what it has raised."""
        if self.running is None:
            return self.answer
        raised = self.running.raised
        if raised is not None and machine.expects(*raised.names):
            raise raised
        return self.running.answer

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """`result` and `exception` wait for it."""
        methods = {"result": self._result, "exception": self._exception, "add_done_callback": self._add_callback}
        return Native(name, methods[name]) if name in methods else UNKNOWN

    def _result(self, call: Invocation) -> Value:
        limited = call.get(0, "timeout") is not None
        self.end(call.machine, limited=limited)
        return UNKNOWN if limited else self._ended(call.machine)

    def _exception(self, call: Invocation) -> Value:
        self.end(call.machine, limited=call.get(0, "timeout") is not None)
        raised = self.running.raised if self.running is not None else None
        return UNKNOWN if raised is None else caught(raised, call.machine)

    def _add_callback(self, call: Invocation) -> Value:
        """Whoever is done first calls it: that thread, or this one."""
        call.machine.call_perhaps(call.first(), [self])
        return None


def beside(call: Invocation, executor: Value, *, apart: bool = False) -> Future:
    """A thread runs the first argument of *call* with the others; *apart*: another process does."""
    made = Future(executor)
    made.running = run_beside(call, made, apart=apart)
    if made.running is None and isinstance(call.first(), Native | BuiltinType):
        call.machine.quiet += 1  # it may call code that imports
        try:
            made.answer = call.machine.call(call.first(), call.args[1:], call.keywords, call.frame, call.complete)
        finally:
            call.machine.quiet -= 1
    return made


def of_processes(pool: Value) -> bool:
    """Whether other processes do what *pool* is given."""
    return isinstance(pool, Instance) and any(cls.name == "ProcessPoolExecutor" for cls in pool.cls.mro())


def _submit(call: Invocation, _own: Abstract) -> Value:
    """`pool.submit(function, *args)`."""
    call.machine.threads.note_hazard("starts a thread", call)
    inner = Invocation(call.machine, call.frame, call.args[1:], call.keywords, call.line, call.complete)
    return beside(inner, call.first())


def _submit_apart(call: Invocation, own: Abstract) -> Value:
    """`pool.submit(function, *args)`, where a process runs it: what its own code loads to start one is ours."""
    own.call(call)
    inner = Invocation(call.machine, call.frame, call.args[1:], call.keywords, call.line, call.complete)
    return beside(inner, call.first(), apart=True)


def _map(call: Invocation, _own: Abstract) -> Value:
    """`pool.map(function, items)`: going over the results waits for them; we assume that the program does."""
    function = call.args[1] if len(call.args) > 1 else UNKNOWN
    found = call.machine.items_of(call.args[2]) if len(call.args) == 3 else None
    if found is not None and found[1] and len(found[0]) <= MAX_CALLS:
        parts = [
            beside(Invocation(call.machine, call.frame, [function, item], {}, call.line, True), call.first())
            for item in found[0]
        ]
        return ListValue([part.awaited(call.machine, call.frame) for part in parts])
    made = beside(Invocation(call.machine, call.frame, [function], {}, call.line, False), call.first())
    made.end(call.machine)
    return ListValue([], True)


def _shutdown(call: Invocation, _own: Abstract) -> Value:
    """`pool.shutdown()` and the end of a block wait for all that the pool runs."""
    if call.keywords.get("wait", True) is not False:
        for one in call.machine.threads.started:
            if isinstance(one.thread, Future) and one.thread.executor is call.first():
                one.thread.end(call.machine)
    return None


def _as_completed(call: Invocation) -> Value:
    """`as_completed(futures)`: all of them, in an order that nobody knows."""
    found = call.machine.items_of(call.first())
    _wait(call)
    made = ListValue(list(found[0]) if found is not None else [], found is None or not found[1])
    made.loose = True
    return made


def _wait(call: Invocation) -> Value:
    """`wait(futures)`."""
    found = call.machine.items_of(call.first())
    timeout = call.get(1, "timeout") is not None
    for one in found[0] if found is not None else ():
        if isinstance(one, Future):
            one.end(call.machine, limited=timeout)
    if found is None or timeout or "return_when" in call.keywords or len(call.args) > 1:
        return ListValue([ListValue([], True), ListValue([], True)])
    return _Waited(list(found[0]), found[1])


class _Waited(ListValue):
    """`wait(futures)`: those that have ended, and the others: none."""

    __slots__ = ("done",)

    def __init__(self, futures: list[Value], complete: bool) -> None:
        self.done = ListValue(futures, not complete)
        self.done.loose = len(futures) > 1
        super().__init__([self.done, ListValue([])])

    def attribute(self, name: str, machine: MachineState, frame: Frame) -> Value:
        """By their names, too."""
        named = {"done": self.items[0], "not_done": self.items[1]}
        return named[name] if name in named else super().attribute(name, machine, frame)


LIBRARY = Library(
    functions={"concurrent.futures._base": {"wait": _wait, "as_completed": _as_completed}},
    methods={
        "concurrent.futures.thread": {"ThreadPoolExecutor.submit": _submit, "ThreadPoolExecutor.shutdown": _shutdown},
        "concurrent.futures.process": {"ProcessPoolExecutor.submit": _submit_apart},
        "concurrent.futures._base": {
            "Executor.map": _map,
            "Executor.__enter__": lambda call, _own: call.first(),
            "Executor.__exit__": _shutdown,
        },
    },
)
