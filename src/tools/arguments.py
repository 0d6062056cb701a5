"""The arguments of a tool's call, checked against its specification. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from src.chat import ToolSpec
from src.tools.outcome import ToolError

MAX_ARGUMENTS = 1_000_000  # characters
_TYPES: Mapping[str, tuple[type, ...]] = {"string": (str,), "integer": (int,), "boolean": (bool,), "array": (list,)}


def check_arguments(spec: ToolSpec, text: str) -> dict[str, Any]:
    """The arguments in the JSON *text*, as *spec* wants them. Raises ToolError saying what is wrong."""
    if len(text) > MAX_ARGUMENTS:
        raise ToolError(
            f"{spec.name}: the arguments have {len(text):,} characters; at most {MAX_ARGUMENTS:,} are taken."
        )
    try:
        value = json.loads(text or "{}")
    except (ValueError, RecursionError) as error:
        raise ToolError(f"{spec.name}: the arguments are not JSON ({error}).") from error
    if not isinstance(value, dict):
        raise ToolError(f"{spec.name}: the arguments must be an object.")
    known = spec.parameters["properties"]
    for name in spec.parameters.get("required", ()):
        if name not in value:
            raise ToolError(f"{spec.name}: the argument {name!r} is missing.")
    for name, given in value.items():
        if name not in known:
            raise ToolError(f"{spec.name}: there is no argument {name!r}; there are {', '.join(known)}.")
        _check_type(spec, name, known[name], given)
    return value


def _check_type(spec: ToolSpec, name: str, wanted: Mapping[str, Any], given: Any) -> None:
    kind = wanted["type"]
    fits = isinstance(given, _TYPES[kind]) and (kind == "boolean" or not isinstance(given, bool))
    if not fits or (kind == "array" and not all(isinstance(one, str) for one in given)):
        raise ToolError(
            f"{spec.name}: {name!r} must be {'an array of strings' if kind == 'array' else f'of type {kind}'}."
        )
    texts = given if kind == "array" else [given]
    if any(isinstance(one, str) and "\0" in one for one in texts):
        raise ToolError(f"{spec.name}: {name!r} holds a null byte.")
