"""`concurrent.futures`: what a pool's threads are given runs beside the program; `result` waits for it."""

from __future__ import annotations

from importguard.startup.models.library import Library
from importguard.startup.models.threading import start_thread, waited_for
from importguard.startup.values.base import UNKNOWN, Abstract, Invocation, Raised, Value
from importguard.startup.values.lists import ListValue
from importguard.startup.values.natives import Native


class Future(Abstract):
    """A call that a pool has been given."""

    __slots__ = ("_answer", "_raised")

    def __init__(self) -> None:
        self._answer: Value = UNKNOWN
        self._raised: Raised | None = None

    def start(self, call: Invocation, target: Value) -> None:
        """*target* runs with the arguments of *call*."""
        self._answer, self._raised = start_thread(call, self, target)

    def attribute(self, name: str, _machine: object, _frame: object) -> Value:
        """Its methods."""
        methods = {"result": self._result, "exception": self._exception, "add_done_callback": self._add_callback}
        return Native(name, methods[name]) if name in methods else UNKNOWN

    def _result(self, call: Invocation) -> Value:
        waited_for(self, call.machine)
        if self._raised is not None and call.machine.expects(*self._raised.names):
            raise self._raised
        return self._answer

    def _exception(self, call: Invocation) -> Value:
        waited_for(self, call.machine)
        return None if self._raised is None else self._raised.value

    def _add_callback(self, call: Invocation) -> Value:
        """Whoever is done first calls it: that thread, or this one."""
        call.machine.call_perhaps(call.first(), [self])
        return None


def _submit(call: Invocation, own: Abstract) -> Value:
    """`pool.submit(function, …)`."""
    future = Future()
    rest = Invocation(call.machine, call.frame, call.args[2:], call.keywords, call.line, call.complete)
    target = call.get(1, "fn", UNKNOWN)
    own.call(call)
    future.start(rest, target)
    return future


def _map(call: Invocation, own: Abstract) -> Value:
    """`pool.map(function, items)`: the results in order."""
    machine = call.machine
    found = machine.items_of(call.args[2]) if len(call.args) == 3 else None
    own.call(call)
    if found is None:
        return UNKNOWN
    answers: list[Value] = []
    for item in found[0]:
        future = Future()
        future.start(Invocation(machine, call.frame, [item], {}, call.line, True), call.args[1])
        answers.append(Native("result", future._result).call(call))
    return ListValue(answers, not found[1])


LIBRARY = Library(
    methods={
        "concurrent.futures.thread": {"ThreadPoolExecutor.submit": _submit},
        "concurrent.futures._base": {"Executor.map": _map},
    }
)
