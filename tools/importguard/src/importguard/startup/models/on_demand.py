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
    """The class gets a base of `typing`; bound and default of each parameter follow one another."""
    import_quietly(call.machine, "typing", call.machine.site(call.frame, "typing", call.line))
    pairs = zip(call.args[::2], call.args[1::2], strict=True)
    return tuple(OnDemand({"__bound__": bound, "__default__": default}) for bound, default in pairs)


ON_DEMAND_FUNCTIONS: dict[str, Model] = {ir.TYPE_ALIAS: _alias, ir.TYPE_PARAMETERS: _parameters}
