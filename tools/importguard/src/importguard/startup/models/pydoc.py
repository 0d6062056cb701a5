"""`pydoc`: an object by its dotted name."""

from __future__ import annotations

from importguard.startup.models.library import Library
from importguard.startup.models.pkgutil import resolve_name
from importguard.startup.values.base import UNKNOWN, Invocation, Value


def _locate(call: Invocation) -> Value:
    """`locate("package.module.object")`: None where there is no such thing."""
    name, machine = call.get(0, "path", UNKNOWN), call.machine
    if not isinstance(name, str):
        return machine.computed_import(call)
    first = name.partition(".")[0]
    if first not in machine.modules and machine.find(first, None) is None:
        return machine.builtins.get(name) if name in machine.builtins else None
    return resolve_name(call)


LIBRARY = Library(functions={"pydoc": {"locate": _locate}})
