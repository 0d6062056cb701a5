"""`json`: texts that are known, and files that are on disk."""

from __future__ import annotations

import json

from importguard.startup.models.library import Library
from importguard.startup.models.plain_functions import of_constants, of_values
from importguard.startup.models.read_files import of_files
from importguard.startup.values.base import UNKNOWN, Invocation, Value
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.lists import ListValue

_read, _write = of_constants(json.loads), of_values(json.dumps)


def _loads(call: Invocation) -> Value:
    """`json.loads(text)`; what hooks would make is not known."""
    if not call.keywords:
        return _read(call)
    if set(call.keywords) == {"object_hook"} and isinstance(call.first(), str):
        return _hooked(_read(Invocation(call.machine, call.frame, call.args, {}, call.line, call.complete)), call)
    for hook in call.keywords.values():
        call.machine.may_call(hook)
    return UNKNOWN


def _hooked(value: Value, call: Invocation) -> Value:
    """*value* where `object_hook` makes something of each dict, the innermost first."""
    if isinstance(value, ListValue):
        return ListValue([_hooked(one, call) for one in value.items])
    if not isinstance(value, DictValue):
        return value
    inner = DictValue({key: _hooked(one, call) for key, one in value.items.items()})
    return call.machine.invoke(call.keywords["object_hook"], inner)


def _dumps(call: Invocation) -> Value:
    """`json.dumps(value)`; for what it cannot write, it may ask `default` or the encoder's."""
    made = _write(call)
    encoder = call.keywords.get("cls")
    default = encoder.lookup("default") if isinstance(encoder, ClassValue) else call.keywords.get("default")
    if made is UNKNOWN and default is not None:
        call.machine.may_call(default)
    return made


_FILES = of_files(json.loads)
LIBRARY = Library(
    functions={
        "json": {
            "dumps": _dumps,
            "loads": lambda call: _FILES(call) or _loads(call),
            "load": lambda call: _FILES(call) or UNKNOWN,
        }
    }
)
