"""`dataclasses`: fields with defaults and factories, `__post_init__`, and functions on objects with fields."""

from __future__ import annotations

from importguard.source import program as ir
from importguard.startup.machine.annotations import Marker
from importguard.startup.machine.extensions import import_quietly
from importguard.startup.machine.state import MachineState
from importguard.startup.models.library import Library, load_for, use_names_of
from importguard.startup.values.annotate import Annotate, Note, Texts
from importguard.startup.values.base import MISSING, UNKNOWN, Invocation, Value, truth
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.fields import (
    Field,
    FieldSpec,
    Rules,
    as_dict,
    described,
    fields_of,
    generate,
    inherited,
    replaced,
    with_name,
)
from importguard.startup.values.frames import Frame
from importguard.startup.values.instances import Instance
from importguard.startup.values.natives import Native


def _said(call: Invocation, name: str, default: bool) -> bool:
    """What a keyword says, where that is known."""
    answer = truth(call.keywords.get(name, default), call.machine)
    return default if answer is None else answer


def _dataclass(call: Invocation) -> Value:
    """`@dataclass` and `@dataclass(...)`."""
    if _said(call, "slots", False) and _said(call, "repr", True):
        load_for(call, "dataclasses", "inspect")  # unwraps the methods that it has made
    init, keyword = _said(call, "init", True), _said(call, "kw_only", False)
    rules = Rules(
        ("__post_init__",),
        init=init,
        keyword=keyword,
        frozen=_said(call, "frozen", False),
        order=_said(call, "order", False),
    )
    if call.args and call.args[0] is not None:
        return _made(call.machine, call.args[0], rules)
    return Native("dataclass", lambda inner: _made(inner.machine, inner.first(), rules))


def _made(machine: MachineState, cls: Value, rules: Rules) -> Value:
    if not isinstance(cls, ClassValue):
        return cls
    machine.annotations_of(cls, f"the dataclass `{cls.name}`", Texts.NAMED)
    if cls.annotate is not None and cls.annotate.holds_texts():
        import_quietly(machine, "re", machine.site(machine.frame, "re", machine.line))  # looks at what they begin with
    fields = inherited(cls)
    declared = cls.namespace.get("__annotations__")
    keyword = rules.keyword
    for name, annotation in declared.items.items() if isinstance(declared, DictValue) else ():
        word = annotation.word if isinstance(annotation, Marker) else ""
        if word == "KW_ONLY":
            keyword = True
        elif word != "ClassVar" and isinstance(name, str):
            fields[name] = with_name(cls.namespace.get(name, MISSING), name, keyword=keyword, stored=word != "InitVar")
    generate(cls, fields, rules)
    return cls


def _make(call: Invocation) -> Value:
    """`make_dataclass(name, fields)`: the class itself is not worked out; texts are looked up where it is made."""
    found = call.machine.items_of(call.get(1, "fields", UNKNOWN))
    texts = [one[1] for one in (found[0] if found is not None else ()) if isinstance(one, tuple) and len(one) > 1]
    notes = [Note("", ir.Constant(text), call.line, False) for text in texts if isinstance(text, str)]
    if notes:
        annotate = Annotate("", Frame(call.frame.module, call.frame.module.namespace, None, ()))
        annotate.notes = notes
        call.machine.annotations_of(annotate, "`make_dataclass`", Texts.NAMED)
        import_quietly(call.machine, "re", call.machine.site(call.frame, "re", call.line))
    return UNKNOWN


def _field(call: Invocation) -> Value:
    factory = call.keywords.get("default_factory", MISSING)
    return FieldSpec(
        Field(
            "",
            call.keywords.get("default", MISSING),
            factory,
            _said(call, "init", True),
            _said(call, "kw_only", False),
            True,
            call.keywords.get("metadata", DictValue({})),
            compared=_said(call, "compare", True),
        )
    )


def _fields(call: Invocation) -> Value:
    value = call.first()
    found = fields_of(value.cls if isinstance(value, Instance) else value)
    return UNKNOWN if found is None else tuple(described(field) for field in found if field.stored)


def _as_dict(call: Invocation) -> Value:
    value = call.first()
    if isinstance(value, Instance) and any(_is_copied(one) for one in value.attributes.values()):
        use_names_of(call, "dataclasses", "copy")
    known = isinstance(value, Instance) and fields_of(value.cls) is not None and len(call.args) == 1
    return as_dict(value, call.machine) if known and not call.keywords else UNKNOWN


def _is_copied(value: Value) -> bool:
    """Whether `asdict` copies *value* by `copy.deepcopy`: an object that is no dataclass."""
    return isinstance(value, Instance) and fields_of(value.cls) is None and not value.open


def _as_tuple(call: Invocation) -> Value:
    made = _as_dict(call)
    return tuple(made.items.values()) if isinstance(made, DictValue) else UNKNOWN


def _is_dataclass(call: Invocation) -> Value:
    value = call.first()
    if value is UNKNOWN:
        return UNKNOWN
    cls = value.cls if isinstance(value, Instance) else value
    return fields_of(cls) is not None or (UNKNOWN if isinstance(cls, ClassValue) and cls.open else False)


LIBRARY = Library(
    functions={
        "dataclasses": {
            "dataclass": _dataclass,
            "field": _field,
            "make_dataclass": _make,
            "fields": _fields,
            "asdict": _as_dict,
            "astuple": _as_tuple,
            "replace": replaced,
            "is_dataclass": _is_dataclass,
        }
    }
)
