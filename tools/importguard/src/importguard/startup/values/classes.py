"""Classes of analysed code."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from importguard.startup.values import special_methods
from importguard.startup.values.base import MISSING, UNKNOWN, Abstract, Invocation, Items, Value, truth
from importguard.startup.values.builtin_types import MODULE_TYPE, OBJECT, PLAIN_TYPES, BuiltinType, Union
from importguard.startup.values.constants import behaviour
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.functions import FunctionValue
from importguard.startup.values.instances import Instance
from importguard.startup.values.kinds import Kind
from importguard.startup.values.lists import ListValue
from importguard.startup.values.namespaces import Named
from importguard.startup.values.natives import Native

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.annotate import Annotate
    from importguard.startup.values.frames import Frame
    from importguard.startup.values.modules import ModuleValue

ABSTRACT = "__isabstractmethod__"
PLAIN = Kind()
_CONTAINERS = frozenset({"dict", "frozenset", "list", "set", "tuple", "OrderedDict", "defaultdict", "Counter", "deque"})
MAX_BASES = 300  # classes that one inherits from


class ClassValue(Abstract, Named):
    """A class of analysed code. `open`: a base is not known."""

    __slots__ = (
        "_mro",
        "annotate",
        "bases",
        "below",
        "below_open",
        "kind",
        "metaclass",
        "module",
        "name",
        "namespace",
        "open",
    )
    type_name = "type"
    by_identity = True

    def __init__(self, name: str, bases: tuple[Value, ...], namespace: dict[str, Value], module: ModuleValue) -> None:
        self.name: str = name
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
        self.below: list[Value] = []  # the classes that inherit from it directly
        self.below_open = False
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

    def container(self) -> BuiltinType | None:
        """The container of the interpreter's that its objects are: a dict, list or set."""
        for cls in self._mro:
            for base in cls.bases:
                if isinstance(base, BuiltinType) and base.name in _CONTAINERS:
                    return base
        return None

    def constant(self, call: Invocation) -> Value:
        """What the `__new__` of a text or number makes that it extends; MISSING where that is not worked out."""
        if not self.is_own():
            return MISSING
        for one in self._mro:
            for base in one.bases:
                if isinstance(base, BuiltinType) and base.heir is not None:
                    return base.heir(self, call)
        return MISSING

    def is_exception(self) -> bool:
        """Whether its objects are exceptions."""
        bases = (base for cls in self._mro for base in cls.bases)
        return any(isinstance(base, BuiltinType) and "BaseException" in base.bases for base in bases)

    def all_bases(self) -> tuple[Value, ...]:
        """`__mro__`; what follows the classes of the program is known where nothing else is below them."""
        plain = not self.open and all(
            isinstance(base, ClassValue) or base is OBJECT for one in self._mro for base in one.bases
        )
        return (*self.mro(), OBJECT if plain else UNKNOWN)

    def refuses(self, name: str) -> bool:
        """Whether its objects have surely no place for an attribute *name*: all classes have `__slots__` without it."""
        plain = all(base in {OBJECT, None} or isinstance(base, ClassValue) for one in self._mro for base in one.bases)
        if self.open or not plain or self.lookup(name) is not MISSING:
            return False
        for one in self._mro:
            slots = one.namespace.get("__slots__", MISSING)
            names = (slots,) if isinstance(slots, str) else getattr(slots, "items", slots)
            if not isinstance(names, tuple | list | dict) or getattr(slots, "open", False):
                return False
            if any(not isinstance(each, str) or each.startswith("__") or each == name for each in names):
                return False
        return True

    def is_module_type(self) -> bool:
        """Whether its objects are modules."""
        return any(MODULE_TYPE in cls.bases for cls in self._mro)

    def makes_classes(self) -> bool:
        """Whether its objects are classes."""
        return any(PLAIN_TYPES["type"] in cls.bases for cls in self._mro)

    def call(self, call: Invocation) -> Value:
        """An object of the class, its `__new__` and `__init__` run."""
        answer = self.kind.call(self, call)
        if answer is not MISSING:
            return answer
        own = self.of_metaclass("__call__")
        return own.call(call.after(self)) if isinstance(own, FunctionValue) else self.make(call)

    def of_metaclass(self, name: str) -> Value:
        """What a metaclass of the program binds *name* to; else MISSING."""
        return self.metaclass.lookup(name) if isinstance(self.metaclass, ClassValue) else MISSING

    def special(self, name: str, machine: MachineState, *args: Value) -> Value:
        """What the special method *name* of the metaclass answers; MISSING where there is none."""
        method = self.of_metaclass(name)
        return machine.invoke(method, self, *args) if isinstance(method, FunctionValue) else MISSING

    def is_abstract(self) -> bool:
        """Whether a method is still to be written, in a class that says so."""
        if not isinstance(self.metaclass, ClassValue) or self.metaclass.name != "ABCMeta" or self.open:
            return False
        names = {name for cls in self._mro for name, value in cls.namespace.items() if _is_to_be_written(value)}
        return any(_is_to_be_written(self.lookup(name)) for name in names)

    def heirs(self) -> Value:
        """`__subclasses__()`: the classes right below it."""
        return ListValue([*self.below], self.below_open)

    def make(self, call: Invocation) -> Value:
        """`type.__call__(self, ...)`."""
        machine = call.machine
        if self.is_own() and self.is_abstract():
            return machine.mistake(TypeError)
        if not machine.enters(self.module):
            return self._unseen(call)
        made: Value = self._new_object(call)
        maker = behaviour(self.lookup("__new__")).unwrapped()
        constant = self.constant(_first_of(call)) if maker is MISSING else MISSING
        if constant is not MISSING:
            made = constant
        elif isinstance(maker, FunctionValue | Native):
            made = maker.call(call.after(self))
            if isinstance(made, ClassValue) and made.metaclass is self and made is not machine.creating:
                init = self.lookup("__init__")
                if isinstance(init, FunctionValue):
                    init.call(call.after(made))
            if not isinstance(made, Instance) and not behaviour(made).is_of(self):
                return made if made is not UNKNOWN else Instance(self)
        init = self.lookup("__init__")
        if isinstance(init, FunctionValue | Native):
            init.call(call.after(made))
        elif isinstance(made, Instance) and made.held is not None:
            made.fill(call)
        elif isinstance(made, Instance):
            made.attributes.update(call.keywords)
        if isinstance(made, Instance):
            machine.heap.born(made)
        return made

    def _unseen(self, call: Invocation) -> Instance:
        """An object that nobody has followed the making of."""
        made = Instance(self)
        made.open = True
        known = self.namespace.get("__init__")
        if isinstance(known, Native):  # a model stands for it
            known.call(call.after(made))
        else:
            made.unmade = call
        return made

    def _new_object(self, call: Invocation) -> Instance:
        made = Instance(self)
        if self.is_own() and self.is_exception():
            set_arguments(made, call)
        return made

    def attribute(self, name: str, machine: MachineState, frame: Frame) -> Value:
        """A name of the class or its bases, what every class has, or a name of its metaclass."""
        if name == "__annotations__":
            return machine.annotations_of(self, f"`{self.name}.__annotations__`")
        value = self.lookup(name)
        if value is not MISSING:
            if isinstance(value, Instance):
                return value.bind(None, self, machine, frame)
            return value.bind_to_class(self) if isinstance(value, Abstract) else value
        if name in _OF_CLASSES:
            return _OF_CLASSES[name](self)
        if name == "__new__" and not self.open:
            return OBJECT.attributes[name]
        answer = self.kind.attribute(name)
        if answer is not MISSING:
            return answer
        if isinstance(self.metaclass, ClassValue):
            found = self.metaclass.read(name, self, machine, frame)
            getter = self.metaclass.lookup("__getattr__")
            if found is not MISSING or not isinstance(getter, FunctionValue) or name.startswith("__"):
                return found
            return machine.call(getter, [self, name], {}, frame, complete=True)
        return UNKNOWN if self.open or name.startswith("__") or self.builtin_member(name) else MISSING

    def set_attribute(self, name: str, value: Value, machine: MachineState) -> None:
        """A name of the class, by way of its metaclass."""
        machine.heap.changing(self)
        self.namespace[name] = value
        self.special("__setattr__", machine, name, value)

    def delete_attribute(self, name: str, machine: MachineState) -> None:
        """A name of the class."""
        machine.heap.changing(self)
        self.namespace.pop(name, None)

    def item(self, key: Value, machine: MachineState, _frame: Frame) -> Value:
        """What its kind says; else `Generic[T]`, the class itself as far as imports go."""
        answer = self.kind.item(key)
        if answer is MISSING:
            answer = self.special("__getitem__", machine, key)
        own = behaviour(self.lookup("__class_getitem__")).unwrapped() if answer is MISSING else MISSING
        if isinstance(own, FunctionValue):
            answer = machine.invoke(own, self, key)
        return self if answer is MISSING else answer

    def iterate(self, machine: MachineState) -> Items | None:
        """What its kind says, else the metaclass."""
        found = self.kind.iterate()
        made = self.special("__iter__", machine) if found is None else MISSING
        return found if made is MISSING or made is UNKNOWN else machine.items_of(made)

    def truth(self, machine: MachineState) -> bool | None:
        """What the metaclass says."""
        for name in special_methods.TRUTH if isinstance(self.metaclass, ClassValue) else ():
            answer = self.special(name, machine)
            if answer is not MISSING:
                return None if isinstance(answer, Abstract) else bool(answer)
        return True

    def length(self, machine: MachineState) -> int | None:
        """What its kind says, else the metaclass."""
        found = self.kind.iterate()
        if found is not None:
            return len(found[0]) if found[1] else None
        made = self.special("__len__", machine)
        return made if isinstance(made, int) else None

    def contains(self, item: Value, machine: MachineState) -> bool | None:
        """What its kind says, else the metaclass."""
        known = self.kind.contains(item)
        made = self.special("__contains__", machine, item) if known is None else MISSING
        return known if made is MISSING else truth(made, machine)

    def is_own(self) -> bool:
        """By its module."""
        return self.module.is_own()

    def type_of(self) -> Value:
        """Its metaclass."""
        if self.metaclass is not None:
            return self.metaclass
        return UNKNOWN if self.open else PLAIN_TYPES["type"]

    def binary(self, op: str, other: Value, _machine: MachineState) -> Value:
        """`Own | None`."""
        return Union((self, other)) if op == "BitOr" else UNKNOWN

    def is_of(self, cls: ClassValue) -> bool | None:
        """By its metaclass."""
        if self.open or not isinstance(self.metaclass, ClassValue | None):
            return None
        if self.metaclass is None:
            return False
        return True if cls in self.metaclass.mro() else (None if self.metaclass.open else False)

    def has_instance(self, value: Value) -> bool | None:
        """By the value's own class."""
        return behaviour(value).is_of(self)

    def has_subclass(self, cls: ClassValue | BuiltinType) -> bool | None:
        """By the bases of *cls*. A class of the interpreter may be registered with one that has a metaclass."""
        if isinstance(cls, BuiltinType):
            return None if self.open or self.metaclass is not None else False
        return True if self in cls.mro() else (None if cls.open else False)

    def is_below(self, builtin: BuiltinType) -> bool | None:
        """By the interpreter's classes among its bases; a library's kind of class may have more of them."""
        bases = [base for cls in self._mro for base in cls.bases if isinstance(base, BuiltinType)]
        if builtin.name == "object" or any(builtin.name in base.bases for base in bases):
            return True
        return None if self.open or self.kind is not PLAIN else False

    def member_names(self) -> set[str]:
        """What `dir` lists of it and its bases."""
        found = {*dir(object), "__dict__", "__weakref__"}
        for one in self._mro:
            found |= one.namespace.keys() - {"__qualname__"}
            for base in one.bases:
                found |= (base.members or frozenset()) if isinstance(base, BuiltinType) else frozenset()
        return found

    def names(self, _machine: MachineState, _frame: Frame) -> Value:
        """What its metaclass says, else its names and those of its bases."""
        own = self.metaclass.lookup("__dir__") if isinstance(self.metaclass, ClassValue) else MISSING
        if own is not MISSING:
            return UNKNOWN
        return ListValue([*sorted(self.member_names())], self.open)

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


def _first_of(call: Invocation) -> Invocation:
    """The same call with its first argument alone."""
    return Invocation(call.machine, call.frame, call.args[:1], {}, call.line, call.complete)


def set_arguments(made: Instance, call: Invocation) -> Value:
    """`BaseException.__init__(made, …)`."""
    call.machine.heap.changing(made)
    made.attributes["args"] = tuple(call.args) if call.complete else UNKNOWN
    return None


_OF_CLASSES: dict[str, Callable[[ClassValue], Value]] = {
    "__name__": lambda cls: cls.name,
    "__qualname__": lambda cls: cls.name,
    "__module__": lambda cls: cls.module.name,
    "__dict__": lambda cls: DictValue.of_names(cls.namespace),
    "__mro__": lambda cls: cls.all_bases(),
    "mro": lambda cls: Native("mro", lambda _: ListValue([*cls.all_bases()])),
    "__bases__": lambda cls: cls.bases or (OBJECT,),
    "__base__": lambda cls: (cls.bases or (OBJECT,))[0],
    "__subclasses__": lambda cls: Native("__subclasses__", lambda _: cls.heirs()),
}


def _is_to_be_written(value: Value) -> bool:
    """Whether `@abstractmethod` marks it."""
    function = value.unwrapped() if isinstance(value, Abstract) else value
    return isinstance(function, FunctionValue) and function.attributes.get(ABSTRACT) is True
