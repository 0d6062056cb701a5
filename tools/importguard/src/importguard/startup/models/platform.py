"""`platform`: what the target is."""

from __future__ import annotations

from importguard.startup.models.library import Library
from importguard.startup.values.base import UNKNOWN, Invocation, Value

_SYSTEMS = {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}


def _system(call: Invocation) -> Value:
    return _SYSTEMS.get(call.machine.environment.platform, UNKNOWN)


def _implementation(call: Invocation) -> Value:
    return "CPython" if call.machine.environment.implementation == "cpython" else UNKNOWN


def _version(call: Invocation) -> Value:
    return call.machine.environment.version


LIBRARY = Library(
    functions={
        "platform": {
            "system": _system,
            "python_implementation": _implementation,
            "python_version": _version,
        }
    }
)
