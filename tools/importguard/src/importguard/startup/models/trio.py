"""`trio`: `run` and nurseries."""

from __future__ import annotations

from importguard.startup.models.asyncio import nursery, run_function
from importguard.startup.models.library import Library

LIBRARY = Library(functions={"trio._core._run": {"run": run_function, "open_nursery": nursery}})
