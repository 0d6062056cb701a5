"""`multiprocessing`: its names are methods of a context, each of which imports what it needs."""

from __future__ import annotations

from collections.abc import Callable

from importguard.startup.machine.state import MachineState
from importguard.startup.models.concurrent import MAX_CALLS, Future, beside
from importguard.startup.models.library import Library
from importguard.startup.values.base import UNKNOWN, Abstract, Invocation, Value
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.frames import Completion, Frame
from importguard.startup.values.instances import Instance
from importguard.startup.values.lists import ListValue
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


class Pool(Abstract):
    """A pool of processes, or of threads: what it runs is not on the main thread.

    What processes import and change is theirs; this one has their answers alone.
    """

    __slots__ = ("of_processes",)
    by_identity = True

    def __init__(self, *, of_processes: bool) -> None:
        self.of_processes = of_processes

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """Its methods."""
        models: dict[str, Model] = {
            **dict.fromkeys(("apply_async", "submit"), lambda call: Result(self._run(call))),
            "apply": lambda call: self._run(call).awaited(call.machine, call.frame),
            **dict.fromkeys(("map", "imap", "imap_unordered", "starmap"), lambda call: self._map(name, call)),
            **dict.fromkeys(("map_async", "starmap_async"), lambda call: Result(self._map(name, call))),
        }
        return Native(name, models[name]) if name in models else UNKNOWN

    def _run(self, call: Invocation) -> Future:
        """`apply(function, args, keywords)`."""
        found, named = call.machine.items_of(call.get(1, "args", ())), call.get(2, "kwds")
        args, complete = found if found is not None else ([], False)
        table = named.items if isinstance(named, DictValue) else {}
        keywords = {key: one for key, one in table.items() if isinstance(key, str)}
        return self._beside(Invocation(call.machine, call.frame, [call.first(), *args], keywords, call.line, complete))

    def _beside(self, call: Invocation) -> Future:
        return beside(call, self, apart=self.of_processes)

    def _map(self, name: str, call: Invocation) -> Value:
        """`map(function, items)`."""
        machine, found = call.machine, call.machine.items_of(call.get(1, "iterable", UNKNOWN))
        items, complete = found if found is not None else ([], False)
        results: list[Future] = []
        for item in items[:MAX_CALLS]:
            row = machine.items_of(item) if name.startswith("star") else ([item], True)
            given = [call.first(), *(row[0] if row is not None else ())]
            results.append(self._beside(Invocation(machine, call.frame, given, {}, call.line, row is not None)))
        if not complete:
            self._beside(Invocation(machine, call.frame, [call.first()], {}, call.line, False))
        made = ListValue([one.awaited(machine, call.frame) for one in results], not complete or len(items) > MAX_CALLS)
        made.loose = name == "imap_unordered"
        return made

    def around(self, block: Callable[[Value], Completion], _machine: MachineState, _frame: Frame) -> Completion:
        """The pool itself is entered."""
        return block(self)


class Result(Abstract):
    """What comes of a call beside the program."""

    __slots__ = ("made",)

    def __init__(self, made: Value) -> None:
        self.made = made

    def attribute(self, name: str, machine: MachineState, frame: Frame) -> Value:
        """`get` waits for it."""
        if name != "get":
            return UNKNOWN
        made = self.made
        return Native(name, lambda _: made.awaited(machine, frame) if isinstance(made, Future) else made)


def _loading(module: str) -> Model:
    def run(call: Invocation) -> Value:
        call.machine.import_dynamic(f"multiprocessing.{module}", call, "multiprocessing")
        if module in {"pool", "managers"}:
            call.machine.threads.note_hazard("starts processes", call)
        return Pool(of_processes=True) if module == "pool" else UNKNOWN

    return run


def _thread_pool(call: Invocation) -> Value:
    """`ThreadPool()`: it talks to its threads as it would to processes."""
    for module in ("queues", "synchronize"):
        call.machine.import_dynamic(f"multiprocessing.{module}", call, "multiprocessing.pool")
    call.machine.threads.note_hazard("starts a thread", call)
    return Pool(of_processes=False)


def _fill_pool(_machine: MachineState, module: ModuleValue) -> None:
    module.namespace["ThreadPool"] = Native("ThreadPool", _thread_pool)


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


LIBRARY = Library(fill={"multiprocessing": _fill, "multiprocessing.pool": _fill_pool})
