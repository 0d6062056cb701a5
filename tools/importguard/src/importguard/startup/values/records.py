"""Named tuples: classes with fields in order, and their objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importguard.startup.values.base import MISSING, UNKNOWN, Invocation, Items, Value, holds, is_constant
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.constants import behaviour
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.instances import Instance
from importguard.startup.values.kinds import GeneratedMethod, Kind
from importguard.startup.values.natives import Native

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.builtin_types import BuiltinType
    from importguard.startup.values.frames import Frame
    from importguard.startup.values.modules import ModuleValue


class Record(Instance):
    """An object of a named tuple class."""

    __slots__ = ("items",)

    def __init__(self, cls: ClassValue, items: tuple[Value, ...]) -> None:
        super().__init__(cls)
        self.items = items

    def attribute(self, name: str, machine: MachineState, frame: Frame) -> Value:
        """A field, else what its class gives."""
        kind = self.cls.kind
        if isinstance(kind, RecordKind) and name in kind.fields:
            return self.items[kind.fields.index(name)]
        return super().attribute(name, machine, frame)

    def item(self, key: Value, machine: MachineState, frame: Frame) -> Value:
        """As a tuple."""
        return behaviour(self.items).item(key, machine, frame)

    def part(self, bounds: slice) -> Value:
        """As a tuple."""
        return self.items[bounds]

    def iterate(self, _machine: MachineState) -> Items | None:
        """The values of its fields."""
        return list(self.items), True

    def length(self, _machine: MachineState) -> int | None:
        """How many fields it has."""
        return len(self.items)

    def truth(self, _machine: MachineState) -> bool | None:
        """As a tuple."""
        return bool(self.items)

    def contains(self, item: Value, _machine: MachineState) -> bool | None:
        """As a tuple."""
        return holds(self.items, item)

    def compare(self, op: str, other: Value, machine: MachineState) -> Value:
        """As a tuple, where both are known to the last item."""
        others = other.items if isinstance(other, Record) else other
        if not isinstance(others, tuple) or not is_constant(self.items) or not is_constant(others):
            return UNKNOWN
        return machine.compare(self.items, op, others)

    def is_a(self, builtin: BuiltinType) -> bool | None:
        """A tuple."""
        return builtin.name in {"tuple", "object"}


class RecordKind(Kind):
    """The kind of one named tuple class."""

    def __init__(self, fields: tuple[str, ...], defaults: dict[str, Value]) -> None:
        self.fields = fields
        self.defaults = defaults

    def call(self, cls: ClassValue, call: Invocation) -> Value:
        """An object, unless a class below has a `__new__` of its own."""
        return self.made(cls, call) if isinstance(cls.lookup("__new__"), Native) else MISSING

    def made(self, cls: ClassValue, call: Invocation) -> Value:
        """The object that the arguments of *call* make."""
        named = dict(zip(self.fields, call.args, strict=False)) | call.keywords
        missing = self.defaults if call.complete else {}
        return Record(cls, tuple(named.get(name, missing.get(name, UNKNOWN)) for name in self.fields))


def record_class(name: str, fields: tuple[str, ...], defaults: dict[str, Value], module: ModuleValue) -> ClassValue:
    """A named tuple class."""
    namespace: dict[str, Value] = {"_fields": fields, "_field_defaults": DictValue.of_names(dict(defaults))}
    cls = ClassValue(name, (), namespace, module)
    add_fields(cls, RecordKind(fields, defaults))
    return cls


def add_fields(cls: ClassValue, kind: RecordKind) -> None:
    """*cls* becomes the named tuple class of *kind*."""
    cls.kind = kind
    cls.namespace.update(
        {
            "__new__": Native("__new__", lambda call: _new(kind, call)),
            "_make": Native("_make", lambda call: _make(kind, cls, call)),
            "_asdict": GeneratedMethod("_asdict", lambda call: _as_dict(kind, call)),
            "_replace": GeneratedMethod("_replace", lambda call: _replace(kind, call)),
        }
    )


def _new(kind: RecordKind, call: Invocation) -> Value:
    cls = call.first()
    if not isinstance(cls, ClassValue):
        return UNKNOWN
    return kind.made(cls, Invocation(call.machine, call.frame, call.args[1:], call.keywords, call.line, call.complete))


def _make(kind: RecordKind, cls: ClassValue, call: Invocation) -> Value:
    found = call.machine.items_of(call.first())
    items, complete = found if found is not None else ([], False)
    return kind.made(cls, Invocation(call.machine, call.frame, items, {}, call.line, complete))


def _as_dict(kind: RecordKind, call: Invocation) -> Value:
    value = call.first()
    return DictValue(dict(zip(kind.fields, value.items, strict=False))) if isinstance(value, Record) else UNKNOWN


def _replace(kind: RecordKind, call: Invocation) -> Value:
    value = call.first()
    if not isinstance(value, Record):
        return UNKNOWN
    named = dict(zip(kind.fields, value.items, strict=False)) | call.keywords
    return Record(value.cls, tuple(named.get(name, UNKNOWN) if call.complete else UNKNOWN for name in kind.fields))


def fields_of(names: Value, call: Invocation) -> tuple[str, ...] | None:
    """The field names in `"a b"`, `"a, b"` or a list of names."""
    if isinstance(names, str):
        return tuple(names.replace(",", " ").split())
    found = call.machine.items_of(names) if names is not MISSING else None
    if found is None or not found[1]:
        return None
    texts = [name for name in found[0] if isinstance(name, str)]
    return tuple(texts) if len(texts) == len(found[0]) else None
