"""`types`: `SimpleNamespace`, and the types of functions and modules."""

from __future__ import annotations

from importguard.startup.machine.progress import NOWHERE
from importguard.startup.machine.state import MachineState
from importguard.startup.models.library import Library
from importguard.startup.values.base import UNKNOWN, Invocation, Value, truth
from importguard.startup.values.builtin_types import FUNCTION_TYPE, METHOD_TYPE, MODULE_TYPE, PLAIN_TYPES, BuiltinType
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.instances import Instance
from importguard.startup.values.kinds import GeneratedMethod
from importguard.startup.values.lazy_import import LAZY_IMPORT_TYPE
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.natives import NOT_IMPLEMENTED, Native


def _init(call: Invocation) -> Value:
    value, *given = call.args
    if isinstance(value, Instance):
        names = DictValue({}, not call.complete)
        for source in given:  # Python 3.13 takes a mapping, too
            names.update(source, call.machine)
        call.machine.heap.changing(value)
        value.attributes.update({name: one for name, one in names.items.items() if isinstance(name, str)})
        value.attributes.update(call.keywords)
        value.open |= names.open
    return None


def _equal(call: Invocation) -> Value:
    """`one == other`: both are namespaces, with equal attributes."""
    one, other = (call.args[0], call.args[1]) if len(call.args) == 2 else (UNKNOWN, UNKNOWN)
    if not isinstance(one, Instance) or not isinstance(other, Instance) or one.open or other.open:
        return UNKNOWN
    if other.cls is not one.cls:
        return NOT_IMPLEMENTED
    if one.attributes.keys() != other.attributes.keys():
        return False
    pairs = ((value, other.attributes[name]) for name, value in one.attributes.items())
    answers = [truth(call.machine.compare(left, "Eq", right), call.machine) for left, right in pairs]
    return UNKNOWN if None in answers and False not in answers else all(answers)


def _new_class(call: Invocation) -> Value:
    """`new_class(name, bases, keywords, fill)`."""
    machine, name, bases = call.machine, call.get(0, "name", UNKNOWN), call.get(1, "bases", ())
    named, fill = call.get(2, "kwds"), call.get(3, "exec_body")
    if not isinstance(name, str) or not isinstance(bases, tuple):
        return UNKNOWN
    keywords = named.items if isinstance(named, DictValue) else {}
    body = DictValue.of_names({"__module__": call.frame.module.name})
    if fill is not None:
        machine.invoke(fill, body)
    meta = keywords.get("metaclass", PLAIN_TYPES["type"])
    return machine.invoke(meta, name, bases, body)


def _fill(machine: MachineState, module: ModuleValue) -> None:
    methods: dict[str, Value] = {
        "__init__": GeneratedMethod("__init__", _init),
        "__eq__": GeneratedMethod("__eq__", _equal),
    }
    made = ClassValue("SimpleNamespace", (), methods, NOWHERE)
    module.namespace["SimpleNamespace"] = made
    module.namespace["MappingProxyType"] = _MAPPING_PROXY
    module.namespace["new_class"] = Native("new_class", _new_class)
    module.namespace.update(_TYPES)  # from Python 3.14 on they come from a C module
    if machine.environment.version_info[:2] >= (3, 13):
        module.namespace["CapsuleType"] = _CAPSULE_TYPE
    if machine.environment.version_info[:2] >= (3, 15):
        module.namespace["LazyImportType"] = LAZY_IMPORT_TYPE


class _Proxy(DictValue):
    """A view of a dict that cannot be written to."""

    __slots__ = ()
    type_name = "mappingproxy"


def _proxy(call: Invocation) -> Value:
    """`MappingProxyType(dict)`."""
    given = call.get(0, "mapping", UNKNOWN)
    return _Proxy(given.items, given.open) if isinstance(given, DictValue) else UNKNOWN


_MAPPING_PROXY = BuiltinType("mappingproxy", ("mappingproxy", "object"), _proxy)
_CAPSULE_TYPE = BuiltinType("PyCapsule", ("PyCapsule", "object"))
_TYPES: dict[str, Value] = {
    **{
        name: BuiltinType(word, (word, "object"))
        for name, word in (
            ("MemberDescriptorType", "member_descriptor"),
            ("GetSetDescriptorType", "getset_descriptor"),
            ("WrapperDescriptorType", "wrapper_descriptor"),
            ("MethodDescriptorType", "method_descriptor"),
        )
    },
    "FunctionType": FUNCTION_TYPE,
    "LambdaType": FUNCTION_TYPE,
    "MethodType": METHOD_TYPE,
    "ModuleType": MODULE_TYPE,
}
LIBRARY = Library(fill={"types": _fill})
