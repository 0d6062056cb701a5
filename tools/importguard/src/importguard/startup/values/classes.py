"""Classes of analysed code, and `super()`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importguard.startup.values.base import MISSING, UNKNOWN, Abstract, Invocation, Items, Value
from importguard.startup.values.builtin_types import MODULE_TYPE, OBJECT, BuiltinType
from importguard.startup.values.constants import behaviour
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.functions import FunctionValue
from importguard.startup.values.instances import Instance
from importguard.startup.values.kinds import Kind
from importguard.startup.values.namespaces import Named
from importguard.startup.values.natives import Native

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.annotate import Annotate
    from importguard.startup.values.frames import Frame
    from importguard.startup.values.modules import ModuleValue

PLAIN = Kind()
MAX_BASES = 300  # classes that one inherits from


class ClassValue(Abstract, Named):
    """A class of analysed code. `open`: a base is not known."""

    __slots__ = ("_mro", "annotate", "bases", "kind", "metaclass", "module", "name", "namespace", "open")
    type_name = "type"
    by_identity = True

    def __init__(self, name: str, bases: tuple[Value, ...], namespace: dict[str, Value], module: ModuleValue) -> None:
        self.name = name
        self.bases = bases  # never assigned again: so is `mro`
        self.namespace = namespace
        self.module = module
        self.metaclass: Value = None
        self.annotate: Annotate | None = None
        self.kind: Kind = next((b.kind for b in bases if isinstance(b, ClassValue) and b.kind is not PLAIN), PLAIN)
        order = [self]
        for base in bases:
            if isinstance(base, ClassValue):
                order += base.mro()
        unique = {id(cls): cls for cls in reversed(order)}
        self._mro = list(reversed(unique.values()))[:MAX_BASES]
        self.open: bool = len(unique) > MAX_BASES or any(
            base.open if isinstance(base, ClassValue) else not isinstance(base, BuiltinType) or base.members is None
            for base in bases
        )

    def contents(self) -> dict[str, Value]:
        """Its names."""
        return self.namespace

    def mro(self) -> list[ClassValue]:
        """Depth first, later duplicates win: close enough to C3 for looking names up. The caller must not change it."""
        return self._mro

    def lookup(self, name: str) -> Value:
        """What the class or a base of it binds *name* to; else MISSING."""
        for one in self._mro:
            if name in one.namespace:
                return one.namespace[name]
        return MISSING

    def read(self, name: str, receiver: Value, machine: MachineState, frame: Frame) -> Value:
        """What *name* of the class is for its object *receiver*; MISSING where there is none."""
        value = self.lookup(name)
        return value.bind(receiver, self, machine, frame) if isinstance(value, Abstract) else value

    def builtin_member(self, name: str) -> bool:
        """Whether a base that the interpreter provides has the attribute *name*."""
        return any(
            isinstance(base, BuiltinType) and base.members is not None and name in base.members
            for cls in self._mro
            for base in cls.bases
        )

    def is_module_type(self) -> bool:
        """Whether its objects are modules."""
        return any(MODULE_TYPE in cls.bases for cls in self._mro)

    def call(self, call: Invocation) -> Value:
        """An object of the class, its `__new__` and `__init__` run."""
        machine = call.machine
        answer = self.kind.call(self, call)
        if answer is not MISSING:
            return answer
        if not machine.enters(self.module):
            unseen = Instance(self)
            unseen.open = True
            return unseen
        made: Value = Instance(self)
        maker = behaviour(self.lookup("__new__")).unwrapped()
        if isinstance(maker, FunctionValue | Native):
            made = maker.call(call.after(self))
            if not isinstance(made, Instance):
                return made if made is not UNKNOWN else Instance(self)
        init = self.lookup("__init__")
        if isinstance(init, FunctionValue | Native):
            init.call(call.after(made))
        elif isinstance(made, Instance):
            made.attributes.update(call.keywords)
        if isinstance(made, Instance):
            machine.heap.born(made)
        return made

    def attribute(self, name: str, machine: MachineState, frame: Frame) -> Value:
        """A name of the class or its bases, what every class has, or a name of its metaclass."""
        if name == "__annotations__":
            return machine.annotations_of(self, f"`{self.name}.__annotations__`")
        value = self.lookup(name)
        if value is not MISSING:
            return value.bind_to_class(self) if isinstance(value, Abstract) else value
        if name in {"__name__", "__qualname__"}:
            return self.name
        if name == "__module__":
            return self.module.name
        if name == "__dict__":
            return DictValue.of_names(self.namespace)
        if name == "__mro__":
            return (*self._mro, UNKNOWN)
        if name in {"__bases__", "__base__"}:
            bases = self.bases or (OBJECT,)
            return bases if name == "__bases__" else bases[0]
        if name == "__new__" and not self.open:
            return _NEW
        answer = self.kind.attribute(name)
        if answer is not MISSING:
            return answer
        if isinstance(self.metaclass, ClassValue):
            return self.metaclass.read(name, self, machine, frame)
        return UNKNOWN if self.open or name.startswith("__") or self.builtin_member(name) else MISSING

    def set_attribute(self, name: str, value: Value, machine: MachineState) -> None:
        """A name of the class."""
        machine.heap.changing(self)
        self.namespace[name] = value

    def delete_attribute(self, name: str, machine: MachineState) -> None:
        """A name of the class."""
        machine.heap.changing(self)
        self.namespace.pop(name, None)

    def item(self, key: Value, _machine: MachineState, _frame: Frame) -> Value:
        """What its kind says; else `Generic[T]`, the class itself as far as imports go."""
        answer = self.kind.item(key)
        return self if answer is MISSING else answer

    def iterate(self, _machine: MachineState) -> Items | None:
        """What its kind says."""
        return self.kind.iterate()

    def length(self, _machine: MachineState) -> int | None:
        """What its kind says."""
        found = self.kind.iterate()
        return len(found[0]) if found is not None and found[1] else None

    def contains(self, item: Value, _machine: MachineState) -> bool | None:
        """What its kind says."""
        return self.kind.contains(item)

    def is_of(self, _cls: ClassValue) -> bool | None:
        """Its metaclass may be the class."""
        return None

    def has_instance(self, value: Value) -> bool | None:
        """By the value's own class."""
        return behaviour(value).is_of(self)

    def has_subclass(self, cls: ClassValue) -> bool | None:
        """By the bases of *cls*."""
        return True if self in cls.mro() else (None if cls.open else False)

    def is_callable(self) -> bool | None:
        """It is."""
        return True

    def exception_names(self) -> tuple[str, ...]:
        """Its own, its bases', and those of the interpreter's classes among them."""
        names = [cls.name for cls in self._mro]
        for cls in self._mro:
            for base in cls.bases:
                if isinstance(base, BuiltinType):
                    names += base.bases
        return tuple(dict.fromkeys(names))

    def forget(self) -> None:
        """It may have more names."""
        self.open = True

    def __repr__(self) -> str:
        return f"<class {self.module.name}.{self.name}>"


class Super(Abstract):
    """`super()` in a method of *owner*, called on *receiver*."""

    __slots__ = ("owner", "receiver")

    def __init__(self, owner: ClassValue, receiver: Value) -> None:
        self.owner = owner
        self.receiver = receiver

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
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
                return found.bind_to_super(name, receiver) if isinstance(found, Abstract) else found
        if name == "__new__":
            return _NEW
        if name == "__init__" and isinstance(receiver, Instance):
            return Native("__init__", lambda call: _name_module(receiver, call))
        return UNKNOWN


def _new(call: Invocation) -> Value:
    """`object.__new__` and `type.__new__`: the class being created stands in for a metaclass's result."""
    if len(call.args) >= 4 and call.machine.creating is not None:
        return call.machine.creating
    cls = call.first()
    return Instance(cls) if isinstance(cls, ClassValue) else UNKNOWN


_NEW = Native("__new__", _new)
OBJECT.attributes["__new__"] = _NEW


def _name_module(receiver: Instance, call: Invocation) -> Value:
    """`ModuleType.__init__(name)` as a module subclass calls it."""
    if call.args and isinstance(call.args[0], str):
        receiver.attributes.setdefault("__name__", call.args[0])
    return None
