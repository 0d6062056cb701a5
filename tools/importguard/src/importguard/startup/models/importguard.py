"""`importguard.warmup`: what a program asks its warmup."""

from __future__ import annotations

from importguard.startup.models.library import Library
from importguard.startup.values.base import UNKNOWN, Abstract, Invocation, Value
from importguard.startup.values.gate import Gate


def _ready(call: Invocation, _own: Abstract) -> Value:
    """`warmup.ready("module")`."""
    name = call.get(1, "name", UNKNOWN)  # after the warmup itself
    return Gate(name) if isinstance(name, str) else UNKNOWN


LIBRARY = Library(methods={"importguard.warmup.chain": {"Warmup.ready": _ready}})
