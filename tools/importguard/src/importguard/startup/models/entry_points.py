"""Entry points that distributions declare, and lists of them. Reads `entry_points.txt` files; runs nothing."""

from __future__ import annotations

import configparser
import contextlib
import os
from typing import TYPE_CHECKING

from importguard.startup.values.base import MISSING, UNKNOWN, Invocation, Value
from importguard.startup.values.dicts import missing_key
from importguard.startup.values.lists import ListValue
from importguard.startup.values.natives import Namespace, Native
from importguard.startup.values.sets import SetValue
from importguard.storage.disk import Disk
from importguard.target.finder import Finder

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Frame

MAX_POINTS = 4_000  # entry points of one group


def declared(finder: Finder) -> dict[str, list[tuple[str, str]]]:
    """`(name, "module:attribute")` of every entry point by its group, in the order of the search path."""
    found: dict[str, list[tuple[str, str]]] = {}
    for directory in finder.path:
        for entry in sorted(finder.listing(directory)):
            if entry.endswith((".dist-info", ".egg-info")):
                for group, points in declared_in(os.path.join(directory, entry), finder.disk).items():
                    found.setdefault(group, []).extend(points)
    return found


def declared_in(folder: str, disk: Disk) -> dict[str, list[tuple[str, str]]]:
    """The same of the one distribution whose metadata is in *folder*."""
    parser = _parsed(os.path.join(folder, "entry_points.txt"), disk)
    return {group: parser.items(group) for group in parser.sections()}


def _parsed(path: str, disk: Disk) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(delimiters=("=",), strict=False, default_section="")
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names keep their case
    with contextlib.suppress(OSError, UnicodeDecodeError, configparser.Error):
        parser.read_string(disk.read(path).decode("utf-8"))
    return parser


class EntryPoints(ListValue):
    """Some of the installed entry points: to iterate over, to select from, to ask by name."""

    __slots__ = ()

    @classmethod
    def of(cls, points: list[Value]) -> EntryPoints:
        """Those *points*, as many as are walked."""
        return cls(points[:MAX_POINTS], len(points) > MAX_POINTS)

    def attribute(self, name: str, machine: MachineState, frame: Frame) -> Value:
        """`select`, and what there is."""
        if name == "select":
            return Native(name, self._select)
        if name in {"names", "groups"}:
            word = name.removesuffix("s")
            known: dict[Value, None] = {
                point.attributes[word]: None for point in self.items if isinstance(point, Namespace)
            }
            return SetValue(known, self.open)
        if name == "get":  # before Python 3.12 it may be a dict by group
            return Native(name, lambda call: self.chosen({"group": call.first()}))
        return UNKNOWN if name in {"append", "extend"} else super().attribute(name, machine, frame)

    def _select(self, call: Invocation) -> Value:
        return self.chosen(call.keywords) if call.complete and not call.args else UNKNOWN

    def chosen(self, wanted: dict[str, Value]) -> Value:
        """Those whose attributes are as *wanted*."""
        if not all(isinstance(value, str) for value in wanted.values()):
            return UNKNOWN
        found: list[Value] = [
            point
            for point in self.items
            if isinstance(point, Namespace) and all(point.attributes.get(name) == one for name, one in wanted.items())
        ]
        return EntryPoints(found, self.open)

    def item(self, key: Value, machine: MachineState, frame: Frame) -> Value:
        """The one with a name."""
        if not isinstance(key, str):
            return super().item(key, machine, frame)
        for point in self.items:
            if isinstance(point, Namespace) and point.attributes.get("name") == key:
                return point
        return UNKNOWN if self.open else missing_key(machine, key)


def entry_point(name: str, target: str, group: str) -> Value:
    """The entry point *name* of a group."""
    module, _, attribute = target.partition(":")
    attribute = attribute.partition("[")[0]

    def load(call: Invocation) -> Value:
        value = call.machine.import_dynamic(module.strip(), call)
        for part in attribute.strip().split(".") if attribute.strip() else ():
            value = call.machine.attribute(value, part, call.frame)
        return UNKNOWN if value is MISSING else value

    parts: dict[str, Value] = {"name": name, "value": target, "group": group, "module": module.strip()}
    return Namespace({**parts, "attr": attribute.strip(), "load": Native("load", load)})
