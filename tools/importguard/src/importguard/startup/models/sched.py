"""`sched`: what a scheduler runs, in the order of the times that are known."""

from __future__ import annotations

from importguard.startup.models.library import Library
from importguard.startup.values.base import UNKNOWN, Abstract, Invocation, Value
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.instances import Instance
from importguard.startup.values.lists import ListValue

_EVENTS = "\0events"


class _Event(Abstract):
    """One call that waits."""

    __slots__ = ("made", "place")
    by_identity = True

    def __init__(self, made: Invocation, place: tuple[float, float]) -> None:
        self.made, self.place = made, place


def _events(scheduler: Value) -> ListValue:
    found = scheduler.attributes.setdefault(_EVENTS, ListValue([])) if isinstance(scheduler, Instance) else None
    return found if isinstance(found, ListValue) else ListValue([], True)


def _enter(call: Invocation, _own: Abstract) -> Value:
    """`enter(delay, priority, action, argument, kwargs)`."""
    delay, priority = call.get(1, "delay", UNKNOWN), call.get(2, "priority", UNKNOWN)
    known = isinstance(delay, int | float) and isinstance(priority, int | float)
    place = (float(delay), float(priority)) if known else (0.0, 0.0)  # type: ignore[arg-type]  # numbers
    found = call.machine.items_of(call.get(4, "argument", ()))
    named = call.get(5, "kwargs", DictValue({}))
    given = named.items if isinstance(named, DictValue) else {}
    keywords = {name: one for name, one in given.items() if isinstance(name, str)}
    args, complete = found if found is not None else ([], False)
    action = call.get(3, "action", UNKNOWN)
    made = _Event(Invocation(call.machine, call.frame, [action, *args], keywords, call.line, complete), place)
    events = _events(call.first())
    call.machine.heap.changing(events)
    events.items.append(made)
    return made


def _cancel(call: Invocation, _own: Abstract) -> Value:
    events = _events(call.first())
    call.machine.heap.changing(events)
    events.items[:] = [one for one in events.items if one is not call.get(1, "event")]
    return None


def _run(call: Invocation, _own: Abstract) -> Value:
    """`run()`: what it runs may enter more."""
    events, machine = _events(call.first()), call.machine
    for _ in range(_MOST):
        waiting = sorted((one for one in events.items if isinstance(one, _Event)), key=lambda one: one.place)
        if not waiting:
            break
        machine.heap.changing(events)
        events.items.remove(waiting[0])
        made = waiting[0].made
        machine.call(made.args[0], made.args[1:], made.keywords, made.frame, made.complete)
    return None


_MOST = 200  # calls of one run
LIBRARY = Library(
    methods={
        "sched": {
            "scheduler.enter": _enter,
            "scheduler.enterabs": _enter,
            "scheduler.cancel": _cancel,
            "scheduler.run": _run,
        }
    }
)
