"""`celery`: the application that `-A` names."""

from __future__ import annotations

from importguard.startup.models.applications import TASKS, add_folder, usual
from importguard.startup.models.library import Library
from importguard.startup.values.base import MISSING, UNKNOWN, Invocation, Value
from importguard.startup.values.instances import Instance
from importguard.startup.values.modules import ModuleValue


def _find_app(call: Invocation) -> Value:
    """`find_app("project")`: `app` or `celery` of the module, the only application in it, or `project.celery`."""
    name, machine = call.first(), call.machine
    add_folder(call)
    if not isinstance(name, str):
        usual(TASKS, call)
        return UNKNOWN
    target, _, attribute = name.partition(":")
    module = machine.import_dynamic(target, call)
    if not isinstance(module, ModuleValue):
        return UNKNOWN
    for wanted in (attribute,) if attribute else ("app", "celery"):
        value = machine.attribute(module, wanted, call.frame)
        if isinstance(value, ModuleValue):
            return _find_in(value, call)
        if value is not MISSING and value is not UNKNOWN:
            return value
    if module.locations is not None and machine.find(f"{target}.celery", module) is not None:
        inner = machine.import_dynamic(f"{target}.celery", call)
        return _find_in(inner, call)
    return _find_in(module, call)


def _find_in(module: Value, call: Invocation) -> Value:
    if not isinstance(module, ModuleValue):
        return UNKNOWN
    for name in ("app", "celery"):
        value = call.machine.attribute(module, name, call.frame)
        if isinstance(value, Instance):
            return value
    found = [one for one in module.namespace.values() if isinstance(one, Instance) and one.cls.name == "Celery"]
    return found[0] if found else UNKNOWN


LIBRARY = Library(functions={"celery.app.utils": {"find_app": _find_app}, "celery.bin.celery": {"find_app": _find_app}})
