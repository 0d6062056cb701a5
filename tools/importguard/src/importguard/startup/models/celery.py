"""`celery`: the application that `-A` names."""

from __future__ import annotations

from importguard.startup.machine.state import MachineState
from importguard.startup.models.applications import TASKS, add_folder, usual
from importguard.startup.models.library import Library
from importguard.startup.values.base import MISSING, UNKNOWN, Abstract, Invocation, Value
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.descriptors import Property
from importguard.startup.values.instances import Instance
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.natives import Native


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


def _subclass(call: Invocation, own: Abstract) -> Value:
    """`app.subclass_with_self("celery.apps.worker:Worker")`: the class, which it makes a class of the application's."""
    target = call.get(1, "Class", UNKNOWN)
    if not isinstance(target, str) or ":" not in target:
        return own.call(call)
    return _class(target, call)


def _class(target: str, call: Invocation) -> Value:
    module, _, name = target.partition(":")
    found = call.machine.attribute(call.machine.import_dynamic(module, call, "celery"), name, call.frame)
    return UNKNOWN if found is MISSING else found


_BLUEPRINTS = (("celery.worker.worker", "WorkController"), ("celery.worker.consumer.consumer", "Consumer"))


def _set_up(call: Invocation, own: Abstract) -> Value:
    """`WorkController.setup_instance()`: the steps of a worker and of its consumer are named by texts."""
    machine = call.machine
    for module, name in _BLUEPRINTS:
        owner = machine.attribute(machine.import_dynamic(module, call, "celery"), name, call.frame)
        plan = machine.attribute(owner, "Blueprint", call.frame)
        steps = machine.items_of(machine.attribute(plan, "default_steps", call.frame))
        for step in sorted(one for one in (steps[0] if steps is not None else ()) if isinstance(one, str)):
            machine.import_dynamic(step.partition(":")[0], call, "celery")
    return own.call(call)


# What an application makes a class of its own of, when somebody asks for it.
_CLASSES = {
    "Worker": "celery.apps.worker:Worker",
    "WorkController": "celery.worker:WorkController",
    "Beat": "celery.apps.beat:Beat",
}


def _fill(_machine: MachineState, module: ModuleValue) -> None:
    cls = module.namespace.get("Celery")
    for name, target in _CLASSES.items() if isinstance(cls, ClassValue) else ():
        if isinstance(cls, ClassValue) and name in cls.namespace:
            cls.namespace[name] = Property(Native(name, lambda call, target=target: _class(target, call)))  # type: ignore[misc]


LIBRARY = Library(
    fill={"celery.app.base": _fill},
    methods={
        "celery.app.base": {"Celery.subclass_with_self": _subclass},
        "celery.worker.worker": {"WorkController.setup_instance": _set_up},
    },
    functions={"celery.app.utils": {"find_app": _find_app}, "celery.bin.celery": {"find_app": _find_app}},
)
