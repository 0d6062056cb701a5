"""`pydantic`: a model's annotations are read when its class is made, texts included.

What makes the class of a model is thousands of lines that decide on types. Here it is what they load: the fields' own
module, the hooks of the types that are annotated, and the plugins that installed distributions declare. `Field` is
called thousands of times by programs that declare data, and loads nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from importguard.source import program as ir
from importguard.startup.machine.state import MachineState
from importguard.startup.models.library import Library
from importguard.startup.models.pydantic_objects import make_object, of_fields, of_model
from importguard.startup.values.annotate import Texts
from importguard.startup.values.base import UNKNOWN, Abstract, Invocation, Raised, Value
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.functions import FunctionValue
from importguard.startup.values.instances import Instance
from importguard.startup.values.kinds import Kind
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.natives import Native

_VALIDATORS = "pydantic.plugin._schema_validator"
_SCHEMA_HOOK = "__get_pydantic_core_schema__"
_MAX_NAMES = 200  # in the annotations of one class
# What its metaclass gives a class, none of which is worked out.
_MADE = (
    "__class_vars__",
    "__private_attributes__",
    "__pydantic_computed_fields__",
    "__pydantic_core_schema__",
    "__pydantic_decorators__",
    "__pydantic_fields__",
    "__pydantic_generic_metadata__",
    "__pydantic_parent_namespace__",
    "__pydantic_post_init__",
    "__pydantic_serializer__",
    "__pydantic_setattr_handlers__",
    "__pydantic_validator__",
    "__signature__",
)


_SAID = frozenset({"default", "default_factory", "alias"})


class _Model(Kind):
    """`BaseModel`."""

    def created(self, cls: ClassValue, machine: MachineState, keywords: dict[str, Value]) -> Kind:  # noqa: ARG002
        """The fields are worked out."""
        machine.annotations_of(cls, f"the model `{cls.name}`", Texts.READ)
        return self

    def call(self, cls: ClassValue, call: Invocation) -> Value:
        """An object, its validators run."""
        return make_object(cls, call)


def _make_model(call: Invocation, own: Abstract) -> Value:
    """`ModelMetaclass.__new__` for the class of a class statement."""
    cls, machine = call.machine.creating, call.machine
    if cls is None or not isinstance(cls.kind, _Model):
        return own.call(call)
    for name in _MADE:
        cls.namespace.setdefault(name, UNKNOWN)
    machine.import_dynamic("pydantic.fields", call, "pydantic")
    if not _waits(cls, call):
        _run_hooks(cls, call)
        _complete(call)
    _run_hook_of_bases(cls, call)
    return cls


def _rebuild(call: Invocation) -> Value:
    """`complete_model_class(model, …)`, which `model_rebuild` calls."""
    cls = call.get(0, "cls", UNKNOWN)
    if isinstance(cls, ClassValue):
        call.machine.annotations_of(cls, f"the model `{cls.name}`", Texts.READ)
        _run_hooks(cls, call)
    _complete(call)
    return True


def _waits(cls: ClassValue, call: Invocation) -> bool:
    """Whether its schema is built at the first use only."""
    for one in cls.mro():
        config = one.namespace.get("model_config")
        said = config.items.get("defer_build") if isinstance(config, DictValue) else None
        if said is not None:
            return said is True
    return call.keywords.get("defer_build") is True


def _complete(call: Invocation) -> None:
    """The schema has been built: its validator asks for the plugins."""
    module = call.machine.modules.get(_VALIDATORS)
    made = module.namespace.get("create_schema_validator") if isinstance(module, ModuleValue) else None
    if isinstance(made, FunctionValue):
        call.machine.call(made, [], {}, call.frame, complete=False)


def _run_hooks(cls: ClassValue, call: Invocation) -> None:
    """The types in its annotations say themselves what schema they have."""
    annotate = cls.annotate
    if annotate is None or annotate.notes is None:
        return
    asked: set[int] = set()
    for node in _names_in([note.expression for note in annotate.notes]):
        if (node.attr if isinstance(node, ir.Attribute) else node.id) == "Sequence":
            call.machine.import_dynamic("pydantic._internal._serializers", call, "pydantic")
            continue
        try:
            value = call.machine.evaluate(node, annotate.frame)
        except Raised:
            continue
        if id(value) not in asked:
            asked.add(id(value))
            _run_hook(value, call)


def _run_hook(value: Value, call: Invocation) -> None:
    if isinstance(value, ClassValue) and not isinstance(value.kind, _Model):
        hook = call.machine.attribute(value, _SCHEMA_HOOK, call.frame)
        if isinstance(hook, Abstract):
            call.machine.call(hook, [UNKNOWN, UNKNOWN], {}, call.frame, complete=True)


def _schema(call: Invocation, _own: Abstract) -> Value:
    """`GenerateSchema.generate_schema(type)`."""
    _run_hook(call.get(1, "obj", UNKNOWN), call)
    return UNKNOWN


def _names_in(pending: list[ir.Expression]) -> Iterator[ir.Name | ir.Attribute]:
    """The names of types in annotations, as many as are looked at."""
    for _ in range(_MAX_NAMES):
        if not pending:
            return
        one = pending.pop()
        if isinstance(one, ir.Name | ir.Attribute):
            yield one
        elif isinstance(one, ir.Subscript):
            pending += [one.value, one.slice]
        elif isinstance(one, ir.BinOp):
            pending += [one.left, one.right]
        elif isinstance(one, ir.Display):
            pending += one.elts


def _run_hook_of_bases(cls: ClassValue, call: Invocation) -> None:
    """`__pydantic_init_subclass__` of the program's own models."""
    for base in cls.bases:
        if isinstance(base, ClassValue):
            hook = call.machine.attribute(base, "__pydantic_init_subclass__", call.frame)
            if isinstance(hook, Abstract):
                call.machine.call(hook, [], dict(call.keywords), call.frame, complete=True)
            return


def _field(cls: ClassValue, call: Invocation) -> Value:
    """`Field(default, …)`."""
    made = Instance(cls)
    made.attributes.update({name: one for name, one in call.keywords.items() if name in _SAID})
    if call.args:
        made.attributes["default"] = call.args[0]
    return made


def _fill_fields(_machine: MachineState, module: ModuleValue) -> None:
    made = module.namespace.get("FieldInfo")
    if "Field" in module.namespace and isinstance(made, ClassValue):
        module.namespace["Field"] = Native("Field", partial(_field, made))


def _fill_main(_machine: MachineState, module: ModuleValue) -> None:
    made = module.namespace.get("BaseModel")
    if isinstance(made, ClassValue):
        made.kind = _Model()
        made.namespace.pop("__setattr__", None)  # it sets the attribute, and loads nothing


def _dataclass(call: Invocation) -> Value:
    """`pydantic.dataclasses.dataclass`, alone or with settings."""

    def made(inner: Invocation) -> Value:
        cls = inner.first()
        if isinstance(cls, ClassValue):
            inner.machine.annotations_of(cls, f"the dataclass `{cls.name}`", Texts.READ)
            _run_hooks(cls, inner)
            _complete(inner)
        return cls

    return made(call) if call.args and call.args[0] is not None else Native("dataclass", made)


def _validate_call(call: Invocation) -> Value:
    """`validate_call`: the annotations of the function are its schema."""

    def made(inner: Invocation) -> Value:
        function = inner.first()
        if isinstance(function, FunctionValue):
            inner.machine.annotations_of(function, "`validate_call`", Texts.READ)
            _complete(inner)
        return function

    return made(call) if call.args and call.args[0] is not None else Native("validate_call", made)


LIBRARY = Library(
    functions={
        "pydantic._internal._model_construction": {"complete_model_class": _rebuild},
        "pydantic.dataclasses": {"dataclass": _dataclass},
        "pydantic.functional_validators": {"field_validator": of_fields(), "model_validator": of_model},
        "pydantic.deprecated.class_validators": {"validator": of_fields()},
        "pydantic.validate_call_decorator": {"validate_call": _validate_call},
        # Where another version of its compiled half is installed, the import of pydantic fails.
        "pydantic.version": {"check_pydantic_core_version": lambda _: True},
    },
    fill={"pydantic.fields": _fill_fields, "pydantic.main": _fill_main},
    methods={
        "pydantic._internal._generate_schema": {"GenerateSchema.generate_schema": _schema},
        "pydantic._internal._model_construction": {"ModelMetaclass.__new__": _make_model},
    },
)
