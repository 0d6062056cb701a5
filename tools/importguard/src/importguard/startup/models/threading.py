"""`threading`: what a thread does to objects may have happened; what it loads is not on the main thread."""

from __future__ import annotations

from importguard.startup.machine.branches import perhaps
from importguard.startup.machine.state import MachineState
from importguard.startup.models.library import Library
from importguard.startup.trace.trace import Origin
from importguard.startup.values.base import UNKNOWN, Invocation, Value
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.functions import FunctionValue, Method
from importguard.startup.values.instances import Instance
from importguard.startup.values.kinds import GeneratedMethod
from importguard.startup.values.modules import ModuleValue


def _init(call: Invocation) -> Value:
    """Keeps what the thread will run."""
    thread = call.first()
    if isinstance(thread, Instance):
        given = {"_target": call.get(2, "target"), "_args": call.get(4, "args", ())}
        given["_kwargs"] = call.get(5, "kwargs")
        call.machine.heap.changing(thread)
        thread.attributes.update({**given, "name": call.get(3, "name", UNKNOWN), "daemon": call.keywords.get("daemon")})
        thread.open = True
    return None


def _keywords(thread: Instance) -> dict[str, Value]:
    named = thread.attributes.get("_kwargs")
    items = named.items if isinstance(named, DictValue) else {}
    return {key: one for key, one in items.items() if isinstance(key, str)}


def _start(call: Invocation) -> Value:
    """The thread runs beside the program: each thing that it does may have happened, or not yet."""
    thread, machine = call.first(), call.machine
    if not isinstance(thread, Instance):
        return UNKNOWN
    target = thread.attributes.get("_target", UNKNOWN)
    function = target.function if isinstance(target, Method) else target
    given = machine.items_of(thread.attributes.get("_args", ()))
    keywords = _keywords(thread)
    own = thread.cls.lookup("run")
    if isinstance(own, FunctionValue) and own.frame.module.origin == Origin.FIRST_PARTY:
        target, function, given, keywords = Method(own, thread), own, ([], True), {}
    if not isinstance(function, FunctionValue) or function.frame.module.origin != Origin.FIRST_PARTY:
        return None
    args, complete = given if given is not None else ([], False)
    machine.quiet += 1
    try:
        perhaps(machine, machine.frame, lambda: machine.call(target, args, keywords, machine.frame, complete))
    finally:
        machine.quiet -= 1
    return None


def _fill(_machine: MachineState, module: ModuleValue) -> None:
    thread = module.namespace.get("Thread")
    if isinstance(thread, ClassValue):
        thread.namespace["__init__"] = GeneratedMethod("__init__", _init)
        thread.namespace["start"] = GeneratedMethod("start", _start)


LIBRARY = Library(fill={"threading": _fill})
