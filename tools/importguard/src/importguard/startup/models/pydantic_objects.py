"""Objects of pydantic models: defaults, validators and `model_post_init`, in the order in which pydantic runs them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from importguard.source import program as ir
from importguard.startup.machine.annotations import Marker
from importguard.startup.values.annotate import Texts
from importguard.startup.values.base import MISSING, UNKNOWN, Invocation, Raised, Value
from importguard.startup.values.builtin_types import BuiltinType
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.constants import behaviour
from importguard.startup.values.descriptors import Wrapper
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.functions import FunctionValue
from importguard.startup.values.instances import Instance
from importguard.startup.values.lists import ListValue
from importguard.startup.values.natives import Model, Native

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Frame

VALIDATION_ERROR = BuiltinType(
    "ValidationError", ("ValidationError", "ValueError", "Exception", "BaseException", "object"), None, None
)
_PRIVATE = "ModelPrivateAttr"
_KINDS: dict[str, type] = {"int": int, "float": float, "str": str, "bool": bool}
_ANY = "*"


class Check(Wrapper):
    """A validator of the *fields*, of the whole model where there are none; *mode*: "before", "after" or another."""

    __slots__ = ("fields", "mode")

    def __init__(self, function: Value, fields: tuple[str, ...], mode: Value) -> None:
        super().__init__(function)
        self.fields, self.mode = fields, mode

    def bind(self, receiver: Value, cls: ClassValue, machine: MachineState, frame: Frame) -> Value:
        """As the function below."""
        return behaviour(self.function).bind(receiver, cls, machine, frame)

    def bind_to_class(self, cls: ClassValue) -> Value:
        """As the function below."""
        return behaviour(self.function).bind_to_class(cls)


def of_fields(*, mode: str = "after") -> Model:
    """`@field_validator("name", …, mode=…)`, and `@validator("name", …, pre=…)` before it."""

    def decorate(call: Invocation) -> Value:
        names = tuple(one for one in call.args if isinstance(one, str))
        said = "before" if call.keywords.get("pre") is True else call.keywords.get("mode", mode)
        return Native("validator", lambda inner: Check(_read(inner), names or (_ANY,), said))

    return decorate


def of_model(call: Invocation) -> Value:
    """`@model_validator(mode=…)`."""
    mode = call.keywords.get("mode", UNKNOWN)
    return Native("validator", lambda inner: Check(_read(inner), (), mode))


def _read(call: Invocation) -> Value:
    """The function that is decorated, whose signature is read."""
    call.machine.annotations_of(call.first(), "the signature of a validator", Texts.KEPT)
    return call.first()


def make_object(cls: ClassValue, call: Invocation) -> Value:
    """`cls(**data)`; MISSING where the class has an `__init__` of its own."""
    init = cls.lookup("__init__")
    if not cls.is_own() or cls.open or (isinstance(init, FunctionValue) and init.is_own()) or call.args:
        return MISSING
    machine = call.machine
    machine.catchers.append(frozenset({"ValueError", "AssertionError"}))
    try:
        return _made(cls, call)
    except Raised as raised:
        if not {"ValueError", "AssertionError"} & set(raised.names):
            raise
    finally:
        machine.catchers.pop()
    failed = Raised(VALIDATION_ERROR.bases)
    if machine.expects(*failed.names):
        raise failed
    return UNKNOWN


def _made(cls: ClassValue, call: Invocation) -> Value:
    machine, given = call.machine, DictValue.of_names(dict(call.keywords), not call.complete)
    checks = [one for each in reversed(cls.mro()) for one in each.namespace.values() if isinstance(one, Check)]
    for one in checks:
        if not one.fields and one.mode == "before":
            answer = machine.invoke(one.bind_to_class(cls), given)
            given = answer if isinstance(answer, DictValue) else DictValue({}, True)
    made = Instance(cls)
    for name, default, note in _fields(cls):
        value = _given(name, default, given, call)
        if value is MISSING:
            value = _default(default, call)
            if value is MISSING:
                raise Raised.of(ValueError)
            made.attributes[name] = value
            continue
        for mode in ("before", "after"):
            for one in checks:
                if {name, _ANY} & set(one.fields) and (one.mode == mode or (mode == "after" and one.mode != "before")):
                    value = _checked(one, cls, value, machine)
            value = _converted(value, note, cls, machine) if mode == "before" else value
        made.attributes[name] = value
    for name, default in _private(cls):
        made.attributes[name] = default if default is UNKNOWN else _default(default, call)
    machine.heap.born(made)
    hook = cls.lookup("model_post_init")
    if isinstance(hook, FunctionValue) and hook.is_own():
        machine.invoke(hook, made, None)
    for one in checks:
        if not one.fields and one.mode != "before":
            machine.invoke(one.bind(made, cls, machine, machine.frame))
    return made


def _fields(cls: ClassValue) -> Iterator[tuple[str, Value, ir.Expression | None]]:
    """The fields with what the class body gives them and their annotations."""
    found: dict[str, tuple[Value, ir.Expression | None]] = {}
    for one in reversed(cls.mro()):
        declared = one.namespace.get("__annotations__") if one.is_own() else None
        notes = {note.name: note.expression for note in (one.annotate.notes or ())} if one.annotate is not None else {}
        for name, said in declared.items.items() if isinstance(declared, DictValue) else ():
            if isinstance(name, str) and not name.startswith("_") and not isinstance(said, Marker):
                found[name] = one.namespace.get(name, MISSING), notes.get(name)
    for name, (default, note) in found.items():
        yield name, default, note


def _private(cls: ClassValue) -> Iterator[tuple[str, Value]]:
    """The private attributes that have a `PrivateAttr`."""
    for one in reversed(cls.mro()):
        for name, value in one.namespace.items() if one.is_own() else ():
            if isinstance(value, Instance) and value.cls.name == _PRIVATE:
                yield name, value


def _given(name: str, default: Value, given: DictValue, call: Invocation) -> Value:
    """What the caller passes for the field *name*; MISSING for nothing."""
    alias = default.attributes.get("alias") if isinstance(default, Instance) else None
    for word in (alias, name):
        if isinstance(word, str) and word in given.items:
            return given.items[word]
    return UNKNOWN if given.open or not call.complete else MISSING


def _default(default: Value, call: Invocation) -> Value:
    if not isinstance(default, Instance) or default.cls.name not in {"FieldInfo", _PRIVATE}:
        return default
    factory = default.attributes.get("default_factory")
    if factory is not None:
        return call.machine.invoke(factory)
    return default.attributes.get("default", MISSING)


def _checked(check: Check, cls: ClassValue, value: Value, machine: MachineState) -> Value:
    function = behaviour(check.function).unwrapped()
    names = function.parameters.positional if isinstance(function, FunctionValue) else ()
    further: list[Value] = [UNKNOWN] if len(names) - (names[:1] == ("cls",)) > 1 else []
    return machine.invoke(check.bind_to_class(cls), value, *further)


def _model_of(value: Value, note: ir.Expression | None, cls: ClassValue, machine: MachineState) -> Value:
    """The dicts in *value* as objects of the models that its annotation names; MISSING where it names none."""
    if isinstance(note, ir.Name):
        model = cls.module.namespace.get(note.id)
        if isinstance(value, DictValue) and isinstance(model, ClassValue) and type(model.kind) is type(cls.kind):
            named = {key: one for key, one in value.items.items() if isinstance(key, str)}
            return machine.call(model, [], named, machine.frame, not value.open)
        return MISSING
    if not isinstance(note, ir.Subscript) or not isinstance(note.value, ir.Name):
        return MISSING
    inside = note.slice.elts[-1] if isinstance(note.slice, ir.Display) and note.slice.elts else note.slice
    if isinstance(value, ListValue):
        parts = [_model_of(one, inside, cls, machine) for one in value.items]
        return MISSING if MISSING in parts else ListValue(parts, value.open)
    if note.value.id == "Optional":
        return _model_of(value, inside, cls, machine)
    if isinstance(value, DictValue):
        table = {key: _model_of(one, inside, cls, machine) for key, one in value.items.items()}
        return MISSING if MISSING in table.values() else DictValue(table, value.open)
    return MISSING


def _converted(value: Value, note: ir.Expression | None, cls: ClassValue, machine: MachineState) -> Value:
    """A text, number or flag as its plain type, a dict as the model; a ValueError where it is none."""
    model = _model_of(value, note, cls, machine)
    if model is not MISSING:
        return model
    kind: Any = _KINDS.get(note.id) if isinstance(note, ir.Name) else None
    if kind is None or not isinstance(value, str | int | float | bool | None) or isinstance(value, kind):
        return value
    if value is None or kind is str or (kind is bool and isinstance(value, float)):
        raise Raised.of(ValueError)
    try:
        made: Value = kind(value) if kind is not bool else UNKNOWN
    except ValueError as error:
        raise Raised.of(ValueError) from error
    return made
