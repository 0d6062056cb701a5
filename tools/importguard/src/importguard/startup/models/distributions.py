"""Installed distributions: their versions, from the names of their folders."""

from __future__ import annotations

import re

from importguard.startup.machine.state import MachineState
from importguard.startup.values.base import UNKNOWN, Invocation, Raised, Value

_SEPARATORS = re.compile(r"[-_.]+")
_NOT_FOUND = ("PackageNotFoundError", "ModuleNotFoundError", "ImportError", "Exception", "BaseException", "object")


def version_of(name: str, machine: MachineState) -> str | None:
    """The version of the installed distribution *name*; None where there is none."""
    wanted = _SEPARATORS.sub("_", name).lower()
    for folder in machine.finder.path:
        for entry in machine.finder.listing(folder):
            stem, _, kind = entry.rpartition(".")
            if kind in {"dist-info", "egg-info"}:
                found, _, version = stem.partition("-")
                if _SEPARATORS.sub("_", found).lower() == wanted:
                    return version.partition("-")[0]
    return None


def version(call: Invocation) -> Value:
    """`importlib.metadata.version(name)`."""
    name, machine = call.get(0, "distribution_name", UNKNOWN), call.machine
    machine.spend(1_000)
    found = version_of(name, machine) if isinstance(name, str) else ""
    if found is not None:
        machine.import_dynamic("email.parser", call)  # what reads the distribution's metadata
        return found or UNKNOWN
    if machine.catches(*_NOT_FOUND):
        raise Raised(_NOT_FOUND)
    return UNKNOWN


def metadata(call: Invocation) -> Value:
    """`importlib.metadata.metadata(name)`."""
    version(call)
    return UNKNOWN
