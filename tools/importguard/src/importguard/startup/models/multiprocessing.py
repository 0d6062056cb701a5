"""`multiprocessing`: its names are methods of a context, each of which imports what it needs."""

from __future__ import annotations

from importguard.startup.machine.state import MachineState
from importguard.startup.models.library import Library
from importguard.startup.values.base import UNKNOWN, Invocation, Value
from importguard.startup.values.frames import Frame
from importguard.startup.values.instances import Instance
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.natives import Model, Namespace, Native

_PROCESSES = {None: "Process", "fork": "ForkProcess", "spawn": "SpawnProcess", "forkserver": "ForkServerProcess"}
_CONTEXT = "multiprocessing.context"
# What a method of a context loads when it is called.
_LOADS = {
    "allow_connection_pickling": "connection",
    "Pipe": "connection",
    "Manager": "managers",
    "Pool": "pool",
    **dict.fromkeys(("Queue", "JoinableQueue", "SimpleQueue"), "queues"),
    **dict.fromkeys(("RawValue", "RawArray", "Value", "Array"), "sharedctypes"),
    **dict.fromkeys(("Lock", "RLock", "Condition", "Semaphore", "BoundedSemaphore", "Event", "Barrier"), "synchronize"),
}


def _loading(module: str) -> Model:
    def run(call: Invocation) -> Value:
        call.machine.import_dynamic(f"multiprocessing.{module}", call, "multiprocessing")
        if module in {"pool", "managers"}:
            call.machine.threads.note_hazard("starts processes", call)
        return UNKNOWN

    return run


def _context(call: Invocation) -> Value:
    """`get_context(method)`. Its processes are of a class that says how they start."""
    made, method, module = Namespace(dict(_methods())), call.get(0, "method"), call.machine.modules.get(_CONTEXT)
    if module is not None and (method is None or isinstance(method, str)):
        made.attributes["Process"] = module.namespace.get(_PROCESSES.get(method, ""), UNKNOWN)
    return made


def _methods() -> dict[str, Value]:
    return {name: Native(name, _loading(module)) for name, module in _LOADS.items()}


def _fill(machine: MachineState, module: ModuleValue) -> None:
    module.namespace.update(_methods())
    context = module.namespace.get("context")
    default = context.namespace.get("_default_context") if isinstance(context, ModuleValue) else None
    if isinstance(default, Instance):
        for name in ("Process", "set_start_method", "get_start_method"):
            module.namespace[name] = machine.attribute(default, name, Frame(module, module.namespace, None, ()))
    module.namespace["get_context"] = Native("get_context", _context)


LIBRARY = Library(fill={"multiprocessing": _fill})
