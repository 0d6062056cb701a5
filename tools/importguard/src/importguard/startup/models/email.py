"""`email`: parsing a message."""

from __future__ import annotations

from importguard.startup.models.library import Library
from importguard.startup.values.base import UNKNOWN, Invocation, Value


def _parsed(call: Invocation) -> Value:
    """`message_from_string(text)` and its like."""
    for name in ("email.parser", "email.message"):
        call.machine.import_dynamic(name, call, "email")
    return UNKNOWN


_NAMES = ("message_from_string", "message_from_bytes", "message_from_file", "message_from_binary_file")
LIBRARY = Library(functions={"email": dict.fromkeys(_NAMES, _parsed)})
