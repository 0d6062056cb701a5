"""Objects of analysed classes, with the special methods of the data model."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from importguard.startup.trace.trace import Origin
from importguard.startup.values import special_methods
from importguard.startup.values.base import (
    MAX_TURNS,
    MISSING,
    UNKNOWN,
    Abstract,
    Invocation,
    Items,
    Raised,
    Value,
    holds,
    truth,
)
from importguard.startup.values.constants import behaviour
from importguard.startup.values.coroutines import CoroutineValue
from importguard.startup.values.descriptors import Property
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.exceptions import BROAD, Guard
from importguard.startup.values.functions import FunctionValue, Method
from importguard.startup.values.kinds import Kind
from importguard.startup.values.lists import ListValue
from importguard.startup.values.namespaces import Named
from importguard.startup.values.natives import NOT_IMPLEMENTED, Native

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.builtin_types import BuiltinType
    from importguard.startup.values.classes import ClassValue
    from importguard.startup.values.frames import Completion, Frame


class Instance(Abstract, Named):
    """An object of an analysed class."""

    __slots__ = ("attributes", "cls", "held", "open", "unmade")

    def __init__(self, cls: ClassValue) -> None:
        self.cls = cls
        self.attributes: dict[str, Value] = {}
        self.open = cls.open
        self.unmade: Invocation | None = None  # what has made it, where nobody has followed that yet
        self.held: Abstract | None = None  # what it holds as the container that its class extends
        if cls.container() is not None:
            self.held = UNKNOWN

    @property
    def by_identity(self) -> bool:  # type: ignore[override]  # the other kinds know it by their class
        """Whether no class of it says what it is equal to."""
        cls = self.cls
        return self.held is None and not cls.open and type(cls.kind) is Kind and cls.lookup("__eq__") is MISSING

    @property
    def by_value(self) -> bool:  # type: ignore[override]  # as above
        """Whether its class has an `__eq__` with an `__hash__`."""
        cls = self.cls
        hashed = cls.lookup("__hash__")
        return (
            self.held is None and not cls.open and hashed not in {MISSING, None} and cls.lookup("__eq__") is not MISSING
        )

    def catch_up(self, machine: MachineState) -> None:
        """Its `__init__` runs now: what made it was not worth following before the program's own code asked for it."""
        call, self.unmade = self.unmade, None
        init = self.cls.lookup("__init__")
        if call is None or not isinstance(init, FunctionValue) or not machine.enters(self.cls.module):
            return
        self.open = self.cls.open
        init.call(Invocation(machine, call.frame, [self, *call.args], call.keywords, call.line, call.complete))
        machine.heap.born(self)

    def fill(self, call: Invocation) -> None:
        """`__init__` of the container that its class extends."""
        base = self.cls.container()
        made = base.call(call) if base is not None and not self._is_made_by_itself() else UNKNOWN
        if isinstance(made, tuple):
            made = ListValue(list(made))
        self.held = made if isinstance(made, Abstract) else UNKNOWN

    def _is_made_by_itself(self) -> bool:
        """Whether a `__new__` of the program's decides what it holds."""
        return self.cls.lookup("__new__") is not MISSING

    def held_item(self, key: Value, machine: MachineState) -> Value:
        """`self[key]` as the container answers; `__missing__` where a dict has no such key."""
        held = self.contained(machine)
        missing = self.cls.lookup("__missing__")
        if isinstance(missing, FunctionValue) and held.contains(key, machine) is False:
            return machine.invoke(missing, self, key)
        return held.item(key, machine, machine.frame)

    def contained(self, machine: MachineState) -> Abstract:
        """What it holds; nothing yet where no `__init__` has filled it."""
        if self.held is None:
            return UNKNOWN
        if self.held is UNKNOWN and not self.open:
            self.fill(Invocation(machine, machine.frame, [], {}, machine.line, True))
        return self.held

    def contents(self) -> dict[str, Value]:
        """Its names."""
        return self.attributes

    def attribute(self, name: str, machine: MachineState, frame: Frame) -> Value:
        """What `__getattribute__` says, else its own attribute, what its class gives, what `__getattr__` answers."""
        asked = self.cls.lookup("__getattribute__")
        own = isinstance(asked, FunctionValue) and asked.frame.module.origin == Origin.FIRST_PARTY
        if own and not name.startswith("__"):
            return machine.call(asked, [self, name], {}, frame, complete=True)
        return self.plain_attribute(name, machine, frame)

    def plain_attribute(self, name: str, machine: MachineState, frame: Frame) -> Value:
        """`object.__getattribute__(self, name)`, then `__getattr__`."""
        if self.unmade is not None and machine.asks(machine.frame):
            self.catch_up(machine)
        if name in self.attributes:
            return self.attributes[name]
        if name == "__class__":
            return self.cls
        if name == "__dict__":
            return MISSING if self.cls.refuses(name) else DictValue.of_names(self.attributes)
        getter = self.cls.lookup(special_methods.GET_MISSING_ATTRIBUTE)
        found = self._of_class(name, machine, frame, asks=isinstance(getter, FunctionValue | Native))
        if found is not MISSING:
            return found
        if isinstance(getter, FunctionValue | Native) and not name.startswith("__"):
            try:
                return machine.call(getter, [self, name], {}, frame, complete=True)
            except Raised as raised:  # more likely an attribute that was not worked out than a mistake of the program
                if "AttributeError" in raised.names and not machine.expects(*raised.names):
                    return UNKNOWN
                raise
        if self.held is not None and self.cls.builtin_member(name) and not name.startswith("__"):
            return self.contained(machine).attribute(name, machine, frame)
        if self.open or self.cls.builtin_member(name):
            return UNKNOWN
        return MISSING

    def _of_class(self, name: str, machine: MachineState, frame: Frame, *, asks: bool) -> Value:
        """What its class gives; MISSING also where a property has no such thing and another method is asked then."""
        if not asks or not isinstance(self.cls.lookup(name), Property):
            return self.cls.read(name, self, machine, frame)
        machine.catchers.append(frozenset({"AttributeError"}))
        try:
            return self.cls.read(name, self, machine, frame)
        except Raised as raised:
            if "AttributeError" not in raised.names:
                raise
            return MISSING
        finally:
            machine.catchers.pop()

    def set_attribute(self, name: str, value: Value, machine: MachineState) -> None:
        """What a property, a descriptor or `__setattr__` of its class does; else an attribute of its own."""
        if self.unmade is not None and machine.asks(machine.frame):
            self.catch_up(machine)
        own = self.cls.lookup(name)
        hook = self.cls.lookup("__setattr__")
        if isinstance(own, Property) and own.setter is not None:
            machine.invoke(own.setter, self, value)
            return
        setter = own.cls.lookup("__set__") if isinstance(own, Instance) else MISSING
        if isinstance(setter, FunctionValue):
            machine.invoke(setter, own, self, value)
            return
        if isinstance(hook, FunctionValue | Native):
            machine.invoke(hook, self, name, value)
            if name in self.attributes or isinstance(hook, Native):
                return
        if name not in self.attributes and machine.frame.module.is_own() and self.cls.refuses(name):
            machine.mistake(AttributeError)
            return
        machine.heap.changing(self)
        self.attributes[name] = value

    def delete_attribute(self, name: str, machine: MachineState) -> None:
        """What a property, a descriptor or `__delattr__` of its class does; else an attribute of its own."""
        own, hook = self.cls.lookup(name), self.cls.lookup("__delattr__")
        deleter = own.cls.lookup("__delete__") if isinstance(own, Instance) else MISSING
        if isinstance(own, Property) and own.deleter is not None:
            machine.invoke(own.deleter, self)
        elif isinstance(deleter, FunctionValue):
            machine.invoke(deleter, own, self)
        elif isinstance(hook, FunctionValue | Native):
            machine.invoke(hook, self, name)
        else:
            machine.heap.changing(self)
            self.attributes.pop(name, None)

    def special(self, name: str, machine: MachineState, *args: Value) -> Value:
        """What the special method *name* of its class answers; MISSING where the class surely has none."""
        method = self.cls.read(name, self, machine, machine.frame)
        if method is MISSING:
            return UNKNOWN if self.open or self.cls.open or self.cls.builtin_member(name) else MISSING
        answer = machine.invoke(method, *args)
        return UNKNOWN if answer is NOT_IMPLEMENTED else answer

    def hashed(self, machine: MachineState) -> None:
        """`__hash__`, where the program has written one."""
        method = self.cls.lookup("__hash__")
        if isinstance(method, FunctionValue) and method.is_own():
            machine.invoke(method, self)

    def names(self, machine: MachineState, _frame: Frame) -> Value:
        """What its `__dir__` says, else its own names and those of its class."""
        said = self.special("__dir__", machine)
        if said is MISSING:
            return ListValue([*sorted(self.cls.member_names() | self.attributes.keys())])
        found = machine.items_of(said)
        names = [name for name in found[0] if isinstance(name, str)] if found is not None else []
        return UNKNOWN if found is None else ListValue([*sorted({*names})], not found[1] or len(names) < len(found[0]))

    def call(self, call: Invocation) -> Value:
        """`__call__`."""
        method = self.attribute(special_methods.CALL, call.machine, call.frame)
        return method.call(call) if isinstance(method, Method) else UNKNOWN

    def item(self, key: Value, machine: MachineState, _frame: Frame) -> Value:
        """`__getitem__`."""
        if self._is_plain(special_methods.GET_ITEM):
            return self.held_item(key, machine)
        return _known(self.special(special_methods.GET_ITEM, machine, key))

    def _is_plain(self, method: str) -> bool:
        """Whether the container that its class extends answers for *method*."""
        return self.held is not None and self.cls.lookup(method) is MISSING

    def set_item(self, key: Value, value: Value, machine: MachineState) -> None:
        """`__setitem__`."""
        if self._is_plain(special_methods.SET_ITEM):
            self.contained(machine).set_item(key, value, machine)
            return
        self.special(special_methods.SET_ITEM, machine, key, value)

    def delete_item(self, key: Value, machine: MachineState) -> None:
        """`__delitem__`."""
        if self._is_plain(special_methods.DELETE_ITEM):
            self.contained(machine).delete_item(key, machine)
            return
        self.special(special_methods.DELETE_ITEM, machine, key)

    def binary(self, op: str, other: Value, machine: MachineState) -> Value:
        """The method of the left operand."""
        return _known(self.special(special_methods.BINARY[op][0], machine, other))

    def compare(self, op: str, other: Value, machine: MachineState) -> Value:
        """The method of the left operand; `!=` is no `==` where a class has only that."""
        if op in {"Eq", "NotEq"} and isinstance(other, Instance) and self.by_identity and other.by_identity:
            return (self is other) is (op == "Eq")
        answer = self.special(special_methods.COMPARISON[op][0], machine, other)
        if op == "NotEq" and (answer is MISSING or answer is UNKNOWN) and self.cls.lookup("__ne__") is MISSING:
            decided = truth(_known(self.special("__eq__", machine, other)), machine)
            return UNKNOWN if decided is None else not decided
        return _known(answer)

    def reflected(self, op: str, left: Value, machine: MachineState) -> Value:
        """The method of the right operand."""
        table = special_methods.BINARY if op in special_methods.BINARY else special_methods.COMPARISON
        return _known(self.special(table[op][1], machine, left))

    def unary(self, op: str, machine: MachineState) -> Value:
        """`__neg__` and its like."""
        return _known(self.special(special_methods.UNARY[op], machine))

    def in_place(self, op: str, other: Value, machine: MachineState) -> Value:
        """`__iadd__` and its like."""
        return self.special(special_methods.IN_PLACE[op], machine, other)

    def truth(self, machine: MachineState) -> bool | None:
        """`__bool__`, else `__len__`, else true."""
        if self._is_plain("__bool__") and self._is_plain(special_methods.LENGTH):
            return self.contained(machine).truth(machine)
        for name in special_methods.TRUTH:
            answer = self.special(name, machine)
            if answer is not MISSING:
                return None if isinstance(answer, Abstract) else bool(answer)
        return True

    def length(self, machine: MachineState) -> int | None:
        """`__len__`."""
        if self._is_plain(special_methods.LENGTH):
            return self.contained(machine).length(machine)
        answer = self.special(special_methods.LENGTH, machine)
        return answer if isinstance(answer, int) else None

    def contains(self, item: Value, machine: MachineState) -> bool | None:
        """`__contains__`, else one of what it iterates over."""
        if self._is_plain(special_methods.CONTAINS):
            return self.contained(machine).contains(item, machine)
        answer = self.special(special_methods.CONTAINS, machine, item)
        if answer is not MISSING:
            return truth(answer, machine)
        found = self.iterate(machine)
        if found is None:
            return None
        held = holds(found[0], item)
        return held if held or found[1] else None

    def iterate(self, machine: MachineState) -> Items | None:
        """What the iterator that `__iter__` returns gives, step by step."""
        if self._is_plain(special_methods.ITERATE):
            return self.contained(machine).iterate(machine)
        iterator = self.special(special_methods.ITERATE, machine)
        step = special_methods.NEXT
        if iterator is MISSING:
            iterator, step = self.special("__aiter__", machine), "__anext__"
        if iterator is MISSING and self.cls.lookup(special_methods.GET_ITEM) is not MISSING:
            iterator, step = self, special_methods.GET_ITEM
        if not isinstance(iterator, Instance):
            return None if iterator is MISSING or iterator is UNKNOWN else machine.items_of(iterator)
        ends = {"StopIteration", "StopAsyncIteration"} if step != special_methods.GET_ITEM else {"IndexError"}
        items: list[Value] = []
        machine.catchers.append(frozenset(ends))
        try:
            while len(items) < MAX_TURNS:
                place = [len(items)] if step == special_methods.GET_ITEM else []
                value = finished(iterator.special(step, machine, *place), machine)
                if value is UNKNOWN:
                    break
                items.append(value)
        except Raised as raised:
            if ends.isdisjoint(raised.names):
                raise
            return items, True
        finally:
            machine.catchers.pop()
        return items, False

    def next(self, call: Invocation) -> Value:
        """`__next__`."""
        return _known(self.special(special_methods.NEXT, call.machine))

    def around(self, block: Callable[[Value], Completion], machine: MachineState, frame: Frame) -> Completion:
        """`__enter__`, the block, `__exit__`."""
        names = ("__enter__", "__exit__") if self.cls.lookup("__aenter__") is MISSING else ("__aenter__", "__aexit__")
        enter, leave = (self.attribute(name, machine, frame) for name in names)

        def call(method: Value, *args: Value) -> Value:
            made = machine.call(method, list(args), {}, frame, complete=True)
            return finished(made, machine) if isinstance(method, Method) else UNKNOWN

        entered = call(enter)
        asked = isinstance(leave, Method) and frame.module.origin == Origin.FIRST_PARTY
        guard = Guard.of(BROAD if asked else frozenset(), frame, guesses=False)
        machine.catchers.append(guard)
        escaping = machine.escaping
        try:
            completion = block(entered)
        except Raised as raised:
            machine.catchers.pop()
            machine.escaping = escaping
            handled = truth(call(leave, behaviour(raised.value).type_of(), raised.value, UNKNOWN), machine)
            if handled or not machine.believes(raised.names, proven="ImportError" in raised.names):
                return None  # also uncaught: we assume that the program starts
            if handled is None and isinstance(leave, Method):
                machine.risk(raised.names)
                return None
            raise
        machine.catchers.pop()
        machine.escaping = escaping
        call(leave, None, None, None)
        return completion

    def awaited(self, machine: MachineState, _frame: Frame) -> Value:
        """`__await__`."""
        found = self.special("__await__", machine)
        if isinstance(found, Abstract):
            machine.items_of(found)
        return getattr(found, "returned", UNKNOWN)

    def bind(self, receiver: Value, cls: ClassValue, machine: MachineState, frame: Frame) -> Value:
        """A descriptor's `__get__` answers for it."""
        getter = self.cls.lookup(special_methods.GET)
        if isinstance(getter, FunctionValue):
            return machine.call(getter, [self, receiver, cls], {}, frame, complete=True)
        return self

    def is_own(self) -> bool:
        """By its class."""
        return self.cls.is_own()

    def type_of(self) -> Value:
        """Its class."""
        return self.cls

    def is_a(self, builtin: BuiltinType) -> bool | None:
        """By the interpreter's classes among its bases."""
        if builtin.name in self.exception_names():
            return True
        return None if self.open else builtin.name == "object"

    def is_of(self, cls: ClassValue) -> bool | None:
        """By its class."""
        return True if cls in self.cls.mro() else (None if self.open else False)

    def exception_names(self) -> tuple[str, ...]:
        """Those of its class."""
        return self.cls.exception_names()

    def forget(self) -> None:
        """It may have more attributes."""
        self.unmade = None
        self.open = True
        if self.held is not None:
            self.held.forget()


def finished(answer: Value, machine: MachineState) -> Value:
    """What a method gives; what its coroutine gives where it is asynchronous."""
    return answer.awaited(machine, machine.frame) if isinstance(answer, CoroutineValue) else _known(answer)


def _known(answer: Value) -> Value:
    return UNKNOWN if answer is MISSING else answer
