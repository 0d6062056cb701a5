"""`abc`: abstract classes answer `isinstance` by what is registered, and by what their abstract methods ask for."""

from __future__ import annotations

import collections.abc
import numbers
import types

from importguard.startup.machine.state import MachineState
from importguard.startup.models.library import Library
from importguard.startup.values.base import CONSTANTS, MISSING, UNKNOWN, Invocation, Value
from importguard.startup.values.classes import ABSTRACT, ClassValue
from importguard.startup.values.constants import behaviour
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.functions import FunctionValue, Method
from importguard.startup.values.generators import GeneratorValue
from importguard.startup.values.instances import Instance
from importguard.startup.values.lists import ListValue
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.natives import Native
from importguard.startup.values.sets import SetValue

_REGISTERED = "_abc_registry"
_HOSTS: dict[type, type] = {
    ListValue: list,
    DictValue: dict,
    SetValue: set,
    FunctionValue: types.FunctionType,
    Method: types.MethodType,
    GeneratorValue: types.GeneratorType,
}
# Those of the interpreter's that ask only for methods.
_BY_METHODS = {
    name: tuple(sorted(getattr(collections.abc, name).__abstractmethods__))
    for name in ("Awaitable", "AsyncIterable", "Iterable", "Sized", "Container", "Callable", "Iterator", "Reversible")
}


class _OfMetaclass(Native):
    """A method of `ABCMeta`."""

    __slots__ = ()

    def bind(self, receiver: Value, _cls: object, _machine: object, _frame: object) -> Value:
        """A method of the class."""
        return Method(self, receiver)


def _host(cls: ClassValue) -> type | None:
    """The interpreter's own abstract class that *cls* is, if it is one."""
    if cls.module.name in {"_collections_abc", "collections.abc"}:
        return getattr(collections.abc, cls.name, None)
    return getattr(numbers, cls.name, None) if cls.module.name == "numbers" else None


def _register(call: Invocation) -> Value:
    cls, added = call.first(), call.args[1] if len(call.args) > 1 else UNKNOWN
    if isinstance(cls, ClassValue):
        known = cls.namespace.get(_REGISTERED, ())
        cls.set_attribute(_REGISTERED, (*known, added) if isinstance(known, tuple) else UNKNOWN, call.machine)
    return added


def _instance_check(call: Invocation) -> Value:
    cls, value = call.args if len(call.args) == 2 else (UNKNOWN, UNKNOWN)
    if not isinstance(cls, ClassValue):
        return UNKNOWN
    host, kind = _host(cls), _HOSTS.get(type(value))
    if isinstance(value, (*CONSTANTS, tuple)):
        kind = type(value)
    if host is not None and kind is not None:
        return issubclass(kind, host)
    if behaviour(value).is_of(cls):
        return True
    return _decide(cls, value.cls, call) if isinstance(value, Instance) and not value.open else UNKNOWN


def _subclass_check(call: Invocation) -> Value:
    cls, other = call.args if len(call.args) == 2 else (UNKNOWN, UNKNOWN)
    if not isinstance(cls, ClassValue) or not isinstance(other, ClassValue):
        return UNKNOWN
    return True if cls in other.mro() else _decide(cls, other, call)


def _decide(cls: ClassValue, other: ClassValue, call: Invocation) -> Value:
    """Whether *other*, no heir of *cls*, counts as one."""
    if other.open:
        return UNKNOWN
    hook = behaviour(cls.lookup("__subclasshook__")).unwrapped()
    methods = _BY_METHODS.get(cls.name) if _host(cls) is not None else None
    if methods is not None:
        return all(other.lookup(name) is not MISSING for name in methods)
    if isinstance(hook, FunctionValue) and _host(cls) is None:
        answer = call.machine.invoke(hook, cls, other)
        if isinstance(answer, bool):
            return answer
        return UNKNOWN
    registered = cls.lookup(_REGISTERED)
    if registered is MISSING:
        return False
    mro = other.mro()
    return True if isinstance(registered, tuple) and any(one in mro for one in registered) else UNKNOWN


def _abstract(call: Invocation) -> Value:
    """`@abstractmethod`."""
    function = behaviour(call.first()).unwrapped()
    if isinstance(function, FunctionValue):
        function.attributes[ABSTRACT] = True
    return call.first()


def _fill(_machine: MachineState, module: ModuleValue) -> None:
    if "abstractmethod" in module.namespace:
        module.namespace["abstractmethod"] = Native("abstractmethod", _abstract)
    meta = module.namespace.get("ABCMeta")
    if isinstance(meta, ClassValue):
        for name, model in (
            ("register", _register),
            ("__instancecheck__", _instance_check),
            ("__subclasscheck__", _subclass_check),
        ):
            meta.namespace[name] = _OfMetaclass(name, model)


LIBRARY = Library(fill={"abc": _fill})
