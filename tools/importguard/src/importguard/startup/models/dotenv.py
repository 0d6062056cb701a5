"""`dotenv`: what the file `.env` says when we look at it is possible."""

from __future__ import annotations

import re

from importguard.startup.models.io import path_of
from importguard.startup.models.library import Library
from importguard.startup.values.base import MISSING, Invocation, Value
from importguard.startup.values.choice import OneOf
from importguard.startup.values.files import text_on_disk
from importguard.startup.values.read_data import ReadData

_USUAL = ".env"
_LINE = re.compile(
    r"""^[ \t]*+(?:export[ \t]++)?+(\w++)[ \t]*+=[ \t]*+(?:"([^"\n]*+)"|'([^'\n]*+)'|([^\n#]*+))""", re.M
)


def _read(call: Invocation) -> dict[str, str]:
    given = call.get(0, "dotenv_path")
    path = path_of(_USUAL if given is None else given, call.machine)
    text = text_on_disk(path, call.machine) if path is not None else None
    return {name: (one or other or plain).strip() for name, one, other, plain in _LINE.findall(text or "")}


def _load(call: Invocation) -> Value:
    """`load_dotenv()`: variables that are not set yet."""
    machine, module = call.machine, call.frame.module
    overrides = call.keywords.get("override", False) is not False
    machine.heap.changing(machine.variables)
    for name, value in _read(call).items():
        known = machine.variables.contents().get(name, MISSING)
        if known is MISSING or overrides:
            machine.variables.ask(name, module.origin, module.name)  # notes that the start hangs on it
            machine.variables.set(name, OneOf([value], more=True))
    return True


def _values(call: Invocation) -> Value:
    """`dotenv_values()`."""
    return ReadData(_read(call))


LIBRARY = Library(
    functions={
        "dotenv": {"load_dotenv": _load, "dotenv_values": _values},
        "dotenv.main": {"load_dotenv": _load, "dotenv_values": _values},
    }
)
