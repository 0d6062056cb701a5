"""`functools`: caches, partial functions, wrappers."""

from __future__ import annotations

from importguard.startup.machine.annotations import annotate_of
from importguard.startup.models.callbacks import reduce
from importguard.startup.models.library import Library, decorator, same_value
from importguard.startup.models.single_dispatch import single_dispatch
from importguard.startup.values.base import UNKNOWN, Invocation, Value
from importguard.startup.values.descriptors import Property
from importguard.startup.values.functions import FunctionValue, Method
from importguard.startup.values.natives import Native


def _cache(call: Invocation) -> Value:
    """`@lru_cache` and `@lru_cache(maxsize=…)`: the function itself."""
    if len(call.args) == 1 and isinstance(call.args[0], FunctionValue | Method | Native):
        return call.args[0]
    return decorator(call)


def _partial(call: Invocation) -> Value:
    if not call.args:
        return UNKNOWN
    function, bound, named = call.args[0], call.args[1:], dict(call.keywords)

    def run(inner: Invocation) -> Value:
        merged = {**named, **inner.keywords}
        return inner.machine.call(function, [*bound, *inner.args], merged, inner.frame, inner.complete)

    return Native("partial", run, {"func": function})


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
    return Property(call.first())


LIBRARY = Library(
    functions={
        "functools": {
            "lru_cache": _cache,
            "cache": _cache,
            "wraps": lambda call: Native("wraps", lambda inner: _wrap(inner, inner.first(), call.first())),
            "update_wrapper": lambda call: _wrap(call, call.first(), call.get(1, "wrapped", UNKNOWN)),
            "partial": _partial,
            "cached_property": _cached_property,
            "reduce": reduce,
            "total_ordering": same_value,
            "singledispatch": single_dispatch,
        }
    }
)
