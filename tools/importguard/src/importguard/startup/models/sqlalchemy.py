"""`sqlalchemy`: the address of a database names its dialect and driver."""

from __future__ import annotations

from importguard.startup.models.library import Library
from importguard.startup.values.base import UNKNOWN, Invocation, Value

_PARTS = ("username", "password", "host", "port", "database", "query")


def _parse(call: Invocation) -> Value:
    """`_parse_url(text)`: the library takes the text apart by a regular expression."""
    text, machine = call.first(), call.machine
    name, found, rest = text.partition("://") if isinstance(text, str) else ("", "", "")
    module = machine.modules.get("sqlalchemy.engine.url")
    if not found or module is None or not name.replace("+", "").isidentifier():
        return UNKNOWN
    create = machine.attribute(module.namespace.get("URL", UNKNOWN), "create", call.frame)
    return machine.call(create, [name], _parts(rest), call.frame, complete=True)


def _parts(rest: str) -> dict[str, Value]:
    """What `host:port/database` says; nothing of one with a user, whose password may hold any character."""
    if "@" in rest or "?" in rest or "[" in rest:
        return dict.fromkeys(_PARTS, UNKNOWN)
    place, found, database = rest.partition("/")
    host, _, port = place.partition(":")
    known: dict[str, Value] = {"host": host or None, "port": int(port) if port.isdecimal() else None}
    return {**dict.fromkeys(_PARTS), **known, "database": database if found else None}


LIBRARY = Library(functions={"sqlalchemy.engine.url": {"_parse_url": _parse}})
