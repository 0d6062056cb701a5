"""Doubt: ways that may run each, and what holds after them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from importguard.startup.machine.state import MachineState
from importguard.startup.values.base import CONSTANTS, MISSING, UNKNOWN, Raised, Value
from importguard.startup.values.frames import Completion, Frame, Leave


def merge(first: Value, second: Value) -> Value:
    """One value for a name that two branches bound."""
    if first is second or (type(first) is type(second) and isinstance(first, CONSTANTS) and first == second):
        return first
    if first is UNKNOWN or first is MISSING:
        return UNKNOWN if isinstance(second, CONSTANTS) else second
    if second is UNKNOWN or second is MISSING:
        return UNKNOWN if isinstance(first, CONSTANTS) else first
    if isinstance(first, CONSTANTS) or isinstance(second, CONSTANTS):
        return UNKNOWN
    return first


def branch(machine: MachineState, frame: Frame, ways: Sequence[Callable[[], Completion]]) -> Completion:
    """Run every way as possible, each from the same names; then go on with what they leave."""
    namespace = frame.namespace
    machine.spend(len(namespace) * len(ways) >> 3)
    before = namespace.copy()
    live: list[dict[str, Value]] = []
    left: list[Leave] = []
    raised: Raised | None = None
    doubted = False
    for way in ways:
        machine.possible += 1
        maybe = frame.maybe
        frame.maybe = False
        try:
            completion = way()
            if completion is None or completion.kind != "return":
                live.append(namespace.copy())
                frame.may_break |= completion is not None and completion.kind == "break"
            else:
                left.append(completion)
        except Raised as event:
            raised = event
        finally:
            machine.possible -= 1 + frame.maybe
            doubted |= frame.maybe
            frame.maybe = maybe
            namespace.clear()
            namespace.update(before)
    completion = _join(machine, frame, live, left, raised)
    if doubted and frame.function is not None:
        doubt(machine, frame)
    return completion


def _join(
    machine: MachineState, frame: Frame, live: list[dict[str, Value]], left: list[Leave], raised: Raised | None
) -> Completion:
    if not live:
        if left:
            value = left[0].value
            for other in left[1:]:
                value = merge(value, other.value)
            return Leave("return", value)
        if raised is not None and machine.catches(*raised.names):
            raise raised
        return None
    merged = live[0]
    for names in live[1:]:
        known = merged.get
        for name in [name for name, value in names.items() if known(name, MISSING) is not value]:
            merged[name] = merge(known(name, MISSING), names[name])
        for name in merged.keys() - names.keys():
            merged[name] = merge(merged[name], MISSING)
    frame.namespace.clear()
    frame.namespace.update(merged)
    if left and frame.function is not None:
        frame.returns += [leave.value for leave in left]
        doubt(machine, frame)
    return None


def doubt(machine: MachineState, frame: Frame) -> None:
    """From here to the end of *frame* everything is only possible."""
    if not frame.maybe:
        frame.maybe = True
        machine.possible += 1
