"""Models of the interpreter's own functions and types.

Each model gets an Invocation and answers UNKNOWN when it cannot tell. None of them runs analysed code by itself:
what is called back goes through the machine.
"""

from __future__ import annotations

import builtins
import contextlib
import functools
from typing import TYPE_CHECKING, Any

from importguard.startup.machine.texts import compiled
from importguard.startup.models.builtin_collections import COLLECTION_FUNCTIONS, COLLECTION_TYPES, TYPE_FUNCTIONS
from importguard.startup.models.callbacks import CALLBACK_FUNCTIONS
from importguard.startup.models.conversions import asking, unknown
from importguard.startup.models.io import open_file
from importguard.startup.models.on_demand import ON_DEMAND_FUNCTIONS
from importguard.startup.models.plain_functions import PLAIN_FUNCTIONS, of_values
from importguard.startup.models.texts_of_values import code_text, formatted_text, new_text, text_of
from importguard.startup.values.base import (
    MISSING,
    UNKNOWN,
    Abstract,
    Invocation,
    Raised,
    Value,
    is_small,
    leaves,
    truth,
)
from importguard.startup.values.builtin_types import OBJECT, PLAIN_TYPES, BuiltinType
from importguard.startup.values.choice import OneOf, one_of
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.constants import behaviour
from importguard.startup.values.descriptors import ClassMethod, Property, StaticMethod, Wrapper
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.files import TextBuffer
from importguard.startup.values.functions import FunctionValue, Method
from importguard.startup.values.inherited import Super, set_first_arguments
from importguard.startup.values.instances import Instance
from importguard.startup.values.lists import ListValue
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.natives import NOT_IMPLEMENTED, Model, Native
from importguard.startup.values.numbers import Number
from importguard.startup.values.own_constants import HEIRS
from importguard.startup.values.text import converted

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState


def _answer(known: bool | None) -> Value:
    return UNKNOWN if known is None else known


def _isinstance(call: Invocation) -> Value:
    if len(call.args) != 2:
        return UNKNOWN
    value, wanted = call.args
    kinds = tuple(leaves(wanted))
    answers = [_checked(call, one, value, "__instancecheck__", behaviour(one).has_instance(value)) for one in kinds]
    return True if True in answers else _answer(None if None in answers else False)


def _issubclass(call: Invocation) -> Value:
    cls, wanted = call.args if len(call.args) == 2 else (UNKNOWN, UNKNOWN)
    if not isinstance(cls, ClassValue | BuiltinType):
        return UNKNOWN
    kinds = tuple(leaves(wanted))
    answers = [_checked(call, one, cls, "__subclasscheck__", behaviour(one).has_subclass(cls)) for one in kinds]
    return True if True in answers else _answer(None if None in answers else False)


def _checked(call: Invocation, kind: Value, value: Value, method: str, plainly: bool | None) -> bool | None:
    """What the metaclass of *kind* says of *value*, where it has a say beyond what is *plainly* so."""
    said = kind.kind.has_instance(kind, value, call.machine) if isinstance(kind, ClassValue) else MISSING
    if method == "__instancecheck__" and said is not MISSING:
        return said if isinstance(said, bool) else None
    meta = kind.metaclass if isinstance(kind, ClassValue) else None
    check = meta.lookup(method) if isinstance(meta, ClassValue) else MISSING
    if check is MISSING or plainly is True:
        return plainly
    return truth(call.machine.invoke(check, kind, value), call.machine)


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
        return _some_method(call) if len(call.args) > 1 else UNKNOWN
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
            raise Raised.of(AttributeError)
        return UNKNOWN
    return value


def _some_method(call: Invocation) -> Value:
    """`getattr(value, name)` with a name that is not known: any function that the project's own code has put there."""
    holder, name = call.args[:2]
    names = name.texts() if isinstance(name, OneOf) and not name.more else []
    cls = holder.cls if isinstance(holder, Instance) else holder
    if isinstance(cls, ClassValue) and cls.is_own():
        found = {one: cls.lookup(one) for one in names or cls.member_names()}
    elif isinstance(holder, ModuleValue) and holder.is_own():
        found = {one: holder.namespace.get(one, MISSING) for one in names or holder.namespace}
    else:
        return UNKNOWN
    functions = [one for one, value in found.items() if isinstance(behaviour(value).unwrapped(), FunctionValue)]
    public = [one for one in functions if names or not one.startswith("_")]
    return one_of((call.machine.attribute(holder, one, call.frame) for one in sorted(public)), more=True)


def _setattr(call: Invocation) -> Value:
    if len(call.args) == 3 and isinstance(call.args[1], str):
        behaviour(call.args[0]).set_attribute(call.args[1], call.args[2], call.machine)
    elif call.args:
        behaviour(call.args[0]).forget()
    return None


def _delattr(call: Invocation) -> Value:
    if len(call.args) == 2 and isinstance(call.args[1], str):
        behaviour(call.args[0]).delete_attribute(call.args[1], call.machine)
    return None


class _Globals(DictValue):
    """`globals()`: what is not known of it is not known of the module."""

    __slots__ = ("module",)

    def __init__(self, module: ModuleValue) -> None:
        self.module = module
        super().__init__(module.namespace, module.open)  # type: ignore[arg-type]  # keys that are no texts stay out of the way

    def set_item(self, key: Value, value: Value, machine: MachineState) -> None:
        """Under a name that is not known, hardly over one that the module uses itself."""
        if isinstance(key, str):
            super().set_item(key, value, machine)
        else:
            machine.heap.changing(self)
            self.open = True

    @property
    def open(self) -> bool:
        """Whether it may hold more."""
        return self.module.open

    @open.setter  # noqa: A003
    def open(self, value: bool) -> None:
        self.module.open |= value


def _globals(call: Invocation) -> Value:
    return _Globals(call.frame.module)


def _locals(call: Invocation) -> Value:
    return DictValue.of_names(call.frame.namespace)


def _vars(call: Invocation) -> Value:
    if not call.args:
        return _locals(call)
    return call.machine.attribute(call.args[0], "__dict__", call.frame)


def _dir(call: Invocation) -> Value:
    if not call.args:
        return ListValue([*sorted(call.frame.namespace)])
    return behaviour(call.args[0]).names(call.machine, call.frame)


def _type(call: Invocation) -> Value:
    if len(call.args) == 1:
        value = behaviour(call.args[0])
        made = value.type_of()
        exact = made is UNKNOWN and type(value) in {ListValue, DictValue}
        return PLAIN_TYPES[value.type_name or ""] if exact else made
    if len(call.args) != 3:
        return UNKNOWN
    name, bases, body = call.args
    if not isinstance(name, str):
        return UNKNOWN
    namespace = (
        {key: value for key, value in body.items.items() if isinstance(key, str)} if isinstance(body, DictValue) else {}
    )
    return ClassValue(name, bases if isinstance(bases, tuple) else (UNKNOWN,), namespace, call.frame.module)


def _int(call: Invocation) -> Value:
    if len(call.args) == 1 and isinstance(call.args[0], Number):
        return call.args[0].whole()
    if not call.args:
        return 0
    parts: list[Any] = [argument for argument in call.args if isinstance(argument, str | int | float)]
    if call.args[0] is None or isinstance(call.args[0], ListValue | DictValue | FunctionValue | Method):
        return call.machine.fail(TypeError)
    if not parts or len(parts) < len(call.args):
        return UNKNOWN
    try:
        made = int(*parts[:2])
        return made if is_small(made) else UNKNOWN
    except ValueError:
        return call.machine.fail(ValueError)
    except (TypeError, OverflowError):
        return UNKNOWN


def _float(call: Invocation) -> Value:
    value = call.args[0] if call.args else 0
    if value is None or isinstance(value, ListValue | DictValue | FunctionValue | Method):
        return call.machine.fail(TypeError)
    if not isinstance(value, str | int | float) or len(call.args) > 1:
        return UNKNOWN
    try:
        return float(value)
    except ValueError:
        return call.machine.fail(ValueError)
    except OverflowError:
        return UNKNOWN


def _bool(call: Invocation) -> Value:
    return _answer(truth(call.args[0], call.machine)) if call.args else False


def _callable(call: Invocation) -> Value:
    return _answer(behaviour(call.first()).is_callable())


def _super(call: Invocation) -> Value:
    if len(call.args) == 2 and isinstance(call.args[0], ClassValue):
        return Super(call.args[0], call.args[1])
    function = call.frame.function
    if function is None or not function.parameters.positional:
        return UNKNOWN
    owner = function.frame.enclosing_class() or function.owner
    return (
        UNKNOWN if owner is None else Super(owner, call.frame.namespace.get(function.parameters.positional[0], UNKNOWN))
    )


def end_program(call: Invocation) -> Value:
    """`sys.exit()`, `exit()`, `quit()`: where nobody catches it, what follows does not run, unless this does not."""
    call.machine.end(Raised.of(SystemExit), call.first() if call.args else None)
    return UNKNOWN


def import_by_name(call: Invocation) -> Value:
    """`__import__(name, fromlist=…, level=…)`."""
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
        for item in _expanded(found[0], module, call):
            if isinstance(item, str):
                with contextlib.suppress(Raised):  # `__import__` does not mind a name that is not there
                    call.machine.member(module, absolute, item, call.frame, call.line)
        return module
    if fromlist is UNKNOWN:
        return module
    root = absolute.partition(".")[0]
    return call.machine.aliases.get(root, call.machine.modules.get(root, UNKNOWN))


def _expanded(names: list[Value], module: Value, call: Invocation) -> list[Value]:
    """*names*, where `*` stands for what the module's `__all__` says."""
    if not any(isinstance(name, str) and name == "*" for name in names) or not isinstance(module, ModuleValue):
        return names
    listed = call.machine.items_of(module.namespace.get("__all__", ()))
    return [*names, *(listed[0] if listed is not None else ())]


def _decorating(kind: type[Wrapper]) -> Model:
    return lambda call: kind(call.get(0, "fget", UNKNOWN))


def _print(call: Invocation) -> Value:
    """`print(…, file=buffer)`: the text of each value is asked for."""
    machine, target = call.machine, call.keywords.get("file")
    system = machine.modules.get("sys")
    if target is None and system is not None:
        target = system.namespace.get("stdout")
    asks = machine.asks(call.frame)
    parts = [text_of(one, machine) if asks else UNKNOWN for one in call.args]
    between, end = call.keywords.get("sep", " "), call.keywords.get("end", "\n")
    if isinstance(target, TextBuffer):
        machine.heap.changing(target.held)
        texts = [one for one in parts if isinstance(one, str)]
        known = len(texts) == len(parts) and call.complete
        text = between.join(texts) + end if known and isinstance(between, str) and isinstance(end, str) else UNKNOWN
        target.held.items.append(text)
    elif isinstance(target, Abstract):
        target.forget()
    return None


def _breakpoint(call: Invocation) -> Value:
    """`breakpoint()`: what `sys.breakpointhook` is; as it comes, it imports the debugger."""
    system = call.machine.modules.get("sys")
    hook = system.namespace.get("breakpointhook", UNKNOWN) if system is not None else UNKNOWN
    if hook is UNKNOWN:
        call.machine.import_dynamic("pdb", call)
        return None
    return call.machine.call(hook, call.args, call.keywords, call.frame, call.complete)


_FUNCTIONS: dict[str, Model] = {
    **COLLECTION_FUNCTIONS,
    **CALLBACK_FUNCTIONS,
    **asking({**PLAIN_FUNCTIONS, "hash": unknown}),
    "print": _print,
    "breakpoint": _breakpoint,
    "isinstance": _isinstance,
    "issubclass": _issubclass,
    "hasattr": _hasattr,
    "getattr": _getattr,
    "setattr": _setattr,
    "delattr": _delattr,
    "exec": lambda call: call.machine.run_text(call),
    "eval": lambda call: call.machine.value_of_text(call),
    "compile": compiled,
    "open": open_file,
    "globals": _globals,
    "locals": _locals,
    "vars": _vars,
    "dir": _dir,
    "callable": _callable,
    "repr": code_text,
    "format": formatted_text,
    **ON_DEMAND_FUNCTIONS,
    "super": _super,
    "__import__": import_by_name,
    "exit": end_program,
    "quit": end_program,
}


def _bytes(call: Invocation) -> Value:
    """`bytes(numbers)` and `bytes(text, codec)`."""
    given = call.first()
    if isinstance(given, str):
        rest = Invocation(call.machine, call.frame, call.args[1:], call.keywords, call.line, call.complete)
        return converted(given, rest)
    return _of_numbers(call) if isinstance(given, ListValue | bytes) else UNKNOWN


_of_numbers = of_values(bytes)

_TYPES: dict[str, Model] = {
    **COLLECTION_TYPES,
    "type": _type,
    "str": new_text,
    **asking({"int": _int, "float": _float, "bytes": _bytes, "complex": unknown}),
    "bool": _bool,
    "property": _decorating(Property),
    "staticmethod": _decorating(StaticMethod),
    "classmethod": _decorating(ClassMethod),
}


@functools.cache
def _members(name: str) -> frozenset[str]:
    return frozenset(dir(getattr(builtins, name)))


def builtin_namespace(names: frozenset[str]) -> dict[str, Value]:
    """What a bare name may mean in the target: *names* is `dir(builtins)` there."""
    namespace: dict[str, Value] = dict.fromkeys(names, UNKNOWN)
    for name in names:
        host = getattr(builtins, name, None)
        if isinstance(host, type) and issubclass(host, BaseException):
            bases = tuple(base.__name__ for base in host.__mro__)
            kind = namespace[name] = BuiltinType(name, bases, None, _members(name))
            kind.attributes["__init__"] = Native("__init__", set_first_arguments)
        elif isinstance(host, type):  # `slice`: nothing else is one
            namespace[name] = BuiltinType(name, (name, "object"), None, _members(name))
    namespace.update({name: Native(name, call) for name, call in _FUNCTIONS.items()})
    for name, plain in PLAIN_TYPES.items():
        plain.make, plain.heir = _TYPES.get(name), HEIRS.get(name)
        if plain.heir is not None:
            plain.attributes["__new__"] = OBJECT.attributes["__new__"]
        if name != "NoneType":
            namespace[name] = plain
    for name in _TYPES.keys() - PLAIN_TYPES.keys():
        members = _members(name)
        namespace[name] = BuiltinType(name, (name, "object"), _TYPES.get(name), members)
    for name, model in TYPE_FUNCTIONS.items():
        owner, _, method = name.partition(".")
        known = namespace.get(owner)
        if isinstance(known, BuiltinType):
            known.attributes[method] = Native(method, model)
    namespace["object"] = OBJECT
    namespace["__debug__"] = True
    namespace["NotImplemented"] = NOT_IMPLEMENTED
    return namespace
