"""`tomllib`: texts that are known."""

from __future__ import annotations

import tomllib

from importguard.startup.models.library import Library
from importguard.startup.models.plain_functions import of_constants

LIBRARY = Library(functions={"tomllib": {"loads": of_constants(tomllib.loads)}})
