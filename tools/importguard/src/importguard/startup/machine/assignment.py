"""Assignment and deletion: names, attributes, items and patterns of them."""

from __future__ import annotations

from importguard.source import program as ir
from importguard.startup.machine.branches import perhaps
from importguard.startup.machine.state import MachineState
from importguard.startup.values.base import MISSING, UNKNOWN, Items, Value
from importguard.startup.values.choice import OneOf, one_of
from importguard.startup.values.constants import behaviour
from importguard.startup.values.exceptions import BROAD
from importguard.startup.values.frames import Frame
from importguard.startup.values.instances import Instance
from importguard.startup.values.iterators import IteratorValue
from importguard.startup.values.lists import ListValue


def assign(machine: MachineState, target: ir.Expression, value: Value, frame: Frame) -> None:
    """`target = value`."""
    if isinstance(target, ir.Name):
        machine.bind(frame, target.id, value)
    elif isinstance(target, ir.Display):
        _unpack(machine, target, value, frame)
    elif isinstance(target, ir.Attribute):
        owner = machine.evaluate(target.value, frame)
        behaviour(owner).set_attribute(target.attr, value, machine)
    elif isinstance(target, ir.Subscript):
        container = behaviour(machine.evaluate(target.value, frame))
        if isinstance(target.slice, ir.Slice):
            container.set_part(bounds_of(machine, target.slice, frame), value, machine)
        else:
            container.set_item(machine.evaluate(target.slice, frame), value, machine)
    elif isinstance(target, ir.Starred):
        assign(machine, target.value, UNKNOWN, frame)


def _unpack(machine: MachineState, target: ir.Display, value: Value, frame: Frame) -> None:
    unordered = isinstance(value, str) or (isinstance(value, ListValue | IteratorValue) and value.loose)
    found = _items_of_any(machine, value, len(target.elts)) if isinstance(value, OneOf) else None
    if found is None and not unordered:
        found = machine.items_of(value)
    starred = [position for position, one in enumerate(target.elts) if isinstance(one, ir.Starred)]
    fits = found is not None and (
        len(found[0]) >= len(target.elts) - 1 if starred else len(found[0]) == len(target.elts)
    )
    if found is None or not found[1] or not fits:
        if found is not None and found[1]:
            machine.fail(ValueError)
        machine.doubt_success("ValueError", "TypeError", *BROAD)
        for one in target.elts:
            assign(machine, one, UNKNOWN, frame)
        return
    items = found[0]
    if starred:
        first, after = starred[0], len(target.elts) - starred[0] - 1
        middle = ListValue(items[first : len(items) - after])
        items = [*items[:first], middle, *items[len(items) - after :]]
    for one, item in zip(target.elts, items, strict=False):
        assign(machine, one.value if isinstance(one, ir.Starred) else one, item, frame)


def _items_of_any(machine: MachineState, value: OneOf, count: int) -> Items | None:
    """What *count* names get of one of several rows: each one of a column."""
    rows = filter(None, map(machine.items_of, value.options))
    fitting = [items for items, complete in rows if complete and len(items) == count]
    return ([one_of(column) for column in zip(*fitting, strict=True)], True) if fitting else None


def delete(machine: MachineState, target: ir.Expression, frame: Frame) -> None:
    """`del target`."""
    if isinstance(target, ir.Name):
        held = frame.namespace.pop(target.id, MISSING)
        if held is MISSING and not frame.module.open and target.id not in frame.globals_:
            machine.fail(UnboundLocalError if frame.function is not None else NameError)
        if isinstance(held, Instance) and held.cls.lookup("__del__") is not MISSING:
            perhaps(machine, frame, lambda: held.special("__del__", machine))  # where nobody else has it
    elif isinstance(target, ir.Attribute):
        behaviour(machine.evaluate(target.value, frame)).delete_attribute(target.attr, machine)
    elif isinstance(target, ir.Subscript):
        container = behaviour(machine.evaluate(target.value, frame))
        if isinstance(target.slice, ir.Slice):
            container.delete_part(bounds_of(machine, target.slice, frame), machine)
        else:
            container.delete_item(machine.evaluate(target.slice, frame), machine)


def bounds_of(machine: MachineState, node: ir.Slice, frame: Frame) -> slice | None:
    """What `start:stop:step` says; None where that is not known."""
    bounds = [None if part is None else machine.evaluate(part, frame) for part in (node.lower, node.upper, node.step)]
    if not all(bound is None or type(bound) is int for bound in bounds) or bounds[2] == 0:
        return None
    return slice(*bounds)
