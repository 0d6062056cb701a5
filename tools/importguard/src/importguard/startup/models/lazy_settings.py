"""What `sys` says about lazy imports (PEP 810): the mode, the filter and the modules that wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importguard.startup.values.base import UNKNOWN, Abstract, Invocation, Items, Value
from importguard.startup.values.natives import Native

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState


class _LazyModules(Abstract):
    """`sys.lazy_modules`: the names of the modules that wait."""

    __slots__ = ()
    type_name = "set"

    def iterate(self, machine: MachineState) -> Items | None:
        """Those that the program's own statements have bound, and others."""
        return list(machine.lazy.names), False

    def contains(self, item: Value, machine: MachineState) -> bool | None:
        """Whether a module waits."""
        return item in machine.lazy.names if isinstance(item, str) else None


def _is_certain(call: Invocation) -> bool:
    return not call.machine.possible and not call.machine.escaping


def _set_mode(call: Invocation) -> Value:
    call.machine.lazy.set_mode(call.get(0, "mode", UNKNOWN), certain=_is_certain(call))
    return None


def _set_filter(call: Invocation) -> Value:
    call.machine.lazy.set_filter(call.get(0, "filter", UNKNOWN), certain=_is_certain(call))
    return None


LAZY_IMPORTS: dict[str, Value] = {
    "set_lazy_imports": Native("set_lazy_imports", _set_mode),
    "get_lazy_imports": Native("get_lazy_imports", lambda call: call.machine.lazy.mode),
    "set_lazy_imports_filter": Native("set_lazy_imports_filter", _set_filter),
    "get_lazy_imports_filter": Native("get_lazy_imports_filter", lambda call: call.machine.lazy.filter),
    "lazy_modules": _LazyModules(),
}
