"""Models of the interpreter's own functions and types.

Each model gets an Invocation and answers UNKNOWN when it cannot tell. None of them runs analysed code by itself:
what is called back goes through the machine.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import TYPE_CHECKING

from importguard.startup.machine.values import (
    CONSTANTS,
    FUNCTION_TYPE,
    METHOD_TYPE,
    MISSING,
    MODULE_TYPE,
    OBJECT,
    UNKNOWN,
    BuiltinType,
    ClassValue,
    DictValue,
    FunctionValue,
    Instance,
    Invocation,
    ListValue,
    Method,
    ModuleValue,
    Native,
    Raised,
    SetValue,
    Super,
    Value,
    VersionInfo,
    Wrapper,
    is_small,
    leaves,
    truth,
)
from importguard.startup.models.builtin_collections import COLLECTION_FUNCTIONS, COLLECTION_TYPES

if TYPE_CHECKING:
    pass


def exception_names(value: Value) -> tuple[str, ...]:
    """The names of an exception's class and bases, most derived first; empty when not known."""
    if isinstance(value, BuiltinType):
        return value.names
    if isinstance(value, Instance):
        value = value.cls
    if isinstance(value, ClassValue):
        names = [cls.name for cls in value.mro()]
        for cls in value.mro():
            for base in cls.bases:
                if isinstance(base, BuiltinType):
                    names += base.names
        return tuple(dict.fromkeys(names))
    return ()


def caught_names(value: Value) -> tuple[str, ...]:
    """The exceptions that `except value` catches; *value* is a class or a tuple of such, nested at will."""
    return tuple(dict.fromkeys(name for item in leaves(value) for name in exception_names(item)[:1]))


# Functions of the builtins module


def _isinstance(call: Invocation) -> Value:
    if len(call.args) != 2:
        return UNKNOWN
    value, wanted = call.args
    answers = [_is_instance(value, one) for one in (wanted if isinstance(wanted, tuple) else (wanted,))]
    if True in answers:
        return True
    return UNKNOWN if UNKNOWN in answers else False


_PYTHON_TYPES = {
    ListValue: "list",
    DictValue: "dict",
    SetValue: "set",
    tuple: "tuple",
    VersionInfo: "tuple",
    ClassValue: "type",
    FunctionValue: "function",
    Method: "method",
    ModuleValue: "module",
}


def _is_instance(value: Value, wanted: Value) -> Value:
    if value is UNKNOWN or wanted is UNKNOWN:
        return UNKNOWN
    if isinstance(wanted, BuiltinType):
        if isinstance(value, CONSTANTS):
            return wanted.name in {base.__name__ for base in type(value).__mro__}
        if isinstance(value, Instance):
            return (
                True if wanted.name in exception_names(value) else (UNKNOWN if value.open else wanted.name == "object")
            )
        name = _PYTHON_TYPES.get(type(value))
        return UNKNOWN if name is None else wanted.name in {name, "object"}
    if isinstance(wanted, ClassValue):
        if isinstance(value, Instance):
            return True if wanted in value.cls.mro() else (UNKNOWN if value.open else False)
        return UNKNOWN if isinstance(value, ClassValue | Native) else False
    return UNKNOWN


def _issubclass(call: Invocation) -> Value:
    if len(call.args) != 2 or not isinstance(call.args[0], ClassValue):
        return UNKNOWN
    cls, wanted = call.args
    if isinstance(wanted, ClassValue):
        return True if wanted in cls.mro() else (UNKNOWN if cls.open else False)
    return UNKNOWN


def _hasattr(call: Invocation) -> Value:
    if len(call.args) != 2 or not isinstance(call.args[1], str):
        return UNKNOWN
    call.machine.catchers.append(frozenset({"AttributeError"}))
    try:
        value = call.machine.attribute(call.args[0], call.args[1], call.frame)
    except Raised as raised:
        if "AttributeError" in raised.names:
            return False
        raise
    finally:
        call.machine.catchers.pop()
    if value is MISSING:
        return False
    if value is UNKNOWN and not isinstance(call.args[0], ModuleValue):
        return UNKNOWN
    if value is UNKNOWN and isinstance(call.args[0], ModuleValue):
        return True if call.args[1] in call.args[0].namespace else UNKNOWN
    return True


def _getattr(call: Invocation) -> Value:
    if len(call.args) < 2 or not isinstance(call.args[1], str):
        return UNKNOWN
    has_default = len(call.args) > 2
    if has_default:
        call.machine.catchers.append(frozenset({"AttributeError"}))
    try:
        value = call.machine.attribute(call.args[0], call.args[1], call.frame)
    except Raised as raised:
        if has_default and "AttributeError" in raised.names:
            return call.args[2]
        raise
    finally:
        if has_default:
            call.machine.catchers.pop()
    if value is MISSING:
        if has_default:
            return call.args[2]
        if call.machine.catches_here("AttributeError"):
            raise Raised(("AttributeError", "Exception", "BaseException", "object"))
        return UNKNOWN
    return value


def _setattr(call: Invocation) -> Value:
    if len(call.args) == 3 and isinstance(call.args[1], str):
        call.machine.set_attribute(call.args[0], call.args[1], call.args[2])
    return None


def _globals(call: Invocation) -> Value:
    return DictValue(call.frame.module.namespace)


def _locals(call: Invocation) -> Value:
    return DictValue(call.frame.namespace)


def _vars(call: Invocation) -> Value:
    if not call.args:
        return _locals(call)
    return call.machine.attribute(call.args[0], "__dict__", call.frame)


def _dir(call: Invocation) -> Value:
    if not call.args:
        return ListValue(sorted(call.frame.namespace))
    value = call.args[0]
    if isinstance(value, ModuleValue):
        own = value.namespace.get("__dir__")
        if isinstance(own, FunctionValue):  # PEP 562
            found = call.machine.items_of(call.machine.call(own, [], {}, call.frame, complete=True))
            names, complete = found if found is not None else (list(value.namespace), False)
            return ListValue(sorted({name for name in names if isinstance(name, str)}), not complete)
        return ListValue(sorted(value.namespace), value.open)
    return UNKNOWN


def _type(call: Invocation) -> Value:
    if len(call.args) == 1:
        value = call.args[0]
        if isinstance(value, Instance):
            return value.cls
        if isinstance(value, ModuleValue):
            return MODULE_TYPE
        if isinstance(value, FunctionValue):
            return FUNCTION_TYPE
        return METHOD_TYPE if isinstance(value, Method) else UNKNOWN
    if len(call.args) == 3 and isinstance(call.args[0], str):
        namespace = dict(call.args[2].items) if isinstance(call.args[2], DictValue) else {}
        bases = call.args[1] if isinstance(call.args[1], tuple) else (UNKNOWN,)
        return ClassValue(call.args[0], bases, namespace, call.frame.module)
    return UNKNOWN


def _str(call: Invocation) -> Value:
    if not call.args:
        return ""
    value = call.args[0]
    return str(value) if isinstance(value, str | int | float) and is_small(value) else UNKNOWN


def _int(call: Invocation) -> Value:
    if not call.args or not all(isinstance(a, str | int | float) for a in call.args):
        return UNKNOWN
    try:
        made = int(*call.args[:2])
        return made if is_small(made) else UNKNOWN
    except (ValueError, TypeError, OverflowError):
        return UNKNOWN


def _bool(call: Invocation) -> Value:
    decided = truth(call.args[0]) if call.args else False
    return UNKNOWN if decided is None else decided


def _callable(call: Invocation) -> Value:
    value = call.args[0] if call.args else UNKNOWN
    if isinstance(value, FunctionValue | ClassValue | Native | Method | BuiltinType):
        return True
    return False if isinstance(value, (*CONSTANTS, ListValue, DictValue, tuple)) else UNKNOWN


def _super(call: Invocation) -> Value:
    if len(call.args) == 2 and isinstance(call.args[0], ClassValue):
        return Super(call.args[0], call.args[1])
    function = call.frame.function
    if function is None or function.owner is None or not function.parameters.positional:
        return UNKNOWN
    return Super(function.owner, call.frame.namespace.get(function.parameters.positional[0], UNKNOWN))


def _import(call: Invocation) -> Value:
    name, level = call.get(0, "name", UNKNOWN), call.get(4, "level", 0)
    fromlist = call.get(3, "fromlist", ())
    if not isinstance(name, str) or type(level) is not int:
        return call.machine.computed_import(call)
    absolute = call.machine.absolute(name or None, level, call.frame) if level else name
    if not absolute:
        return UNKNOWN
    module = call.machine.import_dynamic(absolute, call)
    found = call.machine.items_of(fromlist) if fromlist is not None else None
    if found is not None and found[0]:
        for item in found[0]:
            if isinstance(item, str):
                call.machine.member(module, absolute, item, call.frame, call.line)
        return module
    if fromlist is UNKNOWN:
        return module
    root = absolute.partition(".")[0]
    return call.machine.aliases.get(root, call.machine.modules.get(root, UNKNOWN))


def _decorating(kind: str) -> Callable[[Invocation], Value]:
    return lambda call: Wrapper(kind, call.args[0] if call.args else call.keywords.get("fget", UNKNOWN))


_FUNCTIONS: dict[str, Callable[[Invocation], Value]] = {
    **COLLECTION_FUNCTIONS,
    "isinstance": _isinstance,
    "issubclass": _issubclass,
    "hasattr": _hasattr,
    "getattr": _getattr,
    "setattr": _setattr,
    "globals": _globals,
    "locals": _locals,
    "vars": _vars,
    "dir": _dir,
    "callable": _callable,
    "super": _super,
    "__import__": _import,
}
_TYPES: dict[str, Callable[[Invocation], Value]] = {
    **COLLECTION_TYPES,
    "type": _type,
    "str": _str,
    "int": _int,
    "bool": _bool,
    "property": _decorating("property"),
    "staticmethod": _decorating("staticmethod"),
    "classmethod": _decorating("classmethod"),
}


def builtin_namespace(names: frozenset[str]) -> dict[str, Value]:
    """What a bare name may mean in the target: *names* is `dir(builtins)` there."""
    namespace: dict[str, Value] = dict.fromkeys(names, UNKNOWN)
    for name in names:
        host = getattr(builtins, name, None)
        if isinstance(host, type) and issubclass(host, BaseException):
            bases = tuple(base.__name__ for base in host.__mro__)
            namespace[name] = BuiltinType(name, bases, None, frozenset(dir(host)))
    namespace.update({name: Native(name, call) for name, call in _FUNCTIONS.items()})
    for name in (*_TYPES, "float", "bytes", "complex", "bytearray"):
        members = frozenset(dir(getattr(builtins, name)))
        namespace[name] = BuiltinType(name, (name, "object"), _TYPES.get(name), members)
    namespace["object"] = OBJECT
    namespace["__debug__"] = True
    return namespace
