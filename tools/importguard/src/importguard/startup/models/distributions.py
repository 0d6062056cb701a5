"""Installed distributions: their versions, from the names of their folders."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from importguard.startup.values.base import UNKNOWN, Abstract, Invocation, Raised, Value

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Frame

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
    found = _found(name, call)
    if found is None:
        return UNKNOWN
    _read_metadata(call)
    return found or UNKNOWN


def _found(name: Value, call: Invocation) -> str | None:
    """The version of the distribution *name*, empty where that is not known; None where there surely is none."""
    machine = call.machine
    search(call)
    found = version_of(name, machine) if isinstance(name, str) else ""
    if found is None and machine.catches(*_NOT_FOUND):
        raise Raised(_NOT_FOUND)
    return found


def search(call: Invocation) -> None:
    """The search path is walked: it has an archive of the standard library that is not there."""
    call.machine.finder.path = call.machine.search_path()
    if call.machine.environment.version_info[:2] >= (3, 15):  # before that, `importlib.metadata` itself imports it
        call.machine.import_dynamic("zipfile", call)


def _read_metadata(call: Invocation) -> None:
    for name in ("importlib.metadata._adapters", "email.parser", "email.message"):
        call.machine.import_dynamic(name, call)


class _Distribution(Abstract):
    """An installed distribution. `found`: its version, empty where that is not known."""

    __slots__ = ("asked", "found")

    def __init__(self, found: str, asked: Invocation) -> None:
        self.found = found
        self.asked = asked

    def attribute(self, name: str, _machine: MachineState, _frame: Frame) -> Value:
        """Its metadata has to be read."""
        if name in {"metadata", "name", "version", "requires"}:
            _read_metadata(self.asked)
        if name == "origin":
            self.asked.machine.import_dynamic("json", self.asked)
        return (self.found or UNKNOWN) if name == "version" else UNKNOWN


def distribution(call: Invocation) -> Value:
    """`importlib.metadata.distribution(name)`."""
    found = _found(call.get(0, "distribution_name", UNKNOWN), call)
    if found is not None and call.machine.environment.version_info[:2] >= (3, 15):
        _read_metadata(call)  # a distribution that has some is preferred
    return UNKNOWN if found is None else _Distribution(found, call)


def searched(call: Invocation) -> Value:
    """`distributions()`, `files(name)`: what they give is not known."""
    search(call)
    return UNKNOWN


def requires(call: Invocation) -> Value:
    """`importlib.metadata.requires(name)`."""
    _found(call.get(0, "distribution_name", UNKNOWN), call)
    _read_metadata(call)
    return UNKNOWN


def metadata(call: Invocation) -> Value:
    """`importlib.metadata.metadata(name)`."""
    version(call)
    return UNKNOWN
