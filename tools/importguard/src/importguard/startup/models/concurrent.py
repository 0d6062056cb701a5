"""`concurrent.futures`: what a pool of threads runs is not on the main thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importguard.startup.models.library import Library
from importguard.startup.models.threading import run_beside
from importguard.startup.values.base import UNKNOWN, Abstract, Invocation, Value
from importguard.startup.values.lists import ListValue
from importguard.startup.values.natives import Native

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.machine.threads import RunningThread
    from importguard.startup.values.frames import Frame


class Future(Abstract):
    """What a pool makes of a call. `executor`: the pool; `running`: the thread that runs it, if that is followed."""

    __slots__ = ("executor", "running")

    def __init__(self, executor: Value) -> None:
        self.executor = executor
        self.running: RunningThread | None = None

    def end(self, machine: MachineState) -> None:
        """It has run."""
        if self.running is not None and not machine.quiet:
            self.running.end(machine)

    def awaited(self, machine: MachineState, _frame: Frame) -> Value:
        """Its result."""
        self.end(machine)
        return UNKNOWN

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """`result` and `exception` wait for it."""
        return Native(name, self._result) if name in {"result", "exception"} else UNKNOWN

    def _result(self, call: Invocation) -> Value:
        if call.get(0, "timeout") is None:
            self.end(call.machine)
        return UNKNOWN


def beside(call: Invocation, executor: Value) -> Future:
    """A thread runs the first argument of *call* with the others."""
    made = Future(executor)
    made.running = run_beside(call, made)
    return made


def _submit(call: Invocation, _own: Abstract) -> Value:
    """`pool.submit(function, *args)`."""
    call.machine.threads.note_hazard("starts a thread", call)
    inner = Invocation(call.machine, call.frame, call.args[1:], call.keywords, call.line, call.complete)
    return beside(inner, call.first())


def _map(call: Invocation, _own: Abstract) -> Value:
    """`pool.map(function, items)`: going over the results waits for them; we assume that the program does."""
    function = call.args[1] if len(call.args) > 1 else UNKNOWN
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


def _wait(call: Invocation) -> Value:
    """`wait(futures)` and `as_completed(futures)`."""
    found = call.machine.items_of(call.first())
    for one in found[0] if found is not None and call.get(1, "timeout") is None else ():
        if isinstance(one, Future):
            one.end(call.machine)
    return UNKNOWN


LIBRARY = Library(
    functions={"concurrent.futures._base": {"wait": _wait, "as_completed": _wait}},
    methods={
        "concurrent.futures.thread": {"ThreadPoolExecutor.submit": _submit, "ThreadPoolExecutor.shutdown": _shutdown},
        "concurrent.futures._base": {
            "Executor.map": _map,
            "Executor.__enter__": lambda call, _own: call.first(),
            "Executor.__exit__": _shutdown,
        },
    },
)
