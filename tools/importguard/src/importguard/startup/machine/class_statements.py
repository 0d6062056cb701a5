"""Class statements: the body runs, then the hooks of metaclasses, bases and descriptors."""

from __future__ import annotations

from importguard.source import program as ir
from importguard.startup.machine.state import MachineState
from importguard.startup.values.base import Value
from importguard.startup.values.choice import OneOf
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.constants import behaviour
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.frames import Frame
from importguard.startup.values.functions import FunctionValue
from importguard.startup.values.instances import Instance
from importguard.startup.values.natives import Native

IDLE_HOOKS = 6  # class creations by one metaclass that loaded nothing, after which we assume that it loads nothing
IDLE_WORK = 20_000  # steps that these took together; cheap ones go on, for they may collect the classes


def create_class(machine: MachineState, node: ir.ClassDef, frame: Frame) -> Value:
    """The class that a class statement makes; its hooks run."""
    bases = tuple(_base(machine, base, frame) for base in node.bases if not isinstance(base, ir.Starred))
    keywords = {one.arg: machine.evaluate(one.value, frame) for one in node.keywords if one.arg is not None}
    metaclass = keywords.pop("metaclass", None)
    inherited = next((b.metaclass for b in bases if isinstance(b, ClassValue) and b.metaclass is not None), None)
    metaclass = metaclass if metaclass is not None else inherited
    namespace: dict[str, Value] = {"__module__": frame.module.name, "__qualname__": node.name}
    namespace.update(_prepared(machine, node.name, bases, metaclass, keywords))
    body = Frame(frame.module, namespace, frame, (*frame.scope, node.name))
    body.class_body = True
    body.function = frame.function
    outer, machine.frame = machine.frame, body
    try:
        machine.run_block(node.body, body)
    finally:
        machine.frame = outer
    cls = body.cls = ClassValue(node.name, bases, namespace, frame.module)
    cls.annotate = body.annotate
    for base in bases:
        if isinstance(base, ClassValue) and machine.possible:
            base.below_open = True
        elif isinstance(base, ClassValue):
            base.below.append(cls)
    machine.spend(len(cls.mro()) + len(namespace))
    for value in namespace.values():
        inner = behaviour(value).unwrapped()
        if isinstance(inner, FunctionValue) and inner.owner is None:
            inner.owner = cls
    cls.metaclass = metaclass
    cls.kind = cls.kind.created(cls, machine, keywords)
    _run_class_hooks(machine, cls, keywords)
    return cls


def _base(machine: MachineState, node: ir.Expression, frame: Frame) -> Value:
    """The first of several that it may be: they are made to stand for one another."""
    base = machine.evaluate(node, frame)
    return base.options[0] if isinstance(base, OneOf) else base


def _prepared(
    machine: MachineState, name: str, bases: tuple[Value, ...], metaclass: Value, keywords: dict[str, Value]
) -> dict[str, Value]:
    """The names that `__prepare__` of a metaclass of the program puts into the body."""
    hook = behaviour(metaclass.lookup("__prepare__")).unwrapped() if isinstance(metaclass, ClassValue) else None
    if not isinstance(hook, FunctionValue) or not isinstance(metaclass, ClassValue):
        return {}
    made = machine.call_function(hook, [metaclass, name, bases], keywords, complete=True)
    names = made.items if isinstance(made, DictValue) else {}
    return {key: value for key, value in names.items() if isinstance(key, str)}


def _run_class_hooks(machine: MachineState, cls: ClassValue, keywords: dict[str, Value]) -> None:
    named = [(name, value) for name, value in cls.namespace.items() if isinstance(value, Instance)]
    for name, value in named:
        _run_hook(machine, value.cls.lookup("__set_name__"), [value, cls, name], {})
    meta = cls.metaclass
    if isinstance(meta, ClassValue):
        namespace = DictValue.of_names(cls.namespace)
        for name in ("__new__", "__init__"):
            first = meta if name == "__new__" else cls
            _run_hook(machine, meta.lookup(name), [first, cls.name, cls.bases, namespace], keywords, cls)
    for base in cls.bases:
        hook = base.lookup("__init_subclass__") if isinstance(base, ClassValue) else None
        if _run_hook(machine, hook, [cls], keywords):
            break


def _run_hook(
    machine: MachineState,
    hook: Value,
    args: list[Value],
    keywords: dict[str, Value],
    creating: ClassValue | None = None,
) -> bool:
    """Runs a class hook, unless it has been seen to load nothing often enough. Whether it is a function at all."""
    function = behaviour(hook).unwrapped()
    if isinstance(function, Native):  # a model
        previous, machine.creating = machine.creating, creating
        machine.call(function, args, keywords, machine.frame, complete=True)
        machine.creating = previous
        return True
    if not isinstance(function, FunctionValue):
        return False
    key = id(function.body)
    made = creating or args[0]
    annotate = made.annotate if isinstance(made, ClassValue) else None
    runs, steps = machine.idle.get(key, (0, 0))
    if runs >= IDLE_HOOKS and steps >= IDLE_WORK:
        texts = machine.lazy.reading_hooks.get(key)
        if texts is not None and annotate is not None:
            machine.annotations_of(annotate, f"the class `{annotate.owner}`", texts)
        return True
    before, begun = len(machine.loaded), machine.work
    previous, machine.creating = machine.creating, creating
    try:
        machine.call_function(function, args, keywords, complete=True)
    finally:
        machine.creating = previous
    if annotate is not None and annotate.read is not None:
        machine.lazy.reading_hooks[key] = annotate.read
    idle = len(machine.loaded) == before
    machine.idle[key] = (runs + 1, steps + machine.work - begun) if idle else (0, 0)
    return True
