"""`subprocess`: a process that has ended has a number to say how."""

from __future__ import annotations

from importguard.startup.models.library import Library
from importguard.startup.values.base import UNKNOWN, Abstract, Invocation, Value
from importguard.startup.values.instances import Instance
from importguard.startup.values.numbers import Number

_ENDED = Number(-64, 255)


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


LIBRARY = Library(methods={"subprocess": {"Popen.wait": _wait, "Popen.communicate": _communicate}})
