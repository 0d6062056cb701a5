"""`warnings`: a program that shows warnings itself."""

from __future__ import annotations

from importguard.startup.machine.state import MachineState
from importguard.startup.models.library import Library
from importguard.startup.values.base import UNKNOWN, Abstract, Invocation, Value
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.natives import Native


def _fill(_machine: MachineState, module: ModuleValue) -> None:
    """Whether a warning is shown depends on filters; what the program has put in the place of `showwarning` may run."""
    usual = module.namespace.get("showwarning")

    def warn(call: Invocation) -> Value:
        shows = module.namespace.get("showwarning")
        if shows is not usual and isinstance(shows, Abstract):
            call.machine.call_perhaps(shows, [call.first(), call.get(1, "category", UNKNOWN), UNKNOWN, UNKNOWN])
        return None

    for name in ("warn", "warn_explicit"):
        module.namespace[name] = Native(name, warn)


LIBRARY = Library(fill={"warnings": _fill})
