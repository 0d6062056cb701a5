"""`queue`: who takes something out waits for the threads that put something in."""

from __future__ import annotations

from importguard.startup.machine.state import MachineState
from importguard.startup.models.library import Library
from importguard.startup.models.threading import notes
from importguard.startup.values.base import Abstract, Invocation, Value, truth
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.modules import ModuleValue


def _get(call: Invocation, own: Abstract) -> Value:
    """`queue.get()`: which thread is the first to put something in, and how far it is then, is not known."""
    machine = call.machine
    if not machine.quiet and truth(call.get(1, "block", True), machine) is not False:
        for one in machine.threads.started:
            if one.sets(call.first()):
                one.end(machine, limited=True)
    return own.call(call)


def _fill(_machine: MachineState, module: ModuleValue) -> None:
    """Of the queue that is in C there is one in Python, too."""
    plain = module.namespace.get("_PySimpleQueue")
    if isinstance(plain, ClassValue):
        module.namespace["SimpleQueue"] = plain


LIBRARY = Library(
    methods={
        "queue": {
            "Queue.put": notes,
            "Queue.get": _get,
            "_PySimpleQueue.put": notes,
            "_PySimpleQueue.get": _get,
        }
    },
    fill={"queue": _fill},
)
