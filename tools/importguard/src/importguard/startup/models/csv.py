"""`csv`: rows of texts that are known."""

from __future__ import annotations

import csv
from typing import Any

from importguard.startup.models.library import Library
from importguard.startup.models.plain_functions import to_host
from importguard.startup.values.base import UNKNOWN, Invocation, Value
from importguard.startup.values.iterators import IteratorValue
from importguard.startup.values.lists import ListValue


def _reader(call: Invocation) -> Value:
    """`reader(lines, …)`."""
    found = call.machine.items_of(call.first())
    named: dict[str, Any] = {name: to_host(one) for name, one in call.keywords.items()}
    lines = [one for one in found[0] if isinstance(one, str)] if found is not None else []
    if found is None or not found[1] or len(lines) < len(found[0]) or UNKNOWN in named.values():
        return UNKNOWN
    further: list[Any] = [one for one in call.args[1:] if isinstance(one, str)]
    try:
        rows = list(csv.reader(lines, *further, **named))
    except (csv.Error, TypeError):
        return UNKNOWN
    return IteratorValue(iter([ListValue([*row]) for row in rows]), call.machine)


LIBRARY = Library(functions={"csv": {"reader": _reader}})
