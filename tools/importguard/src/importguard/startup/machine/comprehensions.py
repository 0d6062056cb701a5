"""Comprehensions and generator expressions: their items, where they can be worked out."""

from __future__ import annotations

from collections.abc import Iterator

from importguard.source import program as ir
from importguard.startup.machine.assignment import assign
from importguard.startup.machine.branches import condition, perhaps
from importguard.startup.machine.state import MachineState
from importguard.startup.trace.trace import Origin
from importguard.startup.values.base import MAX_ITEMS, MAX_KEYS, MISSING, UNKNOWN, Value, is_key, key_of, truth
from importguard.startup.values.choice import MAX_CHOICE, OneOf, one_of
from importguard.startup.values.constants import behaviour
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.frames import Frame
from importguard.startup.values.generators import GeneratorValue
from importguard.startup.values.iterators import IteratorValue, Unsure, pull
from importguard.startup.values.lists import ListValue
from importguard.startup.values.read_data import Made
from importguard.startup.values.sets import SetValue


def comprehension(machine: MachineState, node: ir.Comprehension, frame: Frame) -> Value:
    """The list, set, dict or generator that it makes."""
    if node.kind == "generator":
        # Runs when somebody iterates; the first iterable is evaluated at once.
        source = machine.evaluate(node.generators[0].iter, frame)
        if frame.module.origin == Origin.FIRST_PARTY or frame.asked:
            return IteratorValue(_lazily(machine, node, 0, _inner(frame), pull(source, machine)), machine)
        return GeneratorValue(lambda: _collect(machine, node, frame, source), machine)
    results, complete = _collect(machine, node, frame, machine.evaluate(node.generators[0].iter, frame))
    if len(results) == 1 and isinstance(results[0], Made):
        return results[0]
    if node.kind == "list":
        made = ListValue([*results], not complete)
        made.remember(results.maybe)
        return made
    if node.kind == "set":
        items = SetValue.made(results, complete, machine)
        items.remember(filter(is_key, results.maybe))
        return items
    pairs: dict[Value, Value] = {}
    for pair in results:
        key = key_of(pair[0], pairs, machine) if isinstance(pair, tuple) else MISSING
        if isinstance(pair, tuple) and key is not MISSING:
            pairs[key] = pair[1]
        complete &= key is not MISSING
    table = DictValue(pairs, not complete)
    table.maybe = {pair[0]: pair[1] for pair in results.maybe if isinstance(pair, tuple) and is_key(pair[0])} or None
    return table


class Results(list[Value]):
    """What a comprehension surely makes. *maybe*: what it may make, too."""

    def __init__(self) -> None:
        super().__init__()
        self.maybe: list[Value] = []

    def take_likely(self, likely: Results) -> None:
        """All of *likely* may be among them."""
        self.maybe += [*likely, *likely.maybe][:MAX_CHOICE]


def _collect(machine: MachineState, node: ir.Comprehension, frame: Frame, source: Value) -> tuple[Results, bool]:
    results = Results()
    complete = _generate(machine, node, 0, _inner(frame), results, source)
    return results, complete


def _inner(frame: Frame) -> Frame:
    inner = Frame(frame.module, {}, frame, frame.scope)
    inner.function = frame.function
    inner.is_comprehension = True
    return inner


def _lazily(
    machine: MachineState, node: ir.Comprehension, depth: int, frame: Frame, source: Iterator[Value]
) -> Iterator[Value]:
    """The items of a generator expression, each when it is asked for. Raises Unsure where there may be more."""
    part = node.generators[depth]
    last = depth + 1 == len(node.generators)
    try:
        for item in source:
            machine.steps += 1
            assign(machine, part.target, item, frame)
            decided = [truth(condition(machine, test, frame), machine) for test in part.ifs]
            if False in decided:
                continue
            if None in decided:
                raise Unsure(item)
            if last:
                yield machine.evaluate(node.elt, frame)
            else:
                below = pull(machine.evaluate(node.generators[depth + 1].iter, frame), machine)
                yield from _lazily(machine, node, depth + 1, frame, below)
    except Unsure as unsure:
        likely = Results()
        for item in _likely(unsure.some, source):
            assign(machine, part.target, item, frame)
            perhaps(machine, frame, lambda: _filtered(machine, node, depth, frame, likely, part.ifs))
        raise Unsure(one_of([*likely, *likely.maybe], more=True)) from None


def _likely(some: Value, source: Iterator[Value]) -> Iterator[Value]:
    """*some* item, and those that are left of *source*."""
    yield some
    try:
        yield from source
    except Unsure as unsure:
        yield unsure.some


def _generate(  # noqa: PLR0917  the machine is one of them
    machine: MachineState,
    node: ir.Comprehension,
    depth: int,
    frame: Frame,
    results: Results,
    source: Value = MISSING,
) -> bool:
    if depth == len(node.generators):
        value = machine.evaluate(node.elt, frame)
        made = value if node.value is None else (value, machine.evaluate(node.value, frame))
        if len(results) >= MAX_KEYS:
            return False
        results.append(made)
        return True
    part = node.generators[depth]
    source = machine.evaluate(part.iter, frame) if source is MISSING else source
    found = machine.items_of(source)
    items, complete = found if found is not None else ([], False)
    for item in items[:MAX_ITEMS]:
        assign(machine, part.target, item, frame)
        complete &= _filtered(machine, node, depth, frame, results, part.ifs)
    if found is None or not found[1]:
        some = behaviour(source).some_item(machine)
        assign(machine, part.target, some, frame)
        likely = Results()
        perhaps(machine, frame, lambda: _filtered(machine, node, depth, frame, likely, part.ifs))
        results.take_likely(likely)
        if found is None and some is not UNKNOWN and not results:
            results += [Made(one) for one in likely[:1] if isinstance(one, OneOf)]
        return False
    return complete


def _filtered(  # noqa: PLR0917  the machine is one of them
    machine: MachineState,
    node: ir.Comprehension,
    depth: int,
    frame: Frame,
    results: Results,
    tests: tuple[ir.Expression, ...],
) -> bool:
    machine.steps += 1
    machine.spend(1)
    decided = [truth(condition(machine, test, frame), machine) for test in tests]
    if False in decided:
        return True
    if None in decided:
        # What the project's own code filters may be gone; of installed packages we take it that it stays.
        own = frame.module.origin == Origin.FIRST_PARTY or frame.asked
        likely = Results() if own else results
        perhaps(machine, frame, lambda: _generate(machine, node, depth + 1, frame, likely))
        if own:
            results.take_likely(likely)
        return False
    return _generate(machine, node, depth + 1, frame, results)
