"""`codecs`: looking one up loads its module."""

from __future__ import annotations

from importguard.startup.models.library import Library
from importguard.startup.values.base import UNKNOWN, Invocation, Value
from importguard.startup.values.text import import_codec


def _look_up(call: Invocation) -> Value:
    import_codec(call.get(0, "encoding", UNKNOWN), call, frozenset())
    return UNKNOWN


_NAMES = ("lookup", "getencoder", "getdecoder", "getreader", "getwriter", "getincrementaldecoder")
LIBRARY = Library(functions={"codecs": dict.fromkeys(_NAMES, _look_up)})
