"""`ast`: literals."""

from __future__ import annotations

from importguard.startup.models.library import Library
from importguard.startup.models.plain_functions import literal
from importguard.startup.values.base import MAX_TEXT, UNKNOWN, Invocation, Value


def _literal(call: Invocation) -> Value:
    text = call.first()
    return literal(text) if isinstance(text, str) and len(text) <= MAX_TEXT else UNKNOWN


LIBRARY = Library(functions={"ast": {"literal_eval": _literal}})
