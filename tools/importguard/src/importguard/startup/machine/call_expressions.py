"""Calls in source code: what is called with which arguments, and what nobody knows of that."""

from __future__ import annotations

from importguard.source import program as ir
from importguard.startup.machine.calls import name_template, pass_over
from importguard.startup.machine.state import MachineState
from importguard.startup.trace.trace import Origin
from importguard.startup.values.base import MAX_ITEMS, MISSING, UNKNOWN, Abstract, Value
from importguard.startup.values.builtin_types import BuiltinType
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.frames import Frame
from importguard.startup.values.natives import Native

_IMPORTERS = frozenset({"__import__", "import_module"})


def call_expression(machine: MachineState, node: ir.Call, frame: Frame) -> Value:
    """What the call gives; what it does happens."""
    asked = len(machine.decisions.asked)
    callee = machine.evaluate(node.func, frame)
    owner = machine.owner
    args: list[Value] = []
    keywords: dict[str, Value] = {}
    complete = True
    for argument in node.args:
        if isinstance(argument, ir.Starred):
            found = machine.items_of(machine.evaluate(argument.value, frame))
            complete &= found is not None and found[1] and len(found[0]) <= MAX_ITEMS
            args += found[0][:MAX_ITEMS] if found is not None else []
        else:
            args.append(machine.evaluate(argument, frame))
    for keyword in node.keywords:
        value = machine.evaluate(keyword.value, frame)
        if keyword.arg is not None:
            keywords[keyword.arg] = value
        elif isinstance(value, DictValue):
            keywords.update({key: item for key, item in value.items.items() if isinstance(key, str)})
            complete &= not value.open
        else:
            complete = False
    if callee is UNKNOWN:
        return _unknown_call(machine, node, args, frame, owner)
    name = node.func.attr if isinstance(node.func, ir.Attribute) else getattr(node.func, "id", "")
    if name in machine.options.warm_calls:
        return UNKNOWN
    machine.line = node.line
    if name in _IMPORTERS:
        machine.decisions.decide(asked, node, frame.module.name)
    if not isinstance(callee, Abstract):
        callee = _call_of_constant(machine, callee, frame)
    made = machine.call(callee, args, keywords, frame, complete)
    if made is UNKNOWN and isinstance(callee, Native | BuiltinType):
        machine.doubt_success()
    return made


def _call_of_constant(machine: MachineState, value: Value, frame: Frame) -> Value:
    """A member of an enum of texts may have a `__call__`; nothing else that is a constant has."""
    found = machine.attribute(value, "__call__", frame)
    return machine.mistake(TypeError) if found is UNKNOWN or found is MISSING else found


def _is_made_here(name: str, frame: Frame) -> bool:
    """Whether the project's own code binds *name* itself: what it imports is the business of whoever defines it."""
    if frame.module.origin != Origin.FIRST_PARTY:
        return False
    program = frame.module.program
    local = frame.function is not None and name in frame.namespace
    pending = list(program.body) if program is not None and not local else []
    while pending:
        node = pending.pop()
        if isinstance(node, ir.Import | ir.ImportFrom) and any((one.asname or one.name) == name for one in node.names):
            return False
        if isinstance(node, ir.Try | ir.If):
            pending += [*node.body, *node.orelse]
    return True


def _keep_update(machine: MachineState, method: ir.Attribute, args: list[Value], frame: Frame) -> None:
    """`name.update(table)` of a local name of which nothing is known: from then on it holds what *table* does."""
    if method.attr != "update" or len(args) != 1 or type(method.value) is not ir.Name or frame.function is None:
        return
    known, name = args[0], method.value.id
    if isinstance(known, DictValue) and known.items and frame.namespace.get(name) is UNKNOWN:
        machine.bind(frame, name, DictValue(dict(known.items), True))


def _unknown_call(machine: MachineState, node: ir.Call, args: list[Value], frame: Frame, owner: Value) -> Value:
    """Nobody knows what is called, maybe a method of *owner*: it may do anything with *args*."""
    machine.open_named_module(args, frame)
    machine.doubt_success()
    if isinstance(node.func, ir.Attribute):
        machine.line = node.line
        pass_over(machine, node.func, frame)
        name_template(machine, node.func.attr, owner)
        _keep_update(machine, node.func, args, frame)
    called = node.func.id if type(node.func) is ir.Name else ""
    if called and called not in machine.builtins and _is_made_here(called, frame):
        machine.line = node.line
        machine.record_stop(frame, f"nobody knows what {called} is, so its call is not followed")
    if frame.asked and frame.function is not None and called in frame.function.parameters.positional:
        machine.line = node.line
        machine.record_stop(frame, f"nobody knows what {called} is, so its call is not followed")
    if frame.asked:  # the standard library hands on what the program has given it
        for one in args:
            machine.may_call(one)
    return UNKNOWN
