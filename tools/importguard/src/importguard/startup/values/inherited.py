"""What classes inherit from the interpreter's own: `super()`, and methods of `object`, `type` and containers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importguard.startup.values.base import MISSING, UNKNOWN, Abstract, Invocation, Value
from importguard.startup.values.builtin_types import OBJECT, PLAIN_TYPES
from importguard.startup.values.classes import ClassValue, set_arguments
from importguard.startup.values.constants import behaviour
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.instances import Instance
from importguard.startup.values.natives import Model, Native

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Frame


class Super(Abstract):
    """`super()` in a method of *owner*, called on *receiver*."""

    __slots__ = ("owner", "receiver")

    def __init__(self, owner: ClassValue, receiver: Value) -> None:
        self.owner = owner
        self.receiver = receiver

    def attribute(self, name: str, machine: MachineState, frame: Frame) -> Value:
        """The name in the classes after the owner, or what `super` says of itself."""
        receiver = self.receiver
        cls = receiver.cls if isinstance(receiver, Instance) else receiver
        own = {"__thisclass__": self.owner, "__self__": receiver, "__self_class__": cls}
        if name in own:
            return own[name]
        if not isinstance(cls, ClassValue):
            return UNKNOWN
        order = cls.mro()
        if self.owner not in order and isinstance(cls.metaclass, ClassValue):
            order = cls.metaclass.mro()
        after = order[order.index(self.owner) + 1 :] if self.owner in order else []
        for one in after:
            if name in one.namespace:
                found = one.namespace[name]
                if not isinstance(found, Abstract):
                    return found
                if isinstance(receiver, Instance) and name != "__new__":
                    return found.bind(receiver, cls, machine, frame)
                return found.bind_to_super(name, receiver)
        if name == "__new__":
            return OBJECT.attributes[name]
        if name == "__call__" and isinstance(receiver, ClassValue):
            return Native(name, receiver.make)
        if name in _ASKED and isinstance(receiver, Instance):
            return Native(name, lambda call: _ask_plainly(name, receiver, call))
        held = receiver.held if isinstance(receiver, Instance) else None
        if held is not None:
            return receiver_of_base(receiver, name)
        if name == "__init__" and isinstance(receiver, Instance):
            plain = set_arguments if receiver.cls.is_exception() else _name_module
            return Native("__init__", lambda call: plain(receiver, call))
        return UNKNOWN


_ASKED = frozenset({"__getattribute__", "__setattr__", "__delattr__"})


def _ask_plainly(name: str, receiver: Instance, call: Invocation) -> Value:
    """What `object` does for the special method *name*."""
    asked = call.first()
    if not isinstance(asked, str):
        return UNKNOWN
    if name == "__getattribute__":
        found = receiver.plain_attribute(asked, call.machine, call.frame)
        return call.machine.fail(AttributeError) if found is MISSING else found
    call.machine.heap.changing(receiver)
    if name == "__delattr__":
        receiver.attributes.pop(asked, None)
    else:
        receiver.attributes[asked] = call.get(1, "value", UNKNOWN)
    return None


def _of_object(name: str) -> Native:
    def run(call: Invocation) -> Value:
        receiver = call.first()
        if not isinstance(receiver, Instance):
            return UNKNOWN
        rest = Invocation(call.machine, call.frame, call.args[1:], call.keywords, call.line, call.complete)
        return _ask_plainly(name, receiver, rest)

    return Native(name, run)


def set_first_arguments(call: Invocation) -> Value:
    """`Exception.__init__(made, …)`, spelled out."""
    given = Invocation(call.machine, call.frame, call.args[1:], call.keywords, call.line, call.complete)
    made = call.first()
    return set_arguments(made, given) if isinstance(made, Instance) else None


def receiver_of_base(receiver: Value, name: str) -> Value:
    """`super().name` where the base is a container of the interpreter's."""
    if not isinstance(receiver, Instance) or receiver.held is None:
        return UNKNOWN
    held = receiver.held

    def fill(call: Invocation) -> Value:
        receiver.fill(call)
        return None

    operations: dict[str, Model] = {
        "__init__": fill,
        "__getitem__": lambda call: receiver.held_item(call.first(), call.machine),
        "__setitem__": lambda call: held.set_item(call.first(), call.get(1, "value"), call.machine),
        "__delitem__": lambda call: held.delete_item(call.first(), call.machine),
        "__contains__": lambda call: _answer(held.contains(call.first(), call.machine)),
        "__len__": lambda call: _answer(held.length(call.machine)),
        "__iter__": lambda _: held,
    }
    if name in operations:
        return Native(name, operations[name])
    return Native(
        name,
        lambda call: call.machine.call(
            held.attribute(name, call.machine, call.frame), call.args, call.keywords, call.frame, call.complete
        ),
    )


def _answer(known: bool | int | None) -> Value:
    return UNKNOWN if known is None else known


def _new(call: Invocation) -> Value:
    """`object.__new__` and `type.__new__`: the class being created stands in for a metaclass's result."""
    cls = call.first()
    creating = call.machine.creating
    if len(call.args) >= 4 and creating is not None:
        _take_names(creating, call.args[3])
        return creating
    if len(call.args) == 4 and isinstance(cls, ClassValue) and cls.makes_classes():
        return _class_of(cls, call)
    if not isinstance(cls, ClassValue):
        return UNKNOWN
    given = Invocation(call.machine, call.frame, call.args[1:2], {}, call.line, call.complete)
    constant = cls.constant(given)
    return Instance(cls) if constant is MISSING else constant


def _take_names(cls: ClassValue, body: Value) -> None:
    """A metaclass may leave out or add names."""
    if isinstance(body, DictValue) and body.items is not cls.namespace and not body.open:
        kept = {name: value for name, value in cls.namespace.items() if name in _OF_EVERY_CLASS}
        # Another dict: the metaclass may go on to read the one that it got.
        cls.namespace = kept | {key: value for key, value in body.items.items() if isinstance(key, str)}


_OF_EVERY_CLASS = frozenset({"__module__", "__qualname__", "__annotations__", "__doc__", "__annotate__"})


def _class_of(metaclass: ClassValue, call: Invocation) -> Value:
    """`type.__new__(metaclass, name, bases, names)` where no class statement runs."""
    _, name, bases, body = call.args
    if not isinstance(name, str):
        return UNKNOWN
    names = body.items if isinstance(body, DictValue) else {}
    namespace = {key: value for key, value in names.items() if isinstance(key, str)}
    known = bases if isinstance(bases, tuple) else (UNKNOWN,)
    made = ClassValue(name, known, namespace, call.frame.module)
    made.metaclass = metaclass
    made.open |= not isinstance(body, DictValue) or body.open
    for base in known:
        if isinstance(base, ClassValue) and call.machine.possible:
            base.below_open = True
        elif isinstance(base, ClassValue):
            base.below.append(made)
    return made


def _of_container(name: str) -> Native:
    """`dict.name`, which gets the object first."""

    def run(call: Invocation) -> Value:
        receiver, rest = call.first(), call.after()
        rest.args = call.args[1:]
        if isinstance(receiver, Instance) and receiver.held is not None:
            receiver.contained(call.machine)
            return behaviour(receiver_of_base(receiver, name)).call(rest)
        if name.startswith("__"):
            return UNKNOWN
        return behaviour(call.machine.attribute(receiver, name, call.frame)).call(rest)

    return Native(name, run)


def _name_module(receiver: Instance, call: Invocation) -> Value:
    """`ModuleType.__init__(name)` as a module subclass calls it."""
    if call.args and isinstance(call.args[0], str):
        receiver.attributes.setdefault("__name__", call.args[0])
    return None


_OPERATIONS = ("__init__", "__getitem__", "__setitem__", "__delitem__", "__contains__", "__len__", "__iter__")
_OF_TYPES = frozenset({"fromkeys", "maketrans", "fromhex"})  # these get no object
for _name in ("dict", "list", "set", "str"):
    _type = PLAIN_TYPES[_name]
    _methods = [one for one in sorted(_type.members or ()) if not one.startswith("_") and one not in _OF_TYPES]
    _type.attributes.update({one: _of_container(one) for one in (*_methods, *_OPERATIONS * (_name != "str"))})
OBJECT.attributes["__new__"] = Native("__new__", _new)
OBJECT.attributes.update({name: _of_object(name) for name in _ASKED})
