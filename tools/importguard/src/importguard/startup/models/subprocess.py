"""`subprocess`: a process that has ended has a number to say how."""

from __future__ import annotations

import os

from importguard.startup.models.library import Library
from importguard.startup.values.base import UNKNOWN, Abstract, Invocation, Raised, Value
from importguard.startup.values.instances import Instance
from importguard.startup.values.numbers import Number

_ENDED = Number(-64, 255)


def _start(call: Invocation, own: Abstract) -> Value:
    """`Popen(args)`: nobody knows whether there is such a program, but where its path says so."""
    made = own.call(call)
    given, machine = call.get(1, "args", UNKNOWN), call.machine
    found = machine.items_of(given) if not isinstance(given, str) else ([given], True)
    program = found[0][0] if found is not None and found[0] else UNKNOWN
    known = isinstance(program, str) and os.path.isabs(program)
    if not known or not machine.finder.disk.ask("isfile", str(program)):
        machine.doubt_success(*Raised.of(FileNotFoundError).names)
    return made


def _wait(call: Invocation, own: Abstract) -> Value:
    """`process.wait()`."""
    own.call(call)
    return _end(call.first(), call)


def _communicate(call: Invocation, own: Abstract) -> Value:
    """`process.communicate()`."""
    made = own.call(call)
    _end(call.first(), call)
    return made


def _end(process: Value, call: Invocation) -> Value:
    if not isinstance(process, Instance):
        return UNKNOWN
    call.machine.heap.changing(process)
    process.attributes["returncode"] = _ENDED
    return _ENDED


LIBRARY = Library(
    methods={"subprocess": {"Popen.__init__": _start, "Popen.wait": _wait, "Popen.communicate": _communicate}}
)
