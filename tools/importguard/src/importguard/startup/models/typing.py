"""`typing`: functions that return what they get, named tuples and typed dicts."""

from __future__ import annotations

from importguard.startup.machine.annotations import ON_DEMAND, Marker, read_bases
from importguard.startup.machine.extensions import import_quietly
from importguard.startup.machine.state import MachineState
from importguard.startup.models.library import Library, same_value
from importguard.startup.values.annotate import Texts
from importguard.startup.values.base import MISSING, UNKNOWN, Invocation, Unknown, Value
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.functions import FunctionValue
from importguard.startup.values.kinds import Kind
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.natives import Native
from importguard.startup.values.records import RecordKind, add_fields, record_class

_MAX_WRAPPERS = 50  # functions that wrap one another


def _cast(call: Invocation) -> Value:
    return call.get(1, "val", UNKNOWN)


def _new_type(_call: Invocation) -> Value:
    """`NewType("Name", str)`: calling it returns what it gets."""
    return Native("NewType", same_value)


def _annotated(cls: ClassValue) -> tuple[str, ...]:
    declared = cls.namespace.get("__annotations__")
    notes = declared.items if isinstance(declared, DictValue) else {}
    return tuple(name for name, note in notes.items() if isinstance(name, str) and not isinstance(note, Marker))


def _read_types(machine: MachineState, cls: ClassValue, word: str) -> None:
    """Of Python 3.14 on, `typing` reads the annotations of some classes when they are made."""
    if machine.environment.version_info[:2] >= ON_DEMAND:
        _load_reader(machine)
        machine.annotations_of(cls, f"the {word} `{cls.name}`")


def _load_reader(machine: MachineState) -> None:
    """`typing` loads what reads annotations when it first needs it."""
    if machine.environment.version_info[:2] >= ON_DEMAND:
        import_quietly(machine, "annotationlib", machine.site(machine.frame, "annotationlib", machine.line))


class _Protocol(Kind):
    """`Protocol`: the members of a class below it are its names and its annotations."""

    def created(self, cls: ClassValue, machine: MachineState, keywords: dict[str, Value]) -> Kind:  # noqa: ARG002
        """They are worked out at once."""
        if any(base is not cls and base.name == "Protocol" for base in cls.bases if isinstance(base, ClassValue)):
            machine.annotations_of(cls, f"the protocol `{cls.name}`")
        return self

    def has_instance(self, cls: ClassValue, value: Value, machine: MachineState) -> Value:
        """Whether it has all the members, whatever they are."""
        protocols = [one for one in cls.mro() if any(_is_protocol(base) for base in one.bases)]
        if cls not in protocols or isinstance(value, Unknown):
            return MISSING
        members = {name for one in protocols for name in (*one.namespace, *_annotated(one)) if name not in _NO_MEMBERS}
        found = [machine.attribute(value, name, machine.frame) for name in sorted(members)]
        return False if MISSING in found else (UNKNOWN if UNKNOWN in found else True)


def _is_protocol(base: Value) -> bool:
    return isinstance(base, ClassValue) and base.name == "Protocol" and base.module.name == "typing"


_NO_MEMBERS = frozenset(
    "__annotations__ __module__ __qualname__ __doc__ __dict__ __slots__ __init__ __new__ __subclasshook__ __weakref__ "
    "__parameters__ __orig_bases__ __class_getitem__ __abstractmethods__ __annotate_func__ _is_protocol".split()
)


def _type_hints(call: Invocation) -> Value:
    """`get_type_hints(object)`: texts are evaluated, and of a class also what it inherits."""
    value = call.get(0, "obj", UNKNOWN)
    _load_reader(call.machine)
    if isinstance(value, ClassValue):
        return read_bases(call.machine, value, "`get_type_hints`", Texts.READ)
    for _ in range(_MAX_WRAPPERS):
        inner = value.attributes.get("__wrapped__") if isinstance(value, FunctionValue) else None
        if inner is None or "__annotate__" in value.attributes:  # type: ignore[union-attr]  # it is a function
            break
        value = inner
    return call.machine.annotations_of(value, "`get_type_hints`", Texts.READ)


class _NamedTuple(Kind):
    """`NamedTuple`: a class below it is a named tuple of the names that it annotates."""

    def created(self, cls: ClassValue, machine: MachineState, keywords: dict[str, Value]) -> Kind:  # noqa: ARG002
        """The fields are the annotated names."""
        _read_types(machine, cls, "named tuple")
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

    def created(self, cls: ClassValue, machine: MachineState, keywords: dict[str, Value]) -> Kind:  # noqa: ARG002
        """Its annotations are looked at."""
        _read_types(machine, cls, "typed dict")
        return self

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
    protocol = module.namespace.get("Protocol")
    if isinstance(protocol, ClassValue):
        protocol.kind = _Protocol()
    generic = module.namespace.get("Generic")
    if isinstance(generic, ClassValue):  # `Generic[T]` is a base as `Generic` is, which only looks at the parameters
        generic.namespace.pop("__class_getitem__", None)
        generic.namespace.pop("__init_subclass__", None)
        generic.open = False
    for name, kind in kinds:
        if name in module.namespace:
            made = ClassValue(name, (), {}, module)
            made.kind = kind
            module.namespace[name] = made


LIBRARY = Library(
    functions={
        "typing": {
            "cast": _cast,
            "final": same_value,
            "overload": same_value,
            "NewType": _new_type,
            "get_type_hints": _type_hints,
        }
    },
    fill={"typing": _fill},
)
