"""Statements: runs a block as the interpreter would, both ways where a condition is not known."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from importguard.source import program as ir
from importguard.startup.machine.annotations import ON_DEMAND, note
from importguard.startup.machine.assignment import assign, delete
from importguard.startup.machine.branches import behind, branch, condition
from importguard.startup.machine.calls import set_defaults
from importguard.startup.machine.class_statements import create_class
from importguard.startup.machine.expressions import evaluate
from importguard.startup.machine.imports import import_from, import_names, remember_hints
from importguard.startup.machine.loops import BREAK, CONTINUE, run_for, run_while
from importguard.startup.machine.match_statements import run_match
from importguard.startup.machine.operators import binary
from importguard.startup.machine.state import MachineState
from importguard.startup.machine.try_statements import run_try
from importguard.startup.machine.with_blocks import run_with
from importguard.startup.values.base import MISSING, UNKNOWN, Exhausted, Raised, Value, truth
from importguard.startup.values.builtin_types import BuiltinType
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.constants import behaviour
from importguard.startup.values.exceptions import ExceptionValue
from importguard.startup.values.frames import Completion, Frame, Leave
from importguard.startup.values.functions import FunctionValue
from importguard.startup.values.instances import Instance


def _for_type_checkers(test: ir.Expression) -> bool:
    """`TYPE_CHECKING`, alone or with an `or`: lazy packages write `if TYPE_CHECKING or not install_lazy_importer()`."""
    if isinstance(test, ir.BoolOp) and test.op == "Or":
        return any(_for_type_checkers(value) for value in test.values)
    return (test.id if isinstance(test, ir.Name) else getattr(test, "attr", "")) == "TYPE_CHECKING"


def run_block(machine: MachineState, body: tuple[ir.Statement, ...], frame: Frame) -> Completion:
    """Executes statements in order until one leaves."""
    for statement in body:
        machine.steps += 1
        if machine.steps > machine.limit or machine.work > machine.max_work:
            raise Exhausted
        line = getattr(statement, "line", 0)
        if line:
            machine.line = line
            if machine.ready is not None:
                machine.ready.at_line(machine, frame)
        completion = _RUN[type(statement)](machine, statement, frame)
        if completion is not None:
            return completion
    return None


def _assign(machine: MachineState, node: ir.Assign, frame: Frame) -> None:
    if node.annotation is not None:
        if not node.postponed and machine.environment.version_info[:2] < ON_DEMAND:
            evaluate(machine, node.annotation, frame)
        note(machine, node, frame)
    if node.value is None:
        return
    asked = len(machine.decisions.asked)
    value = evaluate(machine, node.value, frame)
    machine.decisions.bind(asked, node, frame.module.name)
    for target in node.targets:
        if type(target) is ir.Name and not frame.globals_:
            frame.namespace[target.id] = value
        else:
            assign(machine, target, value, frame)


def _augment(machine: MachineState, node: ir.AugAssign, frame: Frame) -> None:
    current = evaluate(machine, node.target, frame)
    added = evaluate(machine, node.value, frame)
    made = behaviour(current).in_place(node.op, added, machine)
    if made is MISSING:
        made = binary(machine, node.op, current, added)
    assign(machine, node.target, made, frame)


def _evaluate(machine: MachineState, node: ir.Evaluate, frame: Frame) -> None:
    evaluate(machine, node.value, frame)


def _if(machine: MachineState, node: ir.If, frame: Frame) -> Completion:
    test = condition(machine, node.test, frame)
    decided = truth(test, machine)
    if decided is not True and frame.function is None and _for_type_checkers(node.test):
        # What only a type checker is sure to see tells where a lazy package's names come from.
        remember_hints(machine, node.body, frame)
        decided = False
    if decided is not None:
        return run_block(machine, node.body if decided else node.orelse, frame)
    ways = [partial(run_block, machine, way, frame) if way else None for way in (node.body, node.orelse)]
    return branch(machine, frame, behind(machine, test, *ways))


def _function(machine: MachineState, node: ir.FunctionDef, frame: Frame) -> None:
    function = FunctionValue(node.name, node.parameters, node.body, frame)
    function.is_async, function.is_generator, function.line = node.is_async, node.is_generator, node.line
    function.signature = node.signature
    decorators = [evaluate(machine, decorator, frame) for decorator in node.decorators]
    set_defaults(machine, function, node.parameters, frame)
    if machine.environment.version_info[:2] < ON_DEMAND:
        for annotation in node.annotations:
            evaluate(machine, annotation, frame)
    _decorate(machine, node.name, function, decorators, frame)


def _decorate(machine: MachineState, name: str, made: Value, decorators: list[Value], frame: Frame) -> None:
    value = made
    for decorator in reversed(decorators):
        result = machine.call(decorator, [value], {}, frame, complete=True)
        # What an unknown decorator returns is most often a wrapper of the same thing.
        if result is UNKNOWN and isinstance(value, FunctionValue):
            value.forget()
        value = value if result is UNKNOWN or result is None else result
    machine.bind(frame, name, value)


def _class(machine: MachineState, node: ir.ClassDef, frame: Frame) -> None:
    decorators = [evaluate(machine, decorator, frame) for decorator in node.decorators]
    made = create_class(machine, node, frame)
    _decorate(machine, node.name, made, decorators, frame)


def _return(machine: MachineState, node: ir.Return, frame: Frame) -> Completion:
    return Leave("return", None if node.value is None else evaluate(machine, node.value, frame))


def _raise(machine: MachineState, node: ir.Raise, frame: Frame) -> Completion:
    if node.exc is None and machine.handling:
        value, names = machine.handling[-1].value, machine.handling[-1].names
    else:
        value = evaluate(machine, node.exc, frame) if node.exc is not None else UNKNOWN
        if isinstance(value, ClassValue | BuiltinType):
            made = machine.call(value, [], {}, frame, complete=True)
            value = made if behaviour(made).exception_names() else value
        names = behaviour(value).exception_names()
        _chain(machine, node, value, frame)
    raised = Raised(names, value)
    raised.proven = _is_proven(machine, names, frame)
    if machine.believes(names, proven=raised.proven):
        raise raised
    if "SystemExit" in names:
        machine.end(Raised(names, value), behaviour(value).attribute("code", machine, frame))
    else:
        machine.uncaught(value)
    if not names:
        machine.doubt_success()
    # Uncaught: we assume that the program starts. Leave the function, or go on in a module.
    return Leave("return", UNKNOWN) if frame.function is not None else None


def _chain(machine: MachineState, node: ir.Raise, value: Value, frame: Frame) -> None:
    """Where the exception *value* comes from: `__cause__` and `__context__`."""
    cause = evaluate(machine, node.cause, frame) if node.cause is not None else MISSING
    if not isinstance(value, ExceptionValue | Instance) or not value.exception_names():
        return
    outer = machine.handling[-1].value if machine.handling else None
    found = {"__cause__": None if cause is MISSING else cause, "__context__": outer}
    if isinstance(value, Instance):
        machine.heap.changing(value)
    value.attributes.update({name: UNKNOWN if machine.possible else one for name, one in found.items()})


def _is_proven(machine: MachineState, names: tuple[str, ...], frame: Frame) -> bool:
    """Whether a `raise` of an installed package is meant for whoever imports it.

    That is so in a module's own statements, and where an import has failed. What led to another `raise` in a function
    are values, of which any may have been worked out wrongly.
    """
    if not all(one.proven for one in machine.handling):
        return False
    failed = machine.handling[-1].names if machine.handling else ()
    return frame.function is None or "ImportError" in names or "ImportError" in failed


def _delete(machine: MachineState, node: ir.Delete, frame: Frame) -> None:
    for target in node.targets:
        delete(machine, target, frame)


def _scope(_machine: MachineState, node: ir.Scope, frame: Frame) -> None:
    for name in node.names:
        frame.globals_[name] = None if node.is_global else _owner(frame, name)


def _owner(frame: Frame, name: str) -> Frame | None:
    outer = frame.outer
    while outer is not None:
        if outer.function is not None and name in outer.namespace:
            return outer
        outer = outer.outer
    return frame


def _break(_machine: MachineState, _node: ir.Break, _frame: Frame) -> Completion:
    return BREAK


def _continue(_machine: MachineState, _node: ir.Continue, _frame: Frame) -> Completion:
    return CONTINUE


_RUN: dict[type, Callable[..., Completion]] = {
    ir.Import: import_names,
    ir.ImportFrom: import_from,
    ir.Assign: _assign,
    ir.AugAssign: _augment,
    ir.Evaluate: _evaluate,
    ir.If: _if,
    ir.For: run_for,
    ir.While: run_while,
    ir.Try: run_try,
    ir.With: run_with,
    ir.FunctionDef: _function,
    ir.ClassDef: _class,
    ir.Return: _return,
    ir.Raise: _raise,
    ir.Delete: _delete,
    ir.Scope: _scope,
    ir.Break: _break,
    ir.Continue: _continue,
    ir.Match: run_match,
}
