"""`attrs`: `define`, `frozen` and the older `attr.s`, with their fields."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from importguard.startup.machine.annotations import Marker
from importguard.startup.models.library import Library
from importguard.startup.values.annotate import Texts
from importguard.startup.values.base import MISSING, UNKNOWN, Abstract, Invocation, Value, truth
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.fields import (
    Field,
    FieldSpec,
    Rules,
    SelfFactory,
    as_dict,
    described,
    fields_of,
    generate,
    inherited,
    replaced,
    with_name,
)
from importguard.startup.values.instances import Instance
from importguard.startup.values.natives import Model, Native

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Frame


class _Spec(FieldSpec):
    """`@name.default` and `@name.validator` decorate methods."""

    __slots__ = ()

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """The decorators."""
        if name == "default":
            return Native("default", self._default)
        return Native(name, lambda call: call.first()) if name == "validator" else UNKNOWN

    def _default(self, call: Invocation) -> Value:
        self.field = replace(self.field, default=MISSING, factory=SelfFactory(call.first()))
        return call.first()


class _Factory(Abstract):
    """`Factory(list)` as a default."""

    __slots__ = ("factory",)

    def __init__(self, factory: Value) -> None:
        self.factory = factory


def _said(call: Invocation, name: str, default: bool) -> bool:
    answer = truth(call.keywords.get(name, default), call.machine)
    return default if answer is None else answer


def _attribute(call: Invocation) -> Value:
    """`field(...)` and `attr.ib(...)`."""
    default: Value = call.keywords.get("default", MISSING)
    factory: Value = call.keywords.get("factory", MISSING)
    if isinstance(default, _Factory):
        factory, default = default.factory, MISSING
    init, keyword = _said(call, "init", True), _said(call, "kw_only", False)
    metadata, converter = call.keywords.get("metadata", DictValue({})), call.keywords.get("converter")
    return _Spec(Field("", default, factory, init, keyword, True, metadata, converter))


def _factory(call: Invocation) -> Value:
    if "takes_self" in call.keywords:
        return _Factory(SelfFactory(call.first()))
    return _Factory(call.first())


def _defining(*, annotated: bool, frozen: bool = False) -> Model:
    """A decorator of classes. *annotated*: names with annotations are fields, if all fields have one."""

    def decorate(call: Invocation) -> Value:
        init, keyword = _said(call, "init", True), _said(call, "kw_only", False)
        own = _said(call, "auto_attribs", annotated)
        rules = Rules(
            ("__attrs_post_init__",),
            init,
            keyword,
            stripped=True,
            before="__attrs_pre_init__",
            frozen=_said(call, "frozen", frozen),
            order=_said(call, "order", False),
        )
        if call.args and call.args[0] is not None:
            return _made(call.machine, call.args[0], rules, own)
        return Native("define", lambda inner: _made(inner.machine, inner.first(), rules, own))

    return decorate


def _made(machine: MachineState, cls: Value, rules: Rules, annotated: bool) -> Value:
    if not isinstance(cls, ClassValue):
        return cls
    machine.annotations_of(cls, f"the attrs class `{cls.name}`", Texts.KEPT)
    fields = inherited(cls)
    declared = cls.namespace.get("__annotations__")
    notes = declared.items if isinstance(declared, DictValue) else {}
    specs = [name for name, value in cls.namespace.items() if isinstance(value, FieldSpec)]
    names = [*notes] if annotated and all(name in notes for name in specs) else specs
    for name in names:
        if isinstance(name, str) and not isinstance(notes.get(name), Marker):
            spec = cls.namespace.get(name, MISSING)
            if isinstance(spec, _Factory):
                spec = _Spec(Field("", MISSING, spec.factory))
            fields[name] = with_name(spec, name, keyword=rules.keyword)
    generate(cls, fields, rules)
    return cls


def _fields(call: Invocation) -> Value:
    found = fields_of(call.first())
    return UNKNOWN if found is None else tuple(described(field) for field in found)


def _as_dict(call: Invocation) -> Value:
    value = call.first()
    known = isinstance(value, Instance) and fields_of(value.cls) is not None and len(call.args) == 1
    return as_dict(value, call.machine) if known and not call.keywords else UNKNOWN


_DEFINE = _defining(annotated=True)

LIBRARY = Library(
    functions={
        "attr._make": {
            "attrs": _defining(annotated=False),
            "attrib": _attribute,
            "Factory": _factory,
            "fields": _fields,
        },
        "attr._next_gen": {
            "define": _DEFINE,
            "mutable": _DEFINE,
            "frozen": _defining(annotated=True, frozen=True),
            "field": _attribute,
        },
        "attr._funcs": {"asdict": _as_dict, "evolve": replaced},
    }
)
