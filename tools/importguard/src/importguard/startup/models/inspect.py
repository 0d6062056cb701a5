"""`inspect`: what an object is."""

from __future__ import annotations

from collections.abc import Callable

from importguard.startup.models.annotationlib import asks_for_texts, get_annotations
from importguard.startup.models.library import Library
from importguard.startup.values.annotate import Texts
from importguard.startup.values.base import MISSING, UNKNOWN, Abstract, Invocation, Value, truth
from importguard.startup.values.builtin_types import BuiltinType
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.constants import behaviour
from importguard.startup.values.functions import FunctionValue, Method
from importguard.startup.values.instances import Instance
from importguard.startup.values.lists import ListValue
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.natives import Model, Native

_OF_EVERY_OBJECT = frozenset(dir(object))  # these are no functions of the program's
MAX_WRAPPERS = 50  # functions that wrap one another


def _of_functions(holds: Callable[[FunctionValue], bool]) -> Model:
    def run(call: Invocation) -> Value:
        """What holds of a function; an object with no code of its own is not asked."""
        value = call.get(0, "obj", UNKNOWN)
        if isinstance(value, Method):
            value = value.function
        if isinstance(value, FunctionValue):
            return holds(value)
        return UNKNOWN if value is UNKNOWN or isinstance(value, Instance) else False

    return run


def _of_kinds(*kinds: type[Abstract]) -> Model:
    def run(call: Invocation) -> Value:
        value = call.get(0, "object", UNKNOWN)
        if value is UNKNOWN or (isinstance(value, Instance) and value.open):
            return UNKNOWN
        return isinstance(value, kinds)

    return run


def _members(call: Invocation) -> Value:
    """`getmembers(object, predicate)`: pairs in the order of their names."""
    owner, wanted, machine = call.get(0, "object", UNKNOWN), call.get(1, "predicate"), call.machine
    found = machine.items_of(behaviour(owner).names(machine, call.frame))
    if found is None:
        return UNKNOWN
    pairs: list[Value] = []
    complete = found[1]
    for name in sorted({name for name in found[0] if isinstance(name, str)}):
        value = machine.attribute(owner, name, call.frame)
        decided = True if wanted is None else truth(machine.invoke(wanted, value), machine)
        if decided and value is not MISSING:
            pairs.append((name, value))
        complete &= decided is not None or name in _OF_EVERY_OBJECT
    return ListValue(pairs, not complete)


def _unwrap(call: Invocation) -> Value:
    """`unwrap(function)`: what the innermost wrapper wraps."""
    value = call.get(0, "func", UNKNOWN)
    if "stop" in call.keywords or len(call.args) > 1:
        return UNKNOWN
    return _innermost(value, "__wrapped__")


def _innermost(value: Value, *names: str) -> Value:
    """What wrappers wrap in the end; *names*: the attributes by which they know it."""
    for _ in range(MAX_WRAPPERS):
        known = value.attributes if isinstance(value, FunctionValue | Native) else {}
        inner = next((known[name] for name in names if name in known), None)
        if inner is None:
            break
        value = inner
    return value


def _signature(call: Invocation) -> Value:
    """`signature(callable)` reads the annotations of the function that is called in the end."""
    machine, value = call.machine, call.get(0, "obj", UNKNOWN)
    asks_for_texts(call, "annotation_format")
    value = _innermost(value, "__wrapped__", "func")
    if isinstance(value, ClassValue):
        value = value.lookup("__init__")
    reads = truth(call.keywords.get("eval_str", False), machine) is not False
    machine.annotations_of(value, "`inspect.signature`", Texts.READ if reads else Texts.KEPT)
    return UNKNOWN


LIBRARY = Library(
    functions={
        "inspect": {
            "iscoroutinefunction": _of_functions(lambda f: f.is_async and not f.is_generator),
            "isasyncgenfunction": _of_functions(lambda f: f.is_async and f.is_generator),
            "isgeneratorfunction": _of_functions(lambda f: f.is_generator and not f.is_async),
            "getmembers": _members,
            "isfunction": _of_kinds(FunctionValue),
            "isclass": _of_kinds(ClassValue, BuiltinType),
            "ismethod": _of_kinds(Method),
            "isroutine": _of_kinds(FunctionValue, Method),
            "ismodule": _of_kinds(ModuleValue),
            "signature": _signature,
            "getfullargspec": _signature,
            "unwrap": _unwrap,
            "get_annotations": get_annotations,
        }
    }
)
