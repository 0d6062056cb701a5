"""`json`: texts that are known."""

from __future__ import annotations

import json

from importguard.startup.models.library import Library
from importguard.startup.models.plain_functions import of_constants
from importguard.startup.values.base import UNKNOWN, Invocation, Value

_read = of_constants(json.loads)


def _loads(call: Invocation) -> Value:
    """`json.loads(text)`; what hooks would make is not known."""
    return UNKNOWN if call.keywords else _read(call)


LIBRARY = Library(functions={"json": {"loads": _loads}})
