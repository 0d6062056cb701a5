"""Expressions: their value where it can be worked out, UNKNOWN where not; calls and attributes on the way count."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from importguard.source import program as ir
from importguard.source.program import Constant, Name
from importguard.startup.machine.assignment import assign, bounds_of
from importguard.startup.machine.branches import behind, branch, condition, perhaps
from importguard.startup.machine.call_expressions import call_expression
from importguard.startup.machine.calls import set_defaults
from importguard.startup.machine.comprehensions import comprehension
from importguard.startup.machine.operators import binary, compare
from importguard.startup.machine.state import MachineState
from importguard.startup.models.texts_of_values import code_of, formatted, text_of
from importguard.startup.values.base import (
    MAX_ITEMS,
    MAX_TEXT,
    MISSING,
    UNKNOWN,
    Value,
    is_constant,
    key_of,
    truth,
)
from importguard.startup.values.choice import OneOf, one_of
from importguard.startup.values.constants import behaviour
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.exceptions import BROAD
from importguard.startup.values.frames import Frame
from importguard.startup.values.functions import FunctionValue
from importguard.startup.values.gate import Gate
from importguard.startup.values.generators import GeneratorValue
from importguard.startup.values.instances import Instance
from importguard.startup.values.lazy_import import LazyImport
from importguard.startup.values.lists import ListValue
from importguard.startup.values.merge import merge
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.sets import SetValue


def evaluate(machine: MachineState, node: ir.Expression, frame: Frame) -> Value:
    """The value of an expression; its side effects happen."""
    machine.work += 1
    if type(node) is Name:  # most expressions are names of what is at hand
        if not frame.globals_:
            value = frame.namespace.get(node.id, MISSING)
            if value is not MISSING and type(value) is not LazyImport:
                return value
    elif type(node) is Constant:
        return node.value
    return _EVALUATE[type(node)](machine, node, frame)


def _constant(_machine: MachineState, node: ir.Constant | ir.Bytes, _frame: Frame) -> Value:
    return node.value


def _opaque(machine: MachineState, node: ir.Opaque, frame: Frame) -> Value:
    for part in node.parts:
        evaluate(machine, part, frame)
    return UNKNOWN


def _name(machine: MachineState, node: ir.Name, frame: Frame) -> Value:
    name = node.id
    value, owner, local = _look_up(machine, name, frame)
    if isinstance(value, LazyImport) and not (local and value.site.location in machine.lazy.bound):
        value = machine.reify(value, frame)
        if owner is not None:
            owner[name] = value
    if value is MISSING:
        unbound = UnboundLocalError if frame.function is not None and frame.function.binds(name) else NameError
        return machine.fail(unbound) if not frame.module.open and name not in machine.builtins else UNKNOWN
    return value


def _look_up(machine: MachineState, name: str, frame: Frame) -> tuple[Value, dict[str, Value] | None, bool]:
    """What *name* is bound to, in which names, and whether it is local to a function or a comprehension."""
    if name in frame.globals_ and frame.globals_[name] is None:
        namespace = frame.module.namespace
        return namespace.get(name, MISSING), namespace, False
    current: Frame | None = frame
    while current is not None:
        if name in current.namespace and (current is frame or not current.class_body):
            return current.namespace[name], current.namespace, current.outer is not None and not current.class_body
        current = current.outer
    namespace = frame.module.namespace
    if name in namespace:
        return namespace[name], namespace, False
    return machine.builtins.get(name, MISSING), None, False


def _attribute(machine: MachineState, node: ir.Attribute, frame: Frame) -> Value:
    owner = machine.owner = evaluate(machine, node.value, frame)
    if owner is UNKNOWN:
        machine.doubt_success("AttributeError", *BROAD)
        return UNKNOWN
    machine.line = node.line
    value = machine.attribute(owner, node.attr, frame)
    if value is MISSING:
        plain = not isinstance(owner, ModuleValue | Instance)
        return machine.mistake(AttributeError) if plain else machine.fail(AttributeError)
    return value


def _subscript(machine: MachineState, node: ir.Subscript, frame: Frame) -> Value:
    container = evaluate(machine, node.value, frame)
    if isinstance(node.slice, ir.Slice):
        return _slice(machine, container, node.slice, frame)
    key = evaluate(machine, node.slice, frame)
    if isinstance(key, Instance) and isinstance(container, ListValue | tuple | str):
        key = key.special("__index__", machine)
    found = behaviour(container).item(key, machine, frame)
    if found is UNKNOWN:
        return _not_found(machine, container, key)
    return found


def _not_found(machine: MachineState, container: Value, key: Value) -> Value:
    """`container[key]` is not known: an IndexError where the place is surely not there."""
    held = container.items if isinstance(container, ListValue) and not container.open else container
    if isinstance(held, list | tuple | str) and type(key) is int and not -len(held) <= key < len(held):
        return machine.fail(IndexError)
    machine.doubt_success("KeyError", "IndexError", "LookupError", "TypeError", *BROAD)
    return UNKNOWN


def _slice(machine: MachineState, container: Value, node: ir.Slice, frame: Frame) -> Value:
    bounds = bounds_of(machine, node, frame)
    return UNKNOWN if bounds is None else behaviour(container).part(bounds)


def _bare_slice(machine: MachineState, node: ir.Slice, frame: Frame) -> Value:
    for part in (node.lower, node.upper, node.step):
        if part is not None:
            evaluate(machine, part, frame)
    return UNKNOWN


def _binary(machine: MachineState, node: ir.BinOp, frame: Frame) -> Value:
    left, right = evaluate(machine, node.left, frame), evaluate(machine, node.right, frame)
    made = binary(machine, node.op, left, right)
    if made is UNKNOWN and node.op in {"Div", "FloorDiv", "Mod"} and is_constant(left):
        if isinstance(right, int | float) and right == 0 and isinstance(left, int | float):
            return machine.fail(ZeroDivisionError)
        machine.doubt_success("ZeroDivisionError", "ArithmeticError", *BROAD)
    return made


def _unary(machine: MachineState, node: ir.UnaryOp, frame: Frame) -> Value:
    value = evaluate(machine, node.operand, frame)
    if node.op == "Not":
        decided = truth(value, machine)
        return (value.opposite() if isinstance(value, Gate) else UNKNOWN) if decided is None else not decided
    if not isinstance(value, int | float):
        return behaviour(value).unary(node.op, machine)
    if node.op == "Invert":
        return ~value if isinstance(value, int) else UNKNOWN
    return -value if node.op == "USub" else +value


def _boolean(machine: MachineState, node: ir.BoolOp, frame: Frame) -> Value:
    stop = node.op == "Or"
    value: Value = UNKNOWN
    for place, part in enumerate(node.values):
        value = evaluate(machine, part, frame)
        decided = truth(value, machine)
        if decided is stop:
            break
        rest = node.values[place + 1 :]
        if decided is None and rest:
            last = perhaps(machine, frame, partial(_boolean, machine, ir.BoolOp(node.op, rest), frame))
            # `unknown or True` is true, `unknown and False` is false, whatever comes between.
            return stop if last is stop else UNKNOWN
    return value


def _compare(machine: MachineState, node: ir.Compare, frame: Frame) -> Value:
    left = evaluate(machine, node.left, frame)
    result: Value = True
    for op, right_node in zip(node.ops, node.comparators, strict=True):
        right = evaluate(machine, right_node, frame)
        one = compare(machine, left, op, right)
        if one is False:
            return False
        if one is UNKNOWN:
            result = UNKNOWN
        left = right
    return result


def _conditional(machine: MachineState, node: ir.IfExp, frame: Frame) -> Value:
    test = condition(machine, node.test, frame)
    decided = truth(test, machine)
    if decided is not None:
        return evaluate(machine, node.body if decided else node.orelse, frame)
    values: list[Value] = []

    def take(way: ir.Expression) -> None:
        values.append(evaluate(machine, way, frame))

    branch(machine, frame, behind(machine, test, partial(take, node.body), partial(take, node.orelse)))
    if len(values) < 2:
        return UNKNOWN
    made = merge(*values)
    return made if values[0] is values[1] or isinstance(made, OneOf) else UNKNOWN


def _display(machine: MachineState, node: ir.Display, frame: Frame) -> Value:
    items: list[Value] = []
    complete = True
    for element in node.elts:
        if isinstance(element, ir.Starred):
            found = machine.items_of(evaluate(machine, element.value, frame))
            items += found[0][:MAX_ITEMS] if found is not None else []
            complete &= found is not None and found[1] and len(found[0]) <= MAX_ITEMS
        else:
            items.append(evaluate(machine, element, frame))
    if node.kind == "tuple":
        return tuple(items) if complete else ListValue(items, True)
    if node.kind == "set":
        return SetValue.made(items, complete, machine)
    return ListValue(items, not complete)


def _dict(machine: MachineState, node: ir.Dict, frame: Frame) -> Value:
    made = DictValue({})
    for key_node, value_node in zip(node.keys, node.values, strict=True):
        key = MISSING if key_node is None else evaluate(machine, key_node, frame)
        value = evaluate(machine, value_node, frame)
        if key is MISSING:
            if isinstance(value, DictValue):
                machine.spend(len(value.items))
                made.items.update(value.items)
                made.open |= value.open
            else:
                made.open = True
        else:
            key = key_of(key, made.items, machine)
            made.open |= key is MISSING
            if key is not MISSING:
                made.items[key] = value
    return made


def _starred(machine: MachineState, node: ir.Starred, frame: Frame) -> Value:
    return evaluate(machine, node.value, frame)


def _joined(machine: MachineState, node: ir.JoinedStr, frame: Frame) -> Value:
    parts = [evaluate(machine, part, frame) for part in node.values]
    chosen = [part for part in parts if isinstance(part, OneOf)]
    if len(chosen) == 1 and all(isinstance(part, str) or part is chosen[0] for part in parts):
        made = ["".join(word if part is chosen[0] else str(part) for part in parts) for word in chosen[0].texts()]
        return one_of(made, more=chosen[0].more or len(made) < len(chosen[0].options))
    texts = [part for part in parts if isinstance(part, str)]
    known = len(texts) == len(parts) and sum(map(len, texts)) <= MAX_TEXT
    return "".join(texts) if known else UNKNOWN


def _formatted(machine: MachineState, node: ir.FormattedValue, frame: Frame) -> Value:
    value = evaluate(machine, node.value, frame)
    if node.conversion in {"r", "a"}:
        value = code_of(value, machine)
    elif node.conversion:
        value = text_of(value, machine)
    return formatted(value, "" if node.format is None else evaluate(machine, node.format, frame), machine)


def _named(machine: MachineState, node: ir.NamedExpr, frame: Frame) -> Value:
    value = evaluate(machine, node.value, frame)
    owner = frame
    while owner.is_comprehension and owner.outer is not None:  # it is a name of the code around the comprehension
        owner = owner.outer
    assign(machine, node.target, value, owner)
    return value


def _yield(machine: MachineState, node: ir.Yield, frame: Frame) -> Value:
    value = evaluate(machine, node.value, frame) if node.value is not None else None
    if frame.suspension is not None:
        return frame.suspension.delegate(value) if node.delegate else frame.suspension.suspend(value)
    if frame.on_yield is not None:
        entered, frame.on_yield = frame.on_yield, None
        entered(value)
    if frame.yields is not None:
        found = machine.items_of(value) if node.delegate else ([value], True)
        sure = frame.sure == (machine.possible, machine.escaping) and len(frame.yields) < MAX_ITEMS
        frame.yields += found[0] if sure and found is not None else []
        if not sure or found is None or not found[1]:
            frame.sure = None  # and what comes after it has no sure place
    if node.delegate and isinstance(value, GeneratorValue):
        return value.returned
    return UNKNOWN


def _await(machine: MachineState, node: ir.Await, frame: Frame) -> Value:
    value = evaluate(machine, node.value, frame)
    if value is UNKNOWN:
        machine.run_tasks()
        machine.waits_unknown += 1
    return behaviour(value).awaited(machine, frame)


def _lambda(machine: MachineState, node: ir.Lambda, frame: Frame) -> Value:
    function = FunctionValue("<lambda>", node.parameters, ir.Body("", 0, False, (ir.Return(node.body, 0),)), frame)
    function.line = machine.line
    set_defaults(machine, function, node.parameters, frame)
    return function


_EVALUATE: dict[type, Callable[..., Value]] = {
    ir.Constant: _constant,
    ir.Bytes: _constant,
    ir.Opaque: _opaque,
    ir.Name: _name,
    ir.Attribute: _attribute,
    ir.Subscript: _subscript,
    ir.Slice: _bare_slice,
    ir.Call: call_expression,
    ir.BinOp: _binary,
    ir.UnaryOp: _unary,
    ir.BoolOp: _boolean,
    ir.Compare: _compare,
    ir.IfExp: _conditional,
    ir.Display: _display,
    ir.Dict: _dict,
    ir.Starred: _starred,
    ir.JoinedStr: _joined,
    ir.FormattedValue: _formatted,
    ir.Comprehension: comprehension,
    ir.NamedExpr: _named,
    ir.Yield: _yield,
    ir.Await: _await,
    ir.Lambda: _lambda,
}
