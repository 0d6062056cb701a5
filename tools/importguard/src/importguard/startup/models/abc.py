"""`abc`: abstract classes answer `isinstance` by what is registered, and by what their abstract methods ask for."""

from __future__ import annotations

import builtins
import collections.abc
import contextlib
import numbers
import os
import types

from importguard.startup.machine.state import MachineState
from importguard.startup.models.library import Library
from importguard.startup.values.base import CONSTANTS, MISSING, UNKNOWN, Invocation, Value
from importguard.startup.values.builtin_types import BuiltinType
from importguard.startup.values.classes import ABSTRACT, ClassValue
from importguard.startup.values.constants import behaviour
from importguard.startup.values.dicts import DictValue, Keys
from importguard.startup.values.functions import FunctionValue, Method
from importguard.startup.values.generators import GeneratorValue
from importguard.startup.values.instances import Instance
from importguard.startup.values.lists import ListValue
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.natives import NOT_IMPLEMENTED, Native
from importguard.startup.values.sets import SetValue

_REGISTERED = "_abc_registry"
_HOSTS: dict[type, type] = {
    ListValue: list,
    DictValue: dict,
    SetValue: set,
    Keys: type({}.keys()),
    FunctionValue: types.FunctionType,
    Method: types.MethodType,
    GeneratorValue: types.GeneratorType,
}
_WHERE = {"_collections_abc": collections.abc, "collections.abc": collections.abc, "contextlib": contextlib,
          "numbers": numbers, "os": os}  # fmt: skip
_ASKED = {  # beside its abstract methods, what the interpreter's own class asks for
    "Iterator": ("__iter__",),
    "AsyncIterator": ("__aiter__",),
    "Reversible": ("__iter__",),
    "Generator": ("__iter__", "__next__", "close"),
    "AsyncGenerator": ("__aiter__", "__anext__", "aclose"),
    "Coroutine": ("close",),
    "AbstractContextManager": ("__enter__",),
    "AbstractAsyncContextManager": ("__aenter__",),
}


def _asked(kind: type) -> tuple[str, ...] | None:
    """The methods by which the interpreter's own class *kind* knows its heirs; None where it does not go by them."""
    if "__subclasshook__" not in vars(kind):
        return None
    return (*sorted(getattr(kind, "__abstractmethods__", ())), *_ASKED.get(kind.__name__, ()))


class _OfMetaclass(Native):
    """A method of `ABCMeta`."""

    __slots__ = ()

    def bind(self, receiver: Value, _cls: object, _machine: object, _frame: object) -> Value:
        """A method of the class."""
        return Method(self, receiver)


def _host(cls: ClassValue) -> type | None:
    """The interpreter's own abstract class that *cls* is, if it is one."""
    found = getattr(_WHERE.get(cls.module.name), cls.name, None)
    return found if isinstance(found, type) else None


def _has(cls: ClassValue, name: str) -> bool:
    """Whether *cls* has the method *name*: one that is None stands for none."""
    found = cls.lookup(name)
    if found is not MISSING:
        return found is not None
    if name == "__hash__" and cls.lookup("__eq__") is not MISSING:
        return False
    return getattr(_builtin_base(cls), name, None) is not None


def _builtin_base(cls: ClassValue) -> type:
    """The class of the interpreter's that *cls* extends; `object` where there is no other."""
    names = [base.name for one in cls.mro() for base in one.bases if isinstance(base, BuiltinType)]
    found = getattr(builtins, next(iter(names), "object"), object)
    return found if isinstance(found, type) else object


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
    hook, host = behaviour(cls.lookup("__subclasshook__")).unwrapped(), _host(cls)
    if host is not None:
        methods = _asked(host)
        if issubclass(_builtin_base(other), host) if methods is None else all(_has(other, name) for name in methods):
            return True
    elif isinstance(hook, FunctionValue):
        answer = call.machine.invoke(hook, cls, other)
        if answer is not NOT_IMPLEMENTED:
            return answer if isinstance(answer, bool) else UNKNOWN
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
