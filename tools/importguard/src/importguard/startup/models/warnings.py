"""`warnings`: a program that shows warnings itself."""

from __future__ import annotations

from importguard.startup.machine.state import MachineState
from importguard.startup.models.library import Library
from importguard.startup.values.base import UNKNOWN, Abstract, Invocation, Raised, Value
from importguard.startup.values.constants import behaviour
from importguard.startup.values.lists import ListValue
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.natives import Native


def _fill(_machine: MachineState, module: ModuleValue) -> None:
    """Whether a warning is shown depends on filters; what the program has put in the place of `showwarning` may run."""
    usual = module.namespace.get("showwarning")
    raising: list[bool] = []

    def warn(call: Invocation) -> Value:
        if raising:  # a filter makes errors of some of them
            kind = behaviour(call.get(1, "category", UNKNOWN))
            call.machine.risk(kind.exception_names() or Raised.of(UserWarning).names)
        shows = module.namespace.get("showwarning")
        if shows is not usual and isinstance(shows, Abstract):
            call.machine.call_perhaps(shows, [call.first(), call.get(1, "category", UNKNOWN), UNKNOWN, UNKNOWN])
        return None

    def filtering(own: Value) -> Native:
        def run(call: Invocation) -> Value:
            raising.extend([True] * (call.get(0, "action", UNKNOWN) == "error"))
            return own.call(call) if isinstance(own, Abstract) else UNKNOWN

        return Native("filter", run)

    for name in ("warn", "warn_explicit"):
        module.namespace[name] = Native(name, warn)
    for name in ("simplefilter", "filterwarnings"):
        module.namespace[name] = filtering(module.namespace.get(name, UNKNOWN))


def _entered(call: Invocation, own: Abstract) -> Value:
    """`with catch_warnings(record=True) as caught`: what was caught is not known."""
    made = own.call(call)
    return ListValue([], True) if made is not None else None


LIBRARY = Library(fill={"warnings": _fill}, methods={"warnings": {"catch_warnings.__enter__": _entered}})
