"""`enum`: members that are written into a module."""

from __future__ import annotations

from importguard.startup.models.library import Library
from importguard.startup.values.base import Invocation, Value


def _global_enum(call: Invocation) -> Value:
    """`@enum.global_enum` writes the members into the module."""
    call.frame.module.open = True
    return call.first()


LIBRARY = Library(functions={"enum": {"global_enum": _global_enum}})
