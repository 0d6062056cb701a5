"""`_socket`: who asks for the address of a host's name has it encoded, whatever it says, by `encodings.idna`."""

from __future__ import annotations

from importguard.startup.machine.branches import perhaps
from importguard.startup.models.library import Library
from importguard.startup.values.base import UNKNOWN, Invocation, Value

_ENCODING = "encodings.idna"


def _of_host(call: Invocation) -> Value:
    """`gethostbyname(host)`: bytes are taken as they are."""
    if not isinstance(call.get(0, "host", UNKNOWN), bytes):
        call.machine.import_dynamic(_ENCODING, call, "socket")
    return UNKNOWN


def _of_address(call: Invocation) -> Value:
    """`getaddrinfo(host, port)`: the host may also be None."""
    host = call.get(0, "host", UNKNOWN)
    if isinstance(host, str):
        call.machine.import_dynamic(_ENCODING, call, "socket")
    elif host is not None and not isinstance(host, bytes):
        perhaps(call.machine, call.frame, lambda: call.machine.import_dynamic(_ENCODING, call, "socket"))
    return UNKNOWN


_BY_HOST = dict.fromkeys(("gethostbyname", "gethostbyname_ex", "gethostbyaddr"), _of_host)

LIBRARY = Library(functions={"_socket": {**_BY_HOST, "getaddrinfo": _of_address}})
