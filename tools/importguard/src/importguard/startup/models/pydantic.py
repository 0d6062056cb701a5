"""`pydantic`: a model's annotations are read when its class is made, texts included.

`Field` is called thousands of times by programs that declare data, and loads nothing.
"""

from __future__ import annotations

from importguard.startup.machine.state import MachineState
from importguard.startup.models.library import Library
from importguard.startup.values.annotate import Texts
from importguard.startup.values.base import UNKNOWN, Abstract, Invocation, Value
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.functions import FunctionValue
from importguard.startup.values.instances import Instance
from importguard.startup.values.kinds import Kind
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.natives import Native


class _Model(Kind):
    """`BaseModel`."""

    def created(self, cls: ClassValue, machine: MachineState, keywords: dict[str, Value]) -> Kind:  # noqa: ARG002
        """The fields are worked out."""
        machine.annotations_of(cls, f"the model `{cls.name}`", Texts.READ)
        return self


def _fill_fields(_machine: MachineState, module: ModuleValue) -> None:
    made = module.namespace.get("FieldInfo")
    if "Field" in module.namespace and isinstance(made, ClassValue):
        module.namespace["Field"] = Native("Field", lambda _: Instance(made))


def _fill_main(_machine: MachineState, module: ModuleValue) -> None:
    made = module.namespace.get("BaseModel")
    if isinstance(made, ClassValue):
        made.kind = _Model()


def _dataclass(call: Invocation) -> Value:
    """`pydantic.dataclasses.dataclass`, alone or with settings."""

    def made(inner: Invocation) -> Value:
        cls = inner.first()
        if isinstance(cls, ClassValue):
            inner.machine.annotations_of(cls, f"the dataclass `{cls.name}`", Texts.READ)
        return cls

    return made(call) if call.args and call.args[0] is not None else Native("dataclass", made)


def _validate_call(call: Invocation) -> Value:
    """`validate_call`: the annotations of the function are its schema."""

    def made(inner: Invocation) -> Value:
        function = inner.first()
        if isinstance(function, FunctionValue):
            inner.machine.annotations_of(function, "`validate_call`", Texts.READ)
        return function

    return made(call) if call.args and call.args[0] is not None else Native("validate_call", made)


_HOOKS = ("__get_pydantic_core_schema__", "__get_validators__")


def _schema_by_hook(call: Invocation, own: Abstract) -> Value:
    """A type may bring its schema, or validators of version 1, which then loads. One that nobody knows brings none."""
    asked = call.args[1] if len(call.args) > 1 else UNKNOWN
    if any(call.machine.attribute(asked, name, call.frame) is UNKNOWN for name in _HOOKS):
        return UNKNOWN
    return call.machine.call(own, call.args, call.keywords, call.frame, call.complete)


LIBRARY = Library(
    functions={
        "pydantic.dataclasses": {"dataclass": _dataclass},
        "pydantic.validate_call_decorator": {"validate_call": _validate_call},
    },
    methods={
        "pydantic._internal._generate_schema": {
            "GenerateSchema._generate_schema_from_get_schema_method": _schema_by_hook,
        },
    },
    fill={"pydantic.fields": _fill_fields, "pydantic.main": _fill_main},
)
