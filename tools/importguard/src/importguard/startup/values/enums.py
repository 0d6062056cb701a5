"""Enum classes and their members."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from importguard.startup.values.base import MISSING, UNKNOWN, Abstract, Invocation, Items, Raised, Value, is_constant
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.constants import KINDS, NumberConstant, TextConstant, behaviour
from importguard.startup.values.descriptors import Wrapper
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.functions import FunctionValue
from importguard.startup.values.instances import Instance
from importguard.startup.values.kinds import Kind
from importguard.startup.values.lists import ListValue
from importguard.startup.values.natives import Native

BITS: dict[str, Callable[[int, int], int]] = {"BitOr": operator.or_, "BitAnd": operator.and_, "BitXor": operator.xor}

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Frame


class Member(Instance):
    """A member of an enum that is no text or number itself."""

    __slots__ = ()

    @property
    def by_identity(self) -> bool:  # type: ignore[override]  # as its base
        """Unless its class says otherwise, it is equal to itself alone."""
        return self.cls.lookup("__eq__") is MISSING

    def compare(self, op: str, other: Value, machine: MachineState) -> Value:
        """By identity, unless the class says otherwise."""
        if op in {"Eq", "NotEq"} and self.cls.lookup("__eq__") is MISSING and other is not UNKNOWN:
            return (self is other) is (op == "Eq")
        return super().compare(op, other, machine)


class FlagMember(Member):
    """A member of a `Flag`, or several of them together."""

    __slots__ = ()

    def binary(self, op: str, other: Value, machine: MachineState) -> Value:
        """`|`, `&` and `^` of two."""
        bits, more = self.attributes.get("_value_"), value_of(other)
        kind = self.cls.kind
        own = op in BITS and isinstance(other, FlagMember) and other.cls is self.cls
        if not own or not isinstance(kind, EnumKind) or type(bits) is not int or type(more) is not int:
            return super().binary(op, other, machine)
        return kind.together(self.cls, BITS[op](bits, more))

    def truth(self, machine: MachineState) -> bool | None:
        """Whether any bit is set."""
        bits = self.attributes.get("_value_")
        return bool(bits) if type(bits) is int else super().truth(machine)

    def contains(self, item: Value, machine: MachineState) -> bool | None:
        """Whether all bits of *item* are set."""
        bits, asked = self.attributes.get("_value_"), value_of(item)
        known = type(bits) is int and type(asked) is int and isinstance(item, FlagMember) and item.cls is self.cls
        return bits & asked == asked if known else super().contains(item, machine)  # type: ignore[operator]  # both are ints


class TextMember(str):
    """A member of an enum of texts: a constant with names. `shown` is what `str` makes of it."""

    __slots__ = ("member", "shown")
    member: Member
    shown: str

    def __str__(self) -> str:
        return self.shown


class NumberMember(int):
    """A member of an enum of numbers."""

    member: Member
    shown: str

    def __str__(self) -> str:
        return self.shown


class TextAnswers(TextConstant):
    """A text member: its own names first, then those of a text."""

    __slots__ = ()

    def attribute(self, name: str, machine: MachineState, frame: Frame) -> Value:
        """Its name and value, what its class has, and the methods of a text."""
        found = _own(self.host, name, machine, frame)
        return super().attribute(name, machine, frame) if found is UNKNOWN else found

    def is_of(self, cls: ClassValue) -> bool | None:
        """By its class."""
        member: Member = self.host.member
        return member.is_of(cls)

    def type_of(self) -> Value:
        """Its class."""
        cls: ClassValue = self.host.member.cls
        return cls


class NumberAnswers(NumberConstant):
    """A number member."""

    __slots__ = ()

    def attribute(self, name: str, machine: MachineState, frame: Frame) -> Value:
        """Its name and value, and what its class has."""
        return _own(self.host, name, machine, frame)

    def is_of(self, cls: ClassValue) -> bool | None:
        """By its class."""
        member: Member = self.host.member
        return member.is_of(cls)

    def type_of(self) -> Value:
        """Its class."""
        cls: ClassValue = self.host.member.cls
        return cls


KINDS[TextMember] = TextAnswers
KINDS[NumberMember] = NumberAnswers


def _own(host: Any, name: str, machine: MachineState, frame: Frame) -> Value:
    member: Member = host.member
    if name in member.attributes:
        return member.attributes[name]
    if name == "__class__":
        return member.cls
    found = member.cls.lookup(name)
    if found is MISSING:
        return UNKNOWN
    return found.bind(host, member.cls, machine, frame) if isinstance(found, Abstract) else found


class Auto(Abstract):
    """`auto()` in the body of an enum: a number. *given* is that, once it is known."""

    __slots__ = ("given",)

    def __init__(self) -> None:
        self.given: Value = UNKNOWN

    def binary(self, op: str, other: Value, _machine: MachineState) -> Value:
        """`FIRST | SECOND`: of what the two will be."""
        return Together(op, self, other) if op in BITS else UNKNOWN


class Together(Auto):
    """`FIRST | SECOND` in the body of an enum."""

    __slots__ = ("left", "op", "right")

    def __init__(self, op: str, left: Value, right: Value) -> None:
        super().__init__()
        self.op, self.left, self.right = op, left, right

    def bits(self) -> Value:
        """Its number."""
        parts: list[Value] = []
        for part in (self.left, self.right):
            known = part.bits() if isinstance(part, Together) else part.given if isinstance(part, Auto) else part
            parts.append(known)
        if type(parts[0]) is int and type(parts[1]) is int:
            return BITS[self.op](parts[0], parts[1])
        return UNKNOWN


class EnumKind(Kind):
    """The kind of one enum class: its members by name, aliases among them. `closed`: all of them are known."""

    def __init__(self, members: dict[str, Value], closed: bool) -> None:
        self.members = members
        self.closed = closed
        self.several: dict[int, Value] = {}  # of a `Flag`: those that no name says

    def created(self, cls: ClassValue, machine: MachineState, keywords: dict[str, Value]) -> Kind:  # noqa: ARG002
        """A class below an enum: its members are made."""
        return _make_members(cls, machine)

    def together(self, cls: ClassValue, bits: int) -> Value:
        """The member of a `Flag` that has these *bits*: there is one object for each."""
        named = next((one for one in self.members.values() if value_of(one) == bits), None)
        if named is not None:
            return named
        if bits not in self.several:
            made = self.several[bits] = FlagMember(cls)
            made.attributes.update({"_value_": bits, "value": bits, "_name_": UNKNOWN, "name": UNKNOWN})
        return self.several[bits]

    def distinct(self) -> list[Value]:
        """The members, aliases left out."""
        found: list[Value] = []
        for one in self.members.values():
            if not any(one is other for other in found):
                found.append(one)
        return found

    def call(self, cls: ClassValue, call: Invocation) -> Value:
        """The member with a value; `Enum("Name", "a b")` makes a class."""
        if not self.members:
            return _functional(cls, call)
        wanted = call.first()
        if len(call.args) != 1 or not is_constant(wanted):
            return UNKNOWN
        if any(wanted is one for one in self.members.values()):
            return wanted
        values = [(one, value_of(one)) for one in self.members.values()]
        for one, value in values:
            if is_constant(value) and value == wanted:
                return one
        missing = cls.lookup("_missing_")
        own = isinstance(missing, Abstract) and isinstance(missing.unwrapped(), FunctionValue)
        if own and isinstance(missing, Abstract):
            found = call.machine.invoke(missing.bind_to_class(cls), wanted)
            return UNKNOWN if found is None else found
        if self.closed and all(is_constant(value) for _, value in values) and call.machine.catches_here("ValueError"):
            raise Raised.of(ValueError)
        return UNKNOWN

    def attribute(self, name: str) -> Value:
        """`__members__`."""
        return DictValue.of_names(dict(self.members), not self.closed) if name == "__members__" else MISSING

    def item(self, key: Value) -> Value:
        """The member with a name."""
        return self.members.get(key, UNKNOWN) if isinstance(key, str) else UNKNOWN

    def iterate(self) -> Items | None:
        """The members."""
        return self.distinct(), self.closed

    def contains(self, item: Value) -> bool | None:
        """Whether it is a member."""
        if any(item is one for one in self.members.values()):
            return True
        return False if self.closed and isinstance(behaviour(item), Member) else None


def value_of(member: Value) -> Value:
    """`member.value`."""
    owner = member if isinstance(member, Member) else getattr(member, "member", None)
    return owner.attributes.get("_value_", UNKNOWN) if isinstance(owner, Member) else UNKNOWN


def _is_member(name: str, value: Value, ignored: frozenset[str]) -> bool:
    if name in ignored or (name.startswith("_") and name.endswith("_")):
        return False
    return not isinstance(value, FunctionValue | Wrapper | Native | ClassValue) and not (
        isinstance(value, Instance) and value.cls.lookup("__get__") is not MISSING
    )


def _make_members(cls: ClassValue, machine: MachineState) -> EnumKind:
    named = cls.namespace.get("_ignore_", ())
    ignored = frozenset(str(named).replace(",", " ").split() if isinstance(named, str) else ())
    candidates = [(name, value) for name, value in cls.namespace.items() if _is_member(name, value, ignored)]
    kind = EnumKind({}, True)
    last: list[Value] = []
    for name, value in candidates:
        given = value
        if isinstance(value, Auto):
            given = value.bits() if isinstance(value, Together) else _automatic(cls, name, last, machine)
            value.given = given
        same = next((one for one in kind.members.values() if is_constant(given) and value_of(one) == given), MISSING)
        made = _member(cls, name, given, machine) if same is MISSING else same
        last.append(value_of(made))
        kind.members[name] = cls.namespace[name] = made
    return kind


def _automatic(cls: ClassValue, name: str, last: list[Value], machine: MachineState) -> Value:
    own = behaviour(cls.lookup("_generate_next_value_")).unwrapped()
    if isinstance(own, FunctionValue) and machine.enters(own.frame.module):
        return machine.invoke(own, name, 1, len(last), ListValue(list(last)))
    names = {one.name for one in cls.mro()}
    if "StrEnum" in names:
        return name.lower()
    numbers = [one for one in last if isinstance(one, int)]
    if len(numbers) < len(last):
        return UNKNOWN
    if "Flag" in names:
        return 1 << max((number.bit_length() for number in numbers), default=0)
    return max(numbers, default=0) + 1


def _member(cls: ClassValue, name: str, value: Value, machine: MachineState) -> Value:
    member = FlagMember(cls) if any(one.name == "Flag" for one in cls.mro()) else Member(cls)
    args = value if type(value) is tuple else (value,)
    member.attributes.update({"_name_": name, "_value_": value})
    maker = behaviour(cls.lookup("__new__")).unwrapped()
    if isinstance(maker, FunctionValue) and machine.enters(maker.frame.module):
        made = machine.invoke(maker, cls, *args)
        member.attributes["_value_"] = UNKNOWN
        if isinstance(made, Instance):
            member.attributes.update(made.attributes)
            member.attributes["_name_"] = name
    init = cls.lookup("__init__")
    if isinstance(init, FunctionValue) and machine.enters(init.frame.module):
        machine.invoke(init, member, *args)
    for word in ("name", "value"):
        if not isinstance(cls.lookup(word), Wrapper) or not machine.enters(_module_of(cls, word)):
            member.attributes.setdefault(word, member.attributes[f"_{word}_"])
    return _as_constant(member, name, machine)


def _module_of(cls: ClassValue, name: str) -> Any:
    return next(one.module for one in cls.mro() if name in one.namespace)


def _as_constant(member: Member, name: str, machine: MachineState) -> Value:
    """The member of an enum of texts or numbers is one itself."""
    value = member.attributes["_value_"]
    names = {*member.cls.exception_names()}
    plain = names & {"StrEnum", "IntEnum", "IntFlag", "ReprEnum"}
    shown = f"{member.cls.name}.{name}"
    if "str" in names and isinstance(value, str):
        text = TextMember(value)
        text.member, text.shown = member, value if plain or machine.environment.version_info < (3, 11) else shown
        return text
    if "int" in names and type(value) is int:
        number = NumberMember(value)
        number.member = member
        number.shown = int.__repr__(number) if plain or machine.environment.version_info < (3, 11) else shown
        return number
    return member


def _functional(cls: ClassValue, call: Invocation) -> Value:
    name, names = call.get(0, "value", UNKNOWN), call.get(1, "names", UNKNOWN)
    if not isinstance(name, str):
        return UNKNOWN
    namespace: dict[str, Value] = {}
    if isinstance(names, DictValue):
        namespace = {key: value for key, value in names.items.items() if isinstance(key, str)}
    elif isinstance(names, str):
        namespace = {one: Auto() for one in names.replace(",", " ").split()}
    else:
        found = call.machine.items_of(names)
        for one in found[0] if found is not None else ():
            if isinstance(one, str):
                namespace[one] = Auto()
            elif isinstance(one, tuple) and len(one) == 2 and isinstance(one[0], str):
                namespace[one[0]] = one[1]
    if not namespace:
        return UNKNOWN
    made = ClassValue(name, (cls,), namespace, call.frame.module)
    made.kind = _make_members(made, call.machine)
    return made
