"""`time`: clocks, and functions in C that import."""

from __future__ import annotations

from importguard.startup.models.library import Library
from importguard.startup.values.base import UNKNOWN, Invocation, Value
from importguard.startup.values.natives import Model
from importguard.startup.values.numbers import Number

_SINCE_2020 = 1_577_836_800  # seconds: no program that runs now finds less
_CLOCKS = {
    "time": Number(_SINCE_2020, kind="float"),
    "time_ns": Number(_SINCE_2020 * 10**9),
    **dict.fromkeys(("monotonic", "perf_counter", "process_time", "thread_time"), Number(0.0, kind="float")),
    **dict.fromkeys(("monotonic_ns", "perf_counter_ns", "process_time_ns"), Number(0)),
}


def _parse_time(call: Invocation) -> Value:
    call.machine.import_dynamic("_strptime", call, "time")
    return UNKNOWN


def _showing(reading: Number) -> Model:
    return lambda _: reading


LIBRARY = Library(
    functions={
        "time": {
            "strptime": _parse_time,
            **{name: _showing(reading) for name, reading in _CLOCKS.items()},
        }
    }
)
