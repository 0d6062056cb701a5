"""`time`: functions in C that import."""

from __future__ import annotations

from importguard.startup.models.library import Library
from importguard.startup.values.base import UNKNOWN, Invocation, Value


def _parse_time(call: Invocation) -> Value:
    call.machine.import_dynamic("_strptime", call)
    return UNKNOWN


LIBRARY = Library(functions={"time": {"strptime": _parse_time}})
