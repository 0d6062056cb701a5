"""`tomllib`: texts that are known, and files that are on disk."""

from __future__ import annotations

import tomllib
from datetime import date, time

from importguard.startup.models.library import Library, use_names_of
from importguard.startup.models.plain_functions import of_constants
from importguard.startup.models.read_files import of_files
from importguard.startup.values.base import UNKNOWN, Invocation, Value
from importguard.startup.values.read_data import ReadData

_READ, _FILES = of_constants(tomllib.loads), of_files(tomllib.loads)


def _loads(call: Invocation) -> Value:
    made, text = _FILES(call), call.first()
    if made is not None:
        return _noted(call, made)
    if isinstance(text, str):
        try:
            _note_numbers(call, tomllib.loads(text))
        except (ValueError, RecursionError):
            return _READ(call)
    return _READ(call)


def _load(call: Invocation) -> Value:
    made = _FILES(call)
    return UNKNOWN if made is None else _noted(call, made)


def _noted(call: Invocation, made: ReadData) -> Value:
    _note_numbers(call, made.host)
    return made


def _note_numbers(call: Invocation, document: object) -> None:
    """Numbers and dates are read by regular expressions; the parser of Python 3.15 loads them for the first one."""
    pending = [document]
    while pending:
        one = pending.pop()
        if isinstance(one, dict):
            pending += one.values()
        elif isinstance(one, list):
            pending += one
        elif isinstance(one, int | float | date | time) and not isinstance(one, bool):
            use_names_of(call, "tomllib._parser", "RE_NUMBER")
            return


LIBRARY = Library(functions={"tomllib": {"loads": _loads, "load": _load}})
