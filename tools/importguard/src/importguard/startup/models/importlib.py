"""`importlib`: imports by name, specs, and what distributions declare."""

from __future__ import annotations

from importguard.startup.models.builtins import import_by_name
from importguard.startup.models.entry_points import declared
from importguard.startup.models.library import Library, same_value
from importguard.startup.values.base import MISSING, PRESENT, UNKNOWN, Abstract, Invocation, Value
from importguard.startup.values.lists import ListValue
from importguard.startup.values.natives import Namespace, Native

MAX_POINTS = 4_000  # entry points of one group


class Spec(Namespace):
    """What an importer of the program answers: a module spec with a loader."""

    __slots__ = ("loader",)

    def __init__(self, name: Value, loader: Value) -> None:
        super().__init__({"name": name, "loader": loader})
        self.loader = loader


def _import_module(call: Invocation) -> Value:
    name, package = call.get(0, "name", UNKNOWN), call.get(1, "package")
    if not isinstance(name, str):
        return call.machine.computed_import(call)
    if name.startswith("."):
        if not isinstance(package, str):
            return call.machine.computed_import(call)
        level = len(name) - len(name.lstrip("."))
        parts = package.split(".")
        above = parts[: len(parts) - level + 1]
        name = ".".join([*above, name[level:]] if name[level:] else above)
    return call.machine.import_dynamic(name, call)


def _find_spec(call: Invocation) -> Value:
    name = call.get(0, "name", UNKNOWN)
    if not isinstance(name, str) or name.startswith("."):
        return UNKNOWN
    if name in call.machine.modules:
        return call.machine.modules[name].namespace.get("__spec__", UNKNOWN)
    parent, _, _ = name.rpartition(".")
    if parent and call.machine.import_dynamic(parent, call) is UNKNOWN:
        return UNKNOWN
    found = call.machine.find(name, call.machine.modules.get(parent) if parent else None)
    return None if found is None else PRESENT


def _spec_from_loader(call: Invocation) -> Value:
    return Spec(call.get(0, "name", UNKNOWN), call.get(1, "loader", UNKNOWN))


def _entry_points(call: Invocation) -> Value:
    """`entry_points(group=…)`: what the installed distributions declare, in the order of the search path."""
    group = call.keywords.get("group", UNKNOWN)
    if not isinstance(group, str):
        return UNKNOWN
    machine = call.machine
    known = machine.entry_points.get(machine.finder.path)
    if known is None:
        machine.spend(100_000)  # some thousand files are looked for
        known = machine.entry_points[machine.finder.path] = declared(machine.finder)
    return ListValue([_entry_point(name, target) for name, target in known.get(group, ())[:MAX_POINTS]])


def _entry_point(name: str, target: str) -> Abstract:
    module, _, attribute = target.partition(":")

    def load(call: Invocation) -> Value:
        value = call.machine.import_dynamic(module.strip(), call)
        for part in attribute.strip().split(".") if attribute.strip() else ():
            value = call.machine.attribute(value, part, call.frame)
        return UNKNOWN if value is MISSING else value

    return Namespace({"name": name, "value": target, "module": module, "load": Native("load", load)})


LIBRARY = Library(
    functions={
        "importlib": {"import_module": _import_module, "__import__": import_by_name, "reload": same_value},
        "importlib.util": {"find_spec": _find_spec, "spec_from_loader": _spec_from_loader},
        "importlib.metadata": {"entry_points": _entry_points},
    }
)
