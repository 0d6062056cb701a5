"""`tomllib`: texts that are known, and files that are on disk."""

from __future__ import annotations

import tomllib

from importguard.startup.models.library import Library
from importguard.startup.models.plain_functions import of_constants
from importguard.startup.models.read_files import of_files
from importguard.startup.values.base import UNKNOWN

_READ, _FILES = of_constants(tomllib.loads), of_files(tomllib.loads)
LIBRARY = Library(
    functions={
        "tomllib": {"loads": lambda call: _FILES(call) or _READ(call), "load": lambda call: _FILES(call) or UNKNOWN}
    }
)
