"""`signal`: handlers run when a signal comes, not when they are set."""

from __future__ import annotations

from importguard.startup.models.library import Library
from importguard.startup.values.base import UNKNOWN

LIBRARY = Library(functions={"signal": {"signal": lambda _call: UNKNOWN}})
