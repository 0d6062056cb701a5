"""`typing`: functions that return what they get, named tuples and typed dicts."""

from __future__ import annotations

from importguard.startup.machine.annotations import Marker
from importguard.startup.machine.state import MachineState
from importguard.startup.models.library import Library, same_value
from importguard.startup.values.base import MISSING, UNKNOWN, Invocation, Value
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.kinds import Kind
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.natives import Native
from importguard.startup.values.records import RecordKind, add_fields, record_class


def _cast(call: Invocation) -> Value:
    return call.get(1, "val", UNKNOWN)


def _new_type(_call: Invocation) -> Value:
    """`NewType("Name", str)`: calling it returns what it gets."""
    return Native("NewType", same_value)


def _annotated(cls: ClassValue) -> tuple[str, ...]:
    declared = cls.namespace.get("__annotations__")
    notes = declared.items if isinstance(declared, DictValue) else {}
    return tuple(name for name, note in notes.items() if isinstance(name, str) and not isinstance(note, Marker))


class _NamedTuple(Kind):
    """`NamedTuple`: a class below it is a named tuple of the names that it annotates."""

    def created(self, cls: ClassValue, machine: MachineState, keywords: dict[str, Value]) -> Kind:  # noqa: ARG002
        """The fields are the annotated names."""
        fields = _annotated(cls)
        kind = RecordKind(fields, {name: cls.namespace.pop(name) for name in fields if name in cls.namespace})
        cls.namespace.update({"_fields": fields, "_field_defaults": DictValue.of_names(kind.defaults)})
        add_fields(cls, kind)
        return kind

    def call(self, cls: ClassValue, call: Invocation) -> Value:  # noqa: ARG002
        """`NamedTuple("Name", [("field", type)])`."""
        name, found = call.get(0, "typename", UNKNOWN), call.machine.items_of(call.get(1, "fields", UNKNOWN))
        pairs = found[0] if found is not None and found[1] else [UNKNOWN]
        fields = [pair[0] for pair in pairs if isinstance(pair, tuple) and pair]
        names = tuple(field for field in fields if isinstance(field, str))
        if not isinstance(name, str) or len(names) < len(pairs):
            return UNKNOWN
        return record_class(name, names, {}, call.frame.module)


class _TypedDict(Kind):
    """`TypedDict`: a class below it makes dicts."""

    def call(self, cls: ClassValue, call: Invocation) -> Value:
        """A dict; `TypedDict("Name", {...})` makes a class."""
        if call.args and isinstance(call.args[0], str):
            made = ClassValue(call.args[0], (), {}, call.frame.module)
            made.kind = cls.kind
            return made
        made_dict = DictValue.of_names(dict(call.keywords), not call.complete)
        for source in call.args:
            made_dict.update(source, call.machine)
        return made_dict

    def attribute(self, name: str) -> Value:
        """Nothing else is known of it."""
        return UNKNOWN if name.startswith("__") else MISSING


def _fill(_machine: MachineState, module: ModuleValue) -> None:
    kinds: tuple[tuple[str, Kind], ...] = (("NamedTuple", _NamedTuple()), ("TypedDict", _TypedDict()))
    for name, kind in kinds:
        if name in module.namespace:
            made = ClassValue(name, (), {}, module)
            made.kind = kind
            module.namespace[name] = made


LIBRARY = Library(
    functions={"typing": {"cast": _cast, "final": same_value, "overload": same_value, "NewType": _new_type}},
    fill={"typing": _fill},
)
