"""`with` statements: each context manager runs around the rest of the statement."""

from __future__ import annotations

from importguard.source import program as ir
from importguard.startup.machine.assignment import assign
from importguard.startup.machine.state import MachineState
from importguard.startup.values.base import Value
from importguard.startup.values.constants import behaviour
from importguard.startup.values.frames import Completion, Frame


def run_with(machine: MachineState, node: ir.With, frame: Frame) -> Completion:
    """Executes a `with` statement."""
    return _enter(machine, node, 0, frame)


def _enter(machine: MachineState, node: ir.With, position: int, frame: Frame) -> Completion:
    """Enters the context managers from *position* on, then runs the block."""
    if position == len(node.items):
        return machine.run_block(node.body, frame)
    item = node.items[position]
    context = machine.evaluate(item.context, frame)

    def go_on(entered: Value) -> Completion:
        if item.target is not None:
            assign(machine, item.target, entered, frame)
        return _enter(machine, node, position + 1, frame)

    return behaviour(context).around(go_on, machine, frame)
