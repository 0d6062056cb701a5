"""`functools`: caches, partial functions, wrappers."""

from __future__ import annotations

from importguard.startup.machine.annotations import annotate_of
from importguard.startup.machine.operators import compare
from importguard.startup.machine.state import MachineState
from importguard.startup.models.callbacks import reduce
from importguard.startup.models.library import Library
from importguard.startup.models.single_dispatch import single_dispatch, single_dispatch_method
from importguard.startup.values.base import UNKNOWN, Abstract, Invocation, Value, truth
from importguard.startup.values.cached import CachedProperty, of_function
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.descriptors import Wrapper
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.functions import FunctionValue, Method
from importguard.startup.values.kinds import GeneratedMethod
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.natives import Native

_USUAL_SIZE = 128  # of `lru_cache`


def _cache(call: Invocation) -> Value:
    """`@lru_cache` and `@lru_cache(maxsize=…)`."""
    if len(call.args) == 1 and isinstance(call.args[0], FunctionValue | Method | Native | ClassValue):
        return of_function(call.args[0])
    size = call.get(0, "maxsize", _USUAL_SIZE)
    return Native("decorator", lambda inner: of_function(inner.first(), max(size, 0) if type(size) is int else None))


class _Partial(Native):
    """What `partial` has made."""

    __slots__ = ()


def _partial(call: Invocation) -> Value:
    if not call.args:
        return UNKNOWN
    function, bound, named = call.args[0], call.args[1:], dict(call.keywords)

    def run(inner: Invocation) -> Value:
        merged = {**named, **inner.keywords}
        return inner.machine.call(function, [*bound, *inner.args], merged, inner.frame, inner.complete)

    return _Partial("partial", run, {"func": function, "args": tuple(bound), "keywords": DictValue.of_names(named)})


def _wrap(call: Invocation, wrapper: Value, wrapped: Value) -> Value:
    """*wrapper* with the names of *wrapped*, which it knows as `__wrapped__`."""
    if isinstance(wrapper, FunctionValue):
        machine = call.machine
        for name in ("__module__", "__name__", "__qualname__"):
            wrapper.set_attribute(name, machine.attribute(wrapped, name, call.frame), machine)
        wrapper.set_attribute("__wrapped__", wrapped, machine)
        machine.heap.born(wrapper)  # as a rule it has just been made: where that did not happen, nobody has it
        annotate = annotate_of(wrapped) if isinstance(wrapped, FunctionValue | Method) else None
        if annotate is not None:
            wrapper.set_attribute("__annotate__", annotate, machine)
    return wrapper


def _cached_property(call: Invocation) -> Value:
    return CachedProperty(call.first())


# By the method that a class has: those that follow from it, and whether they are its negation.
_ORDER = {
    "__lt__": {"__ge__": True, "__gt__": None, "__le__": None},
    "__gt__": {"__le__": True, "__lt__": None, "__ge__": None},
    "__le__": {"__gt__": True, "__ge__": None, "__lt__": None},
    "__ge__": {"__lt__": True, "__le__": None, "__gt__": None},
}


def _total_ordering(call: Invocation) -> Value:
    """The class with the comparisons that it lacks, each of which asks the one that it has."""
    cls = call.first()
    root = next((name for name in _ORDER if isinstance(cls, ClassValue) and name in cls.namespace), None)
    if root is None or not isinstance(cls, ClassValue):
        return cls

    def following(negated: bool | None) -> GeneratedMethod:
        def compare(inner: Invocation) -> Value:
            asked = inner.machine.call(cls.namespace[root], inner.args, {}, inner.frame, complete=True)
            decided = truth(asked, inner.machine)
            return UNKNOWN if decided is None or not negated else not decided

        return GeneratedMethod("compare", compare)

    for name, negated in _ORDER[root].items():
        if name not in cls.namespace:
            cls.set_attribute(name, following(negated), call.machine)
    return cls


class _Type(Native):
    """A class of functools with a model of what it makes."""

    __slots__ = ()

    def has_instance(self, value: Value) -> bool | None:
        """No function of a `def`, no class and no method that a class wraps is one."""
        if isinstance(value, CachedProperty):
            return self.name == "cached_property"
        if isinstance(value, _Partial):
            return self.name == "partial"
        return False if isinstance(value, FunctionValue | ClassValue | Wrapper) else None


class _Key(Abstract):
    """What `cmp_to_key(function)` makes of an item: its order is what the function says."""

    __slots__ = ("function", "of")

    def __init__(self, function: Value, item: Value) -> None:
        self.function, self.of = function, item

    def compare(self, op: str, other: Value, machine: MachineState) -> Value:
        """By the sign of the function's answer."""
        if not isinstance(other, _Key):
            return UNKNOWN
        answer = machine.invoke(self.function, self.of, other.of)
        return compare(machine, answer, op, 0) if isinstance(answer, int | float) else UNKNOWN


def _cmp_to_key(call: Invocation) -> Value:
    function = call.first()
    return Native("key", lambda inner: _Key(function, inner.first()))


def _fill(_machine: MachineState, module: ModuleValue) -> None:
    for name, model in (("partial", _partial), ("cached_property", _cached_property)):
        if name in module.namespace:
            module.namespace[name] = _Type(name, model)


LIBRARY = Library(
    functions={
        "functools": {
            "lru_cache": _cache,
            "cache": _cache,
            "wraps": lambda call: Native("wraps", lambda inner: _wrap(inner, inner.first(), call.first())),
            "update_wrapper": lambda call: _wrap(call, call.first(), call.get(1, "wrapped", UNKNOWN)),
            "reduce": reduce,
            "cmp_to_key": _cmp_to_key,
            "total_ordering": _total_ordering,
            "singledispatch": single_dispatch,
            "singledispatchmethod": single_dispatch_method,
        }
    },
    fill={"functools": _fill},
)
