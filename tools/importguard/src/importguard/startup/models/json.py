"""`json`: texts that are known, and files that are on disk."""

from __future__ import annotations

import json

from importguard.startup.models.library import Library
from importguard.startup.models.plain_functions import of_constants, of_values
from importguard.startup.models.read_files import of_files
from importguard.startup.values.base import UNKNOWN, Invocation, Value

_read = of_constants(json.loads)


def _loads(call: Invocation) -> Value:
    """`json.loads(text)`; what hooks would make is not known."""
    return UNKNOWN if call.keywords else _read(call)


_FILES = of_files(json.loads)
LIBRARY = Library(
    functions={
        "json": {
            "dumps": of_values(json.dumps),
            "loads": lambda call: _FILES(call) or _loads(call),
            "load": lambda call: _FILES(call) or UNKNOWN,
        }
    }
)
