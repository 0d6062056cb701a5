"""Classes whose `__init__` is generated from their fields: dataclasses and attrs."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import FrozenInstanceError, dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from importguard.startup.values.base import MISSING, UNKNOWN, Abstract, Invocation, Value, is_constant
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.constants import behaviour
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.instances import Instance
from importguard.startup.values.kinds import GeneratedMethod
from importguard.startup.values.lists import ListValue
from importguard.startup.values.natives import Namespace

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState

MAX_NESTED_FIELDS = 20  # objects inside objects that `asdict` walks


@dataclass(frozen=True, slots=True)
class Field:
    """One field: *default* and *factory* are MISSING where it has none. *stored*: the object has it as an attribute."""

    name: str
    default: Value = MISSING
    factory: Value = MISSING
    init: bool = True
    keyword: bool = False
    stored: bool = True
    metadata: Value = UNKNOWN
    converter: Value = None
    compared: bool = True


class FieldSpec(Abstract):
    """What `field(...)` returns, in the class body. `default` is a method of attrs: `@name.default`."""

    __slots__ = ("field",)

    def __init__(self, field: Field) -> None:
        self.field = field


@dataclass(frozen=True, slots=True)
class Rules:
    """What decorators of a library decide: the names of its hooks and whether they write an `__init__`."""

    hooks: tuple[str, ...]  # after `__init__`
    init: bool = True
    keyword: bool = False
    stripped: bool = False  # attrs takes leading underscores off the names of parameters
    before: str = ""
    frozen: bool = False
    order: bool = False


_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "__lt__": operator.lt, "__le__": operator.le, "__gt__": operator.gt, "__ge__": operator.ge,
}  # fmt: skip
FIELDS = "__dataclass_fields__"
ATTRS = "__attrs_attrs__"


class FieldTable(DictValue):
    """The fields of a class, by name, as `__dataclass_fields__` holds them."""

    __slots__ = ("fields",)

    def __init__(self, fields: tuple[Field, ...]) -> None:
        super().__init__({field.name: described(field) for field in fields if field.stored})
        self.fields = fields


def described(field: Field) -> Value:
    """The object that `fields()` gives."""
    return Namespace(
        {
            "name": field.name,
            "init": field.init,
            "kw_only": field.keyword,
            "metadata": field.metadata,
            "default": UNKNOWN if field.default is MISSING else field.default,
            "default_factory": UNKNOWN if field.factory is MISSING else field.factory,
        }
    )


def fields_of(cls: Value) -> tuple[Field, ...] | None:
    """The fields of a class; None where it has no generated `__init__`."""
    found = cls.lookup(FIELDS) if isinstance(cls, ClassValue) else None
    return found.fields if isinstance(found, FieldTable) else None


def inherited(cls: ClassValue) -> dict[str, Field]:
    """The fields of the bases of *cls*, by name."""
    found: dict[str, Field] = {}
    for base in reversed(cls.mro()[1:]):
        table = base.namespace.get(FIELDS)
        if isinstance(table, FieldTable):
            found.update({field.name: field for field in table.fields})
    return found


def generate(cls: ClassValue, fields: dict[str, Field], rules: Rules) -> None:
    """Writes the fields and the methods that work on them into *cls*."""
    for field in fields.values():
        if isinstance(cls.namespace.get(field.name), FieldSpec):
            del cls.namespace[field.name]
            if field.default is not MISSING:
                cls.namespace[field.name] = field.default
    ordered = tuple(fields.values())
    cls.namespace[FIELDS] = FieldTable(ordered)
    cls.namespace["__match_args__"] = tuple(one.name for one in ordered if one.init and not one.keyword)
    if rules.init and "__init__" not in cls.namespace:
        cls.namespace["__init__"] = GeneratedMethod("__init__", lambda call: _init(ordered, rules, call))
    cls.namespace.setdefault("__eq__", GeneratedMethod("__eq__", lambda call: _equal(ordered, call)))
    for name, compare in _ORDER.items() if rules.order else ():
        cls.namespace.setdefault(name, GeneratedMethod(name, partial(_ordered, ordered, compare)))
    if rules.frozen:
        cls.namespace.setdefault("__hash__", GeneratedMethod("__hash__", lambda _: UNKNOWN))
        refuse = GeneratedMethod("__setattr__", lambda call: call.machine.mistake(FrozenInstanceError))
        cls.namespace.setdefault("__setattr__", refuse)
        cls.namespace.setdefault("__delattr__", refuse)


def _ordered(fields: tuple[Field, ...], compare: Callable[[Any, Any], bool], call: Invocation) -> Value:
    """`one < other`, by the fields that are compared."""
    one, other = call.args[0], call.args[1] if len(call.args) > 1 else UNKNOWN
    if not isinstance(one, Instance) or not isinstance(other, Instance) or one.cls is not other.cls:
        return UNKNOWN
    names = [field.name for field in fields if field.stored and field.compared]
    for name in names:  # the first that differs decides
        left, right = one.attributes.get(name, UNKNOWN), other.attributes.get(name, UNKNOWN)
        if _same(left, right, call.machine) is True:
            continue
        if not is_constant(left) or not is_constant(right):
            return UNKNOWN
        try:
            return compare(left, right)
        except TypeError:
            return UNKNOWN
    return compare(0, 0)


def _init(fields: tuple[Field, ...], rules: Rules, call: Invocation) -> Value:
    machine, (value, *given) = call.machine, call.args
    if not isinstance(value, Instance):
        return None
    if rules.before:
        _run(value, rules.before, [], machine)
    positional = [field for field in fields if field.init and not field.keyword]
    named = dict(zip([field.name for field in positional], given, strict=False))
    extra: list[Value] = []
    for field in fields:
        parameter = field.name.lstrip("_") if rules.stripped else field.name
        found = named.get(field.name, call.keywords.get(parameter, MISSING)) if field.init else MISSING
        if found is MISSING:
            found = UNKNOWN if field.init and not call.complete else _default(field, value, machine)
        if field.converter is not None and found is not MISSING:
            found = machine.invoke(field.converter, found)
        if not field.stored:
            extra.append(UNKNOWN if found is MISSING else found)
        elif found is not MISSING:
            machine.heap.changing(value)
            value.attributes[field.name] = found
    for hook in rules.hooks:
        _run(value, hook, extra, machine)
    return None


def _default(field: Field, value: Instance, machine: MachineState) -> Value:
    if isinstance(field.factory, Abstract) and field.factory is not MISSING:
        takes_self = isinstance(field.factory, SelfFactory)
        return machine.invoke(field.factory, *([value] if takes_self else []))
    return field.default if field.default is not MISSING or not field.init else UNKNOWN


class SelfFactory(Abstract):
    """A factory that gets the object: `@name.default` of attrs."""

    __slots__ = ("function",)

    def __init__(self, function: Value) -> None:
        self.function = function

    def call(self, call: Invocation) -> Value:
        """The function."""
        return self.function.call(call) if isinstance(self.function, Abstract) else UNKNOWN


def _run(value: Instance, name: str, args: list[Value], machine: MachineState) -> None:
    method = value.cls.read(name, value, machine, machine.frame)
    if method is not MISSING:
        machine.invoke(method, *args)


def _equal(fields: tuple[Field, ...], call: Invocation) -> Value:
    one, other = call.args[0], call.args[1] if len(call.args) > 1 else UNKNOWN
    if not isinstance(one, Instance) or not isinstance(other, Instance) or one.cls is not other.cls:
        return UNKNOWN
    names = [field.name for field in fields if field.stored and field.compared]
    values = [(one.attributes.get(name, UNKNOWN), other.attributes.get(name, UNKNOWN)) for name in names]
    answers = [_same(left, right, call.machine) for left, right in values]
    if False in answers:
        return False
    return True if all(answer is True for answer in answers) else UNKNOWN


def _same(left: Value, right: Value, machine: MachineState) -> Value:
    if is_constant(left) and is_constant(right):
        return bool(left == right)
    return behaviour(left).compare("Eq", right, machine)


def as_dict(value: Value, machine: MachineState, depth: int = 0) -> Value:
    """`asdict(value)`: objects with fields become dicts, inside lists and dicts, too."""
    if depth > MAX_NESTED_FIELDS:
        return UNKNOWN
    machine.spend(1)
    if isinstance(value, Instance):
        fields = fields_of(value.cls)
        if fields is None:
            return value
        names = [field.name for field in fields if field.stored]
        found = {name: value.attribute(name, machine, machine.frame) for name in names}
        return DictValue(
            {name: as_dict(UNKNOWN if one is MISSING else one, machine, depth + 1) for name, one in found.items()}
        )
    if isinstance(value, ListValue):
        return ListValue([as_dict(one, machine, depth + 1) for one in value.items], value.open)
    if type(value) is DictValue:
        return DictValue({key: as_dict(one, machine, depth + 1) for key, one in value.items.items()}, value.open)
    return tuple(as_dict(one, machine, depth + 1) for one in value) if type(value) is tuple else value


def replaced(call: Invocation) -> Value:
    """`replace(value, name=…)`: a new object, its `__init__` run."""
    value = call.first()
    fields = fields_of(value.cls) if isinstance(value, Instance) else None
    if not isinstance(value, Instance) or fields is None:
        return UNKNOWN
    named = {
        field.name: value.attribute(field.name, call.machine, call.frame)
        for field in fields
        if field.init and field.stored
    }
    return call.machine.call(value.cls, [], named | call.keywords, call.frame, call.complete)


def with_name(spec: Value, name: str, **defaults: bool) -> Field:
    """The field *name* that a class body declares with *spec*: what `field()` returned, or a default, or MISSING."""
    if isinstance(spec, FieldSpec):
        keyword = spec.field.keyword or defaults.get("keyword", False)
        return replace(spec.field, name=name, keyword=keyword)
    return Field(name, spec, **defaults)
