"""`for` and `while`: turn by turn where the turns are known."""

from __future__ import annotations

from collections.abc import Sequence

from importguard.source import program as ir
from importguard.startup.machine.assignment import assign
from importguard.startup.machine.branches import branch
from importguard.startup.machine.expressions import evaluate
from importguard.startup.machine.state import MachineState
from importguard.startup.values.base import MAX_ITEMS, MAX_TURNS, UNKNOWN, truth
from importguard.startup.values.frames import Completion, Frame, Leave

DOUBTFUL_TURNS = 3  # of one that may have been left before: by a `break` or `return` that may have run
LOOP_STEPS = 2_000  # of one that imports nothing

BREAK, CONTINUE = Leave("break"), Leave("continue")


def run_for(machine: MachineState, node: ir.For, frame: Frame) -> Completion:
    """A `for` statement."""
    iterable = evaluate(machine, node.iter, frame)
    items = machine.items_of(iterable)
    if items is None:
        assign(machine, node.target, UNKNOWN, frame)
        return _perhaps(machine, node.body, frame)
    outer, frame.may_break = frame.may_break, False
    try:
        for item in items[0][:MAX_ITEMS]:
            machine.spend(1)
            assign(machine, node.target, item, frame)
            completion = _turn(machine, node.body, frame)
            if completion not in (None, CONTINUE):
                return None if completion is BREAK else completion
    finally:
        frame.may_break = outer
    if not items[1]:
        assign(machine, node.target, UNKNOWN, frame)
        _perhaps(machine, node.body, frame)
    return machine.run_block(node.orelse, frame)


def _turn(machine: MachineState, body: tuple[ir.Statement, ...], frame: Frame) -> Completion:
    """One turn of a loop; only a possible one when the loop may have been left before."""
    doubtful = frame.may_break
    machine.possible += doubtful
    try:
        return machine.run_block(body, frame)
    finally:
        machine.possible -= doubtful


def _perhaps(machine: MachineState, body: tuple[ir.Statement, ...], frame: Frame) -> Completion:
    """The body of a loop that may have no turn."""

    def once() -> Completion:
        outer = frame.may_break
        completion = machine.run_block(body, frame)
        frame.may_break = outer
        return None if completion in (BREAK, CONTINUE) else completion

    return branch(machine, frame, [once, lambda: None])


def run_while(machine: MachineState, node: ir.While, frame: Frame) -> Completion:
    """A `while` statement."""
    outer, frame.may_break = frame.may_break, False
    try:
        return _turns(machine, node, frame)
    finally:
        frame.may_break = outer


def _turns(machine: MachineState, node: ir.While, frame: Frame) -> Completion:
    steps, imports, maybe = machine.steps, machine.imports, frame.maybe
    doubtful = 0
    for _ in range(MAX_TURNS):
        machine.spend(1)
        decided = truth(evaluate(machine, node.test, frame), machine)
        if decided is None:
            return _perhaps(machine, node.body, frame)
        if not decided:
            return machine.run_block(node.orelse, frame)
        completion = _turn(machine, node.body, frame)
        if completion not in (None, CONTINUE):
            return None if completion is BREAK else completion
        doubtful += frame.may_break or frame.maybe > maybe
        if doubtful >= DOUBTFUL_TURNS:
            return None
        if machine.steps - steps > LOOP_STEPS and machine.imports == imports:
            break
    _forget(machine, node.body, frame)
    machine.record_stop(frame, "a loop did not come to its end")
    return None


def _forget(machine: MachineState, body: tuple[ir.Statement, ...], frame: Frame) -> None:
    """The names that *body* assigns hold what is not known."""
    for node in body:
        if isinstance(node, ir.Assign):
            _forget_targets(machine, node.targets, frame)
        elif isinstance(node, ir.AugAssign | ir.For):
            _forget_targets(machine, (node.target,), frame)
        if isinstance(node, ir.If | ir.For | ir.While | ir.Try):
            _forget(machine, node.body + node.orelse, frame)
        elif isinstance(node, ir.With):
            _forget_targets(machine, [item.target for item in node.items if item.target is not None], frame)
            _forget(machine, node.body, frame)
        if isinstance(node, ir.Try):
            _forget(machine, node.finalbody, frame)
        for inner in getattr(node, "handlers", getattr(node, "cases", ())):
            _forget(machine, inner.body, frame)


def _forget_targets(machine: MachineState, targets: Sequence[ir.Expression], frame: Frame) -> None:
    for target in targets:
        if isinstance(target, ir.Name | ir.Display):
            assign(machine, target, UNKNOWN, frame)
