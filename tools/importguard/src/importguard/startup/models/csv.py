"""`csv`: rows of texts that are known, and of files that are on disk."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from importguard.startup.machine.state import MachineState
from importguard.startup.models.library import Library
from importguard.startup.models.plain_functions import to_host
from importguard.startup.values.base import MAX_ITEMS, UNKNOWN, Invocation, Value
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.files import OpenFile, text_on_disk
from importguard.startup.values.iterators import IteratorValue
from importguard.startup.values.lists import ListValue
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.natives import Native
from importguard.startup.values.read_data import ReadData


def _reader(call: Invocation) -> Value:
    """`reader(lines, …)`."""
    named: dict[str, Any] = {name: to_host(one) for name, one in call.keywords.items()}
    if isinstance(call.first(), OpenFile):
        return _rows(csv.reader, named, call)
    found = call.machine.items_of(call.first())
    lines = [one for one in found[0] if isinstance(one, str)] if found is not None else []
    if found is None or not found[1] or len(lines) < len(found[0]) or UNKNOWN in named.values():
        return UNKNOWN
    further: list[Any] = [one for one in call.args[1:] if isinstance(one, str)]
    try:
        rows = list(csv.reader(lines, *further, **named))
    except (csv.Error, TypeError):
        return UNKNOWN
    return IteratorValue(iter([ListValue([*row]) for row in rows]), call.machine)


def _rows(read: Callable[..., Iterable[Any]], named: dict[str, Any], call: Invocation) -> Value:
    """The rows of a file."""
    given, further = call.first(), [to_host(one) for one in call.args[1:]]
    text = text_on_disk(given.path, call.machine) if isinstance(given, OpenFile) else None
    if text is None or not call.complete or UNKNOWN in (*further, *named.values()):
        return UNKNOWN
    try:
        return ReadData(list(islice(read(text.splitlines(keepends=True), *further, **named), MAX_ITEMS)))
    except (csv.Error, TypeError):
        return UNKNOWN


def _fill(_machine: MachineState, module: ModuleValue) -> None:
    own = module.namespace.get("DictReader")
    if not isinstance(own, ClassValue):
        return

    def make(call: Invocation) -> Value:
        """`DictReader(file, …)` of a file that is on disk; any other is followed."""
        named: dict[str, Any] = {name: to_host(one) for name, one in call.keywords.items()}
        made = _rows(csv.DictReader, named, call)
        return own.call(call) if made is UNKNOWN else made

    module.namespace["DictReader"] = Native("DictReader", make)


LIBRARY = Library(functions={"csv": {"reader": _reader}}, fill={"csv": _fill})
