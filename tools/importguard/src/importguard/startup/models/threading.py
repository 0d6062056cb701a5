"""`threading`: what a thread does to objects may have happened; what it loads is not on the main thread."""

from __future__ import annotations

from importguard.source.import_site import Location
from importguard.startup.machine.progress import NOWHERE
from importguard.startup.machine.state import MachineState
from importguard.startup.machine.threads import RunningThread
from importguard.startup.models.library import Library
from importguard.startup.trace.trace import Origin
from importguard.startup.values.base import UNKNOWN, Abstract, Invocation, Value, truth
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.functions import FunctionValue, Method
from importguard.startup.values.instances import Instance
from importguard.startup.values.kinds import GeneratedMethod
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.natives import Model, Native


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
    machine.threads.note_hazard("starts a thread", call)
    if not isinstance(thread, Instance):
        return UNKNOWN
    target = thread.attributes.get("_target", UNKNOWN)
    given = machine.items_of(thread.attributes.get("_args", ()))
    keywords = _keywords(thread)
    own = thread.cls.lookup("run")
    if isinstance(own, FunctionValue) and own.frame.module.origin == Origin.FIRST_PARTY:
        target, given, keywords = Method(own, thread), ([], True), {}
    args, complete = given if given is not None else ([], False)
    run_beside(Invocation(machine, call.frame, [target, *args], keywords, call.line, complete), thread)
    return None


def run_beside(call: Invocation, handle: Value, *, apart: bool = False) -> RunningThread | None:
    """Another thread runs the first argument of *call* with the others; None where that is no code of the program's.

    *handle*: what the program has of it, a thread or a future. *apart*: in another process.
    """
    machine, target = call.machine, call.first()
    function = target.function if isinstance(target, Method) else target
    if isinstance(function, Native) and function.name == "partial":
        function = function.attributes.get("func", UNKNOWN)
    if isinstance(function, FunctionValue) and function.frame.module.origin == Origin.FIRST_PARTY:
        scope = function.frame.module.name, (*function.frame.scope, function.name)
    elif isinstance(function, Native) and function.name in {"import_module", "__import__"}:
        scope = "", ()
    else:
        return None
    place = Location(call.frame.module.found.path or f"<{call.frame.module.name}>", call.line)

    def work() -> Value:
        return machine.call(target, call.args[1:], call.keywords, machine.frame, call.complete)

    running = RunningThread(handle, place, function.name, scope, machine, work=work)
    threads = machine.threads
    if not machine.quiet and not apart:
        threads.started.append(running)
    outer, threads.current = threads.current, threads.current or running
    loaded = set(threads.loaded)
    machine.quiet += 1
    try:
        if apart:
            running.run_apart(machine)
        else:
            running.run(machine)
    finally:
        machine.quiet -= 1
        threads.current = outer
        if apart:
            threads.loaded = loaded
    return running


def _join(call: Invocation, own: Abstract) -> Value:
    """`thread.join()`: what it imports is there. With a time limit nobody knows."""
    machine = call.machine
    for one in () if machine.quiet else machine.threads.started:
        if one.thread is call.first():
            one.end(machine, limited=call.get(1, "timeout") is not None)
    return own.call(call)


def _is_alive(call: Invocation, own: Abstract) -> Value:
    """`thread.is_alive()`: not after it has been joined."""
    ended = any(one.thread is call.first() and one.last >= 0 for one in call.machine.threads.started)
    return False if ended else UNKNOWN if call.machine.threads.started else own.call(call)


def _set(call: Invocation, own: Abstract) -> Value:
    """`event.set()`, by a thread: it has imported what it has by then."""
    until = call.machine.threads.until
    if until is not None and until is call.first():
        call.machine.quiet += 1  # nobody waits for what follows
    return notes(call, own)


def _wait(call: Invocation, own: Abstract) -> Value:
    """`event.wait()`: the threads that set it have made the imports that come before that."""
    machine = call.machine
    for one in () if machine.quiet else machine.threads.started:
        if one.sets(call.first()):
            one.end(machine, call.first(), limited=call.get(1, "timeout") is not None)
    return own.call(call)


def notes(call: Invocation, own: Abstract) -> Value:
    """What a thread calls to let somebody go on who waits with the first argument of *call*."""
    if call.machine.threads.current is not None:
        call.machine.threads.current.event_sites.append((call.first(), len(call.machine.threads.current.sites)))
    return own.call(call)


def _acquire(call: Invocation) -> Value:
    """`lock.acquire()`: whether it was free; a program that waits gets it in the end."""
    lock = call.first()
    if not isinstance(lock, Instance):
        return UNKNOWN
    held = lock.attributes.get(_HELD, False)
    waits = truth(call.get(1, "blocking", True), call.machine)
    call.machine.heap.changing(lock)
    lock.attributes[_HELD] = True
    if held is False or (waits and call.get(2, "timeout") is None):
        return True
    return False if held is True and waits is False else UNKNOWN


def _release(call: Invocation) -> Value:
    lock = call.first()
    if isinstance(lock, Instance):
        call.machine.heap.changing(lock)
        lock.attributes[_HELD] = False
    return None


def _locked(call: Invocation) -> Value:
    lock = call.first()
    return lock.attributes.get(_HELD, False) if isinstance(lock, Instance) else UNKNOWN


_HELD = "\0held"
_LOCK: dict[str, Model] = {
    "acquire": _acquire,
    "release": _release,
    "locked": _locked,
    "__enter__": _acquire,
    "__exit__": _release,
}


def _lock(_call: Invocation) -> Value:
    """`Lock()`."""
    return Instance(ClassValue("lock", (), {name: GeneratedMethod(name, run) for name, run in _LOCK.items()}, NOWHERE))


def _fill(_machine: MachineState, module: ModuleValue) -> None:
    module.namespace["Lock"] = Native("Lock", _lock)
    module.namespace["local"] = ClassValue("local", (), {}, NOWHERE)
    thread = module.namespace.get("Thread")
    if isinstance(thread, ClassValue):
        thread.namespace["__init__"] = GeneratedMethod("__init__", _init)
        thread.namespace["start"] = GeneratedMethod("start", _start)


LIBRARY = Library(
    fill={"threading": _fill},
    methods={"threading": {"Thread.join": _join, "Thread.is_alive": _is_alive, "Event.set": _set, "Event.wait": _wait}},
)
