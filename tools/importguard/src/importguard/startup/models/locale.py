"""`locale`: what the session says, which nobody knows before the program runs."""

from __future__ import annotations

from importguard.startup.models.library import Library
from importguard.startup.values.base import UNKNOWN, Invocation, Value


def _unknown(_call: Invocation) -> Value:
    return UNKNOWN


_NAMES = ("getlocale", "getdefaultlocale", "getpreferredencoding", "getencoding")
LIBRARY = Library(functions={"locale": dict.fromkeys(_NAMES, _unknown)})
