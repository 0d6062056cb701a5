"""`atexit`: what the project's own code wants to run when the program ends, the latest first."""

from __future__ import annotations

from functools import partial

from importguard.startup.models.library import Library
from importguard.startup.trace.trace import Origin
from importguard.startup.values.base import UNKNOWN, Invocation, Value


def _register(call: Invocation) -> Value:
    """`register(function, …)`: it gives the function, so it is a decorator, too."""
    callee, machine = call.first(), call.machine
    if callee is not UNKNOWN and call.frame.module.origin == Origin.FIRST_PARTY:
        machine.at_exit.append(
            (callee, partial(machine.call, callee, call.args[1:], call.keywords, call.frame, call.complete))
        )
    return callee


def _unregister(call: Invocation) -> Value:
    """`unregister(function)`: in doubt it stays."""
    machine, gone = call.machine, call.first()
    if not machine.possible:
        machine.at_exit = [one for one in machine.at_exit if one[0] is not gone]
    return None


LIBRARY = Library(functions={"atexit": {"register": _register, "unregister": _unregister}})
