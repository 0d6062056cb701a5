"""Installed distributions: their versions, from the names of their folders, and what they declare."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from importguard.startup.models.entry_points import EntryPoints, declared_in, entry_point
from importguard.startup.values.base import MAX_ITEMS, UNKNOWN, Abstract, Invocation, Raised, Value
from importguard.startup.values.lists import ListValue
from importguard.startup.values.natives import Native

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Frame

_SEPARATORS = re.compile(r"[-_.]+")
_NAME = re.compile(rb"^name:([^\r\n]*)", re.MULTILINE | re.IGNORECASE)
MAX_HEADER = 4_000  # bytes of a distribution's metadata that its name is among
_NOT_FOUND = ("PackageNotFoundError", "ModuleNotFoundError", "ImportError", "Exception", "BaseException", "object")


def _installed(machine: MachineState) -> Iterator[tuple[str, str, str]]:
    """Of every installed distribution: the folder of its metadata, its name in one spelling, its version."""
    for folder in machine.finder.path:
        for entry in machine.finder.listing(folder):
            stem, _, kind = entry.rpartition(".")
            if kind in {"dist-info", "egg-info"}:
                found, _, version = stem.partition("-")
                yield os.path.join(folder, entry), _spelt(found), version.partition("-")[0]


def _spelt(name: str) -> str:
    return _SEPARATORS.sub("_", name).lower()


def _installed_as(name: str, machine: MachineState) -> tuple[str, str] | None:
    """The folder of the metadata and the version of the installed distribution *name*; None where there is none."""
    wanted = _spelt(name)
    return next(((folder, version) for folder, found, version in _installed(machine) if found == wanted), None)


def version_of(name: str, machine: MachineState) -> str | None:
    """The version of the installed distribution *name*; None where there is none."""
    known = _installed_as(name, machine)
    return known[1] if known is not None else None


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
        call.machine.import_dynamic("zipfile", call, "importlib.metadata")


def _read_metadata(call: Invocation) -> None:
    for name in ("importlib.metadata._adapters", "email.parser", "email.message"):
        call.machine.import_dynamic(name, call, "importlib.metadata")


class _Metadata(Abstract):
    """What a distribution says of itself: its name and its version; the rest is not known."""

    __slots__ = ("known",)

    def __init__(self, known: dict[str, Value]) -> None:
        self.known = known

    def item(self, key: Value, machine: MachineState, frame: Frame) -> Value:  # noqa: ARG002  as its base
        """A field, whose name may be written in any case."""
        return self.known.get(key.lower(), UNKNOWN) if isinstance(key, str) else UNKNOWN

    def attribute(self, name: str, machine: MachineState, frame: Frame) -> Value:
        """`get`."""
        return Native(name, lambda call: self.item(call.first(), machine, frame)) if name == "get" else UNKNOWN

    def truth(self, _machine: MachineState) -> bool | None:
        """It has fields."""
        return True


class _Distribution(Abstract):
    """An installed distribution. `version`: empty where that is not known; `folder`: with its metadata, or None."""

    __slots__ = ("asked", "folder", "version")

    def __init__(self, version: str, asked: Invocation, folder: str | None) -> None:
        self.version = version
        self.asked = asked
        self.folder = folder

    def attribute(self, name: str, machine: MachineState, _frame: Frame) -> Value:
        """Its metadata has to be read."""
        if name in {"metadata", "name", "version", "requires"}:
            _read_metadata(self.asked)
        if name == "origin":
            self.asked.machine.import_dynamic("json", self.asked, "importlib.metadata")
        if name == "metadata":
            return _Metadata({"name": self._name(machine), "version": self.version or UNKNOWN})
        if name == "name":
            return self._name(machine)
        if name == "entry_points":
            return self._entry_points(machine)
        return (self.version or UNKNOWN) if name == "version" else UNKNOWN

    def truth(self, _machine: MachineState) -> bool | None:
        """It is there."""
        return True

    def _name(self, machine: MachineState) -> Value:
        """The name that its metadata says, in its own spelling."""
        for file in ("METADATA", "PKG-INFO") if self.folder is not None else ():
            machine.spend(100)
            with contextlib.suppress(OSError):
                said = _NAME.search(machine.finder.disk.read(os.path.join(self.folder or "", file))[:MAX_HEADER])
                return said[1].decode("utf-8", "replace").strip() if said is not None else UNKNOWN
        return UNKNOWN

    def _entry_points(self, machine: MachineState) -> Value:
        """What it declares, a group after the other."""
        if self.folder is None:
            return UNKNOWN
        machine.spend(250)  # a file is looked for
        groups = declared_in(self.folder, machine.finder.disk)
        return EntryPoints.of([entry_point(name, one, group) for group, all_ in groups.items() for name, one in all_])


def distributions(call: Invocation) -> Value:
    """`importlib.metadata.distributions()`: what is installed, in the order of the search path."""
    search(call)
    if call.keywords or not call.complete:  # those of another path, or of one name
        return UNKNOWN
    found: list[Value] = [_Distribution(version, call, folder) for folder, _, version in _installed(call.machine)]
    call.machine.spend(len(found))
    return ListValue(found[:MAX_ITEMS], len(found) > MAX_ITEMS)


def distribution(call: Invocation) -> Value:
    """`importlib.metadata.distribution(name)`."""
    name, machine = call.get(0, "distribution_name", UNKNOWN), call.machine
    found = _found(name, call)
    if found is not None and machine.environment.version_info[:2] >= (3, 15):
        _read_metadata(call)  # a distribution that has some is preferred
    if found is None:
        return UNKNOWN
    known = _installed_as(name, machine) if isinstance(name, str) else None
    return _Distribution(found, call, known[0] if known is not None else None)


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
