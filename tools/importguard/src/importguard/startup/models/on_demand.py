"""`type X = …` and the brackets of a class: what they are made of is evaluated on demand."""

from __future__ import annotations

from importguard.source import program as ir
from importguard.startup.machine.extensions import import_quietly
from importguard.startup.values.base import Invocation, Value
from importguard.startup.values.natives import Model
from importguard.startup.values.on_demand import OnDemand


def _alias(call: Invocation) -> Value:
    return OnDemand({"__value__": call.first()})


def _parameters(call: Invocation) -> Value:
    """Those of a class, which gets a base of `typing`."""
    import_quietly(call.machine, "typing", call.machine.site(call.frame, "typing", call.line))
    return _of_function(call)


def _of_function(call: Invocation) -> Value:
    """The three parts of each parameter follow one another."""
    parts = zip(call.args[::3], call.args[1::3], call.args[2::3], strict=True)
    return tuple(OnDemand(dict(zip(_PARTS, one, strict=True))) for one in parts)


_PARTS = ("__bound__", "__constraints__", "__default__")
ON_DEMAND_FUNCTIONS: dict[str, Model] = {
    ir.TYPE_ALIAS: _alias,
    ir.TYPE_PARAMETERS: _parameters,
    ir.FUNCTION_PARAMETERS: _of_function,
}
