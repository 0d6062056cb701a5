"""Indented JSON, as `json.dumps(value, indent=2)` writes it, by its encoder in C, which indents nothing. Pure."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

_INDENT = 2


def indented(value: Any, depth: int = 0) -> str:
    """*value*: what JSON has, and dicts whose keys are texts. All lines but the first are *depth* levels in."""
    if not isinstance(value, dict | list | tuple) or not value:
        return json.dumps(value)
    inner, outer = _line(depth + 1), _line(depth)
    held = value.values() if isinstance(value, dict) else value
    if not any(isinstance(one, dict | list | tuple) and one for one in held):
        flat = _encoder(inner)(value)
        return f"{flat[0]}{inner}{flat[1:-1]}{outer}{flat[-1]}"
    if isinstance(value, dict):
        lines = [f"{json.dumps(key)}: {indented(one, depth + 1)}" for key, one in value.items()]
        return f"{{{inner}{f',{inner}'.join(lines)}{outer}}}"
    return f"[{inner}{f',{inner}'.join([indented(one, depth + 1) for one in value])}{outer}]"


def _line(depth: int) -> str:
    return "\n" + " " * (_INDENT * depth)


@functools.cache  # there are as many as levels
def _encoder(line: str) -> Callable[[Any], str]:
    return json.JSONEncoder(separators=("," + line, ": ")).encode
