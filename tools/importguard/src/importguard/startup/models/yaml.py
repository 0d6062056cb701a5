"""`yaml`: its files are not read here; of one with a configuration of logging the classes are."""

from __future__ import annotations

from importguard.startup.models.library import Library
from importguard.startup.values.base import UNKNOWN, Invocation, Value
from importguard.startup.values.files import FileText, OpenFile, Unread


def _load(call: Invocation) -> Value:
    """`safe_load(text_or_file)`."""
    given = call.first()
    call.machine.doubt_success()
    return Unread(given.path) if isinstance(given, FileText | OpenFile) else UNKNOWN


LIBRARY = Library(functions={"yaml": dict.fromkeys(("safe_load", "full_load", "unsafe_load", "load"), _load)})
