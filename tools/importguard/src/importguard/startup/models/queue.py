"""`queue`: who takes something out waits for the threads that put something in."""

from __future__ import annotations

from importguard.startup.models.library import Library
from importguard.startup.models.threading import notes
from importguard.startup.values.base import Abstract, Invocation, Value, truth


def _get(call: Invocation, own: Abstract) -> Value:
    """`queue.get()`: which thread is the first to put something in, and how far it is then, is not known."""
    machine = call.machine
    if not machine.quiet and truth(call.get(1, "block", True), machine) is not False:
        for one in machine.threads.started:
            if one.sets(call.first()):
                one.end(machine, limited=True)
    return own.call(call)


LIBRARY = Library(methods={"queue": {"Queue.put": notes, "Queue.get": _get}})
