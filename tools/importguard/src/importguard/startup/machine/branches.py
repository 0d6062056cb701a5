"""Doubt: ways that may run each, and what holds after them (docs/decisions/0018-certain-and-possible.md)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from importguard.source import program as ir
from importguard.startup.machine.state import MachineState
from importguard.startup.values.base import UNKNOWN, Exhausted, Raised, Unknown, Value
from importguard.startup.values.frames import Completion, Frame, Leave
from importguard.startup.values.gate import Gate
from importguard.startup.values.heap import Arm
from importguard.startup.values.merge import merge, merge_names

Answer = TypeVar("Answer")
MAX_ALTERNATIVES = 200  # of one choice
ALTERNATIVE_STEPS = 20_000  # of one of them
ALTERNATIVES_STEPS = 120_000  # of all in a start
OPTION_STEPS = 8_000  # of what an option calls that a command line may have


def branch(machine: MachineState, frame: Frame, ways: Sequence[Callable[[], Completion] | None]) -> Completion:
    """Run every way as possible, each from the same names; then go on with what they leave. None: nothing runs."""
    namespace = frame.namespace
    machine.spend(len(namespace) * len(ways) >> 3)
    before = namespace.copy()
    live: dict[str, Value] | None = None  # of the ways that go on, merged one by one: there may be many
    left: list[Leave] = []
    raised: Raised | None = None
    doubted = False
    heap, depth = machine.heap, len(machine.heap.arms)
    changed: list[Arm] = []  # by the ways that go on or return
    escaped: list[Arm] = []  # by those that raise
    risks: list[Raised] = []
    for way in ways:
        if way is None:
            live = before if live is None else merge_names((live, before))
            changed.append({})
            continue
        raises = False
        machine.possible += 1
        heap.open()
        maybe, frame.maybe = frame.maybe, False
        try:
            completion = way()
            if completion is None or completion.kind != "return":
                live = namespace.copy() if live is None else merge_names((live, namespace))
                frame.may_break |= completion is not None and completion.kind == "break"
            else:
                left.append(completion)
        except Raised as event:
            if raised is not None:
                risks.append(raised)
            raised, raises = event, True
        finally:
            heap.close(depth + 1)
            (escaped if raises else changed).append(heap.undo())
            machine.possible -= 1 + frame.maybe
            machine.unended -= frame.maybe
            doubted |= frame.maybe
            frame.maybe = maybe
            namespace.clear()
            namespace.update(before)
    heap.join(changed or escaped)
    if changed and raised is not None and any(machine.catches(*one.names) for one in (raised, *risks)):
        heap.join([{}, *escaped])  # for the handler
    if raised is not None and (live is not None or left):
        risks.append(raised)
    for risk in risks:
        machine.risk(risk.names)
    completion = _join(machine, frame, live, left, raised)
    if doubted and frame.function is not None:
        doubt(machine, frame)
    return completion


def _join(
    machine: MachineState, frame: Frame, live: dict[str, Value] | None, left: list[Leave], raised: Raised | None
) -> Completion:
    if live is None:
        if left:
            value = left[0].value
            for other in left[1:]:
                value = merge(value, other.value)
            return Leave("return", value)
        if raised is not None and machine.catches(*raised.names):
            raise raised
        return None
    frame.restore(live)
    if left and frame.function is not None:
        frame.returns += [leave.value for leave in left]
        doubt(machine, frame)
    return None


def perhaps(machine: MachineState, frame: Frame, run: Callable[[], Answer]) -> Answer | Unknown:
    """What *run* answers, where it is only possible that it runs."""
    maybe, depth = frame.maybe, len(machine.heap.arms)
    machine.possible += 1
    machine.heap.open()
    try:
        return run()
    except Raised as raised:
        machine.risk(raised.names)
        return UNKNOWN
    finally:
        machine.heap.close(depth)
        machine.possible -= 1
        if frame.maybe and not maybe:  # it may have left the frame: the rest is in doubt, too
            machine.heap.open()


def alternatives(
    machine: MachineState, frame: Frame, runs: Sequence[tuple[str, Callable[[], object]]], each: int = 0
) -> None:
    """One of *runs*, each with its name, is what the program does, and nobody knows which: a command of its users.

    The choice itself is no condition that makes calls below it too doubtful to follow. *each*: how many steps one may
    take, where they do not share those of the start.
    """
    each = each or (max(ALTERNATIVE_STEPS, ALTERNATIVES_STEPS // len(runs)) if runs else 0)
    for name, run in runs[:MAX_ALTERNATIVES]:
        if machine.tried > ALTERNATIVES_STEPS:
            machine.record_stop(frame, f"{name} is not followed: the other ways took too long")
            return
        started = machine.steps
        limit, machine.limit = machine.limit, min(machine.limit, machine.steps + each)
        machine.alternatives += 1
        calls = len(machine.calls)
        try:
            perhaps(machine, frame, run)
        except Exhausted:
            if machine.work > machine.max_work or machine.steps >= limit:
                raise
            del machine.calls[calls:]
            machine.record_stop(frame, f"{name} took more than {each:,} steps")
        finally:
            machine.alternatives -= 1
            machine.tried += 0 if machine.alternatives else machine.steps - started
            machine.limit = limit
    if len(runs) > MAX_ALTERNATIVES:
        machine.record_stop(frame, f"only {MAX_ALTERNATIVES} of {len(runs):,} ways are followed")


def commands(machine: MachineState, frame: Frame, runs: Sequence[tuple[str, Callable[[], object]]]) -> None:
    """As `alternatives`, of the sub-commands that a command line may name; each is noted."""
    above = machine.command

    def running(name: str, run: Callable[[], object]) -> Callable[[], object]:
        def go() -> None:
            machine.command = (*above, name)
            try:
                run()
            finally:
                machine.command = above

        return go

    machine.commands.update(((*above, name), None) for name, _ in runs)
    alternatives(machine, frame, [(f"the command {name}", running(name, run)) for name, run in runs])


def doubt(machine: MachineState, frame: Frame) -> None:
    """From here to the end of *frame* everything is only possible."""
    if not frame.maybe:
        frame.maybe = True
        machine.possible += 1
        machine.unended += 1
        machine.heap.open()


Way = Callable[[], Completion]


def behind(machine: MachineState, test: Value, body: Way | None, orelse: Way | None) -> list[Way | None]:
    """The ways *body* and *orelse* of what *test* decides, where it may be the warmup's answer about a module.

    On the way of a yes the module is warm; after both, where that of a no does not go on.
    """
    if not isinstance(test, Gate):
        return [body, orelse]
    warm, cold = (orelse, body) if test.negated else (body, orelse)
    known = machine.warmed.modules
    before = len(known)

    def without() -> Completion:
        try:
            answer = cold() if cold is not None else None
        except Raised:
            left.append(True)
            raise
        left.append(answer is not None)
        return answer

    def with_it() -> Completion:
        known.append(test.module)
        try:
            return warm() if warm is not None else None
        finally:
            if True not in left:
                del known[before:]

    left: list[bool] = []
    return [without, with_it]


def condition(machine: MachineState, node: ir.Expression, frame: Frame) -> Value:
    """The value of an expression that decides what runs."""
    asked = len(machine.decisions.asked)
    value = machine.evaluate(node, frame)
    machine.decisions.decide(asked, node, frame.module.name)
    return value
