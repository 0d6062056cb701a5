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


def _machine(call: Invocation) -> Value:
    """`machine()`: what the interpreter was built for, where its name says so."""
    built, _, rest = call.machine.environment.multiarch.partition("-")
    return built if rest.startswith("linux") and built in {"x86_64", "aarch64"} else UNKNOWN


def _architecture(call: Invocation) -> Value:
    """`architecture()`: the bits of the interpreter itself, and its file's format, which is not looked at."""
    given = call.args or call.keywords
    return UNKNOWN if given else ("64bit" if call.machine.environment.maxsize > 2**32 else "32bit", UNKNOWN)


def _version_tuple(call: Invocation) -> Value:
    return tuple(call.machine.environment.version.split(".")[:3])


LIBRARY = Library(
    functions={
        "platform": {
            "system": _system,
            "python_implementation": _implementation,
            "python_version": _version,
            "python_version_tuple": _version_tuple,
            "machine": _machine,
            "architecture": _architecture,
        }
    }
)
