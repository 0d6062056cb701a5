"""`for` and `while`: turn by turn where the turns are known."""

from __future__ import annotations

from collections.abc import Sequence

from importguard.source import program as ir
from importguard.startup.machine.assignment import assign
from importguard.startup.machine.branches import branch, condition
from importguard.startup.machine.expressions import evaluate
from importguard.startup.machine.state import MachineState
from importguard.startup.trace.trace import Origin
from importguard.startup.values.base import MAX_ITEMS, MAX_TURNS, UNKNOWN, Raised, Value, truth
from importguard.startup.values.constants import behaviour
from importguard.startup.values.frames import Completion, Frame, Leave
from importguard.startup.values.gate import Gate
from importguard.startup.values.generators import GeneratorValue
from importguard.startup.values.iterators import END, OPEN, IteratorValue, iterator
from importguard.startup.values.lists import ListValue

DOUBTFUL_TURNS = 3  # of one that may have been left before: by a `break` or `return` that may have run
LOOP_STEPS = 2_000  # of one that imports nothing

BREAK, CONTINUE = Leave("break"), Leave("continue")


def run_for(machine: MachineState, node: ir.For, frame: Frame) -> Completion:
    """A `for` statement."""
    iterable = evaluate(machine, node.iter, frame)
    if (frame.module.origin == Origin.FIRST_PARTY or frame.asked) and (
        isinstance(iterable, IteratorValue) or _may_grow(iterable)
    ):
        return _run_lazily(machine, node, iterable, frame)
    items = machine.items_of(iterable)
    if items is None:
        return _rest(machine, node, frame, item=behaviour(iterable).some_item(machine))
    with _Turns(machine, frame) as turns:
        for item in items[0][:MAX_ITEMS]:
            machine.spend(1)
            assign(machine, node.target, item, frame)
            completion = turns.run(node.body)
            if completion not in (None, CONTINUE):
                return None if completion is BREAK else completion
    if not items[1]:
        return _rest(machine, node, frame, breaks=turns.breaks, item=UNKNOWN)
    return _unbroken(machine, node, frame, breaks=turns.breaks)


def _may_grow(iterable: Value) -> bool:
    """Whether the loop itself may change what it walks."""
    return type(iterable) is ListValue and not iterable.loose and len(iterable.items) < MAX_ITEMS


def _run_lazily(machine: MachineState, node: ir.For, iterable: Value, frame: Frame) -> Completion:
    """A loop over an iterator: each item is made when its turn comes."""
    source = iterator(iterable, machine)
    if isinstance(source, GeneratorValue):
        source.to_the_end |= _takes_all(node, frame)
    item: Value = OPEN
    with _Turns(machine, frame) as turns:
        for _ in range(MAX_ITEMS):
            machine.spend(1)
            item = source.step(machine)
            if item is END or item is OPEN:
                break
            assign(machine, node.target, item, frame)
            completion = turns.run(node.body)
            if completion not in (None, CONTINUE):
                if isinstance(source, GeneratorValue) and isinstance(node.iter, ir.Call):
                    source.close(machine)  # nobody else has it
                return None if completion is BREAK else completion
    if item is not END:
        more = source.some_item(machine) if isinstance(source, GeneratorValue) else UNKNOWN
        return _rest(machine, node, frame, breaks=turns.breaks, item=more)
    return _unbroken(machine, node, frame, breaks=turns.breaks)


def _takes_all(node: ir.For, frame: Frame) -> bool:
    """Whether the loop ends only when its items do, and its own function, if that waits at each yield, goes on to."""
    suspension = frame.suspension
    return (suspension is None or suspension.to_the_end) and not _leaves(node.body)


def _leaves(body: tuple[ir.Statement, ...]) -> bool:
    """Whether a statement says so: an inner loop's `break` counts, too, as it may be meant for this one."""
    waiting = list(body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ir.Break | ir.Return | ir.Raise):
            return True
        if not isinstance(node, ir.FunctionDef | ir.ClassDef):
            for part in ("body", "orelse", "finalbody"):
                waiting.extend(getattr(node, part, ()))
            for inner in getattr(node, "handlers", getattr(node, "cases", ())):
                waiting.extend(inner.body)
    return False


class _Turns:
    """The turns of one loop; only possible ones once it may have been left."""

    def __init__(self, machine: MachineState, frame: Frame) -> None:
        self.machine = machine
        self.frame = frame

    def __enter__(self) -> _Turns:
        self.outer, self.frame.may_break = self.frame.may_break, False
        self.maybe, self.depth = self.frame.maybe, len(self.machine.heap.arms)
        self.doubtful = self.breaks = False
        return self

    def run(self, body: tuple[ir.Statement, ...]) -> Completion:
        """One turn. The first doubtful one opens an arm for all that follow: each happens only after the others."""
        machine = self.machine
        if not self.frame.may_break:
            return machine.run_block(body, self.frame)
        if not self.doubtful:
            self.doubtful = True
            machine.heap.open()
        machine.possible += 1
        try:
            return machine.run_block(body, self.frame)
        except Raised as raised:
            machine.risk(raised.names)
            return None
        finally:
            machine.possible -= 1

    def __exit__(self, *_: object) -> None:
        self.breaks, self.frame.may_break = self.frame.may_break, self.outer
        if self.doubtful:
            self.machine.heap.close(self.depth)
            if self.frame.maybe and not self.maybe:  # a turn may have left the frame: the rest is in doubt
                self.machine.heap.open()


def _perhaps(machine: MachineState, body: tuple[ir.Statement, ...], frame: Frame) -> tuple[Completion, bool]:
    """The body of a loop that may have no turn; and whether it may leave the loop by a `break`."""
    breaks = [False]

    def once() -> Completion:
        outer, frame.may_break = frame.may_break, False
        completion = machine.run_block(body, frame)
        breaks[0] |= frame.may_break or completion is BREAK
        frame.may_break = outer
        return None if completion in (BREAK, CONTINUE) else completion

    return branch(machine, frame, [once, None]), breaks[0]


def _rest(
    machine: MachineState, node: ir.For | ir.While, frame: Frame, *, breaks: bool = False, item: Value = None
) -> Completion:
    """A loop that may go on with another turn, then its `else`. *breaks*: it may have ended by a `break` before.

    *item*: what the target of a `for` is then.
    """
    if isinstance(node, ir.For):
        assign(machine, node.target, item, frame)
    completion, more = _perhaps(machine, node.body, frame)
    return completion if completion is not None else _unbroken(machine, node, frame, breaks=breaks or more)


def _unbroken(machine: MachineState, node: ir.For | ir.While, frame: Frame, *, breaks: bool) -> Completion:
    """The `else` of a loop, unless it *breaks*."""
    if not node.orelse or not breaks:
        return machine.run_block(node.orelse, frame)
    return branch(machine, frame, [lambda: machine.run_block(node.orelse, frame), None])


def run_while(machine: MachineState, node: ir.While, frame: Frame) -> Completion:
    """A `while` statement."""
    with _Turns(machine, frame) as turns:
        return _run_turns(machine, turns, node, frame)


def _run_turns(machine: MachineState, turns: _Turns, node: ir.While, frame: Frame) -> Completion:
    steps, imports, maybe = machine.steps, machine.imports, frame.maybe
    doubtful = 0
    for _ in range(MAX_TURNS):
        machine.spend(1)
        test = condition(machine, node.test, frame)
        decided = truth(test, machine)
        if decided is None:
            completion = _rest(machine, node, frame, breaks=bool(frame.may_break))
            if isinstance(test, Gate) and test.negated and not frame.may_break:
                machine.warmed.modules.append(test.module)  # it has waited for that
            return completion
        if not decided:
            return _unbroken(machine, node, frame, breaks=bool(frame.may_break))
        completion = turns.run(node.body)
        if completion not in (None, CONTINUE):
            return None if completion is BREAK else completion
        doubtful += frame.may_break or frame.maybe > maybe
        if doubtful >= DOUBTFUL_TURNS:
            return None
        if machine.steps - steps > LOOP_STEPS and machine.imports == imports:
            break
    _forget(machine, node.body, frame)
    if not frame.asked or machine.imports > imports:
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
