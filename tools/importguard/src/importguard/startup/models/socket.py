"""`socket`: one that is open at a fork is shared by all children."""

from __future__ import annotations

from importguard.startup.models.library import Library
from importguard.startup.values.base import Abstract, Invocation, Value


def _opened(call: Invocation, own: Abstract) -> Value:
    call.machine.threads.note_hazard("opens a socket", call)
    return own.call(call)


LIBRARY = Library(methods={"socket": {"socket.__init__": _opened}})
