"""The tools of a server as the model gets them: named so that no two are alike, bounded, each with its price. Pure.

What a server says of its tools is a stranger's text. It is shown before a tool is switched on, and a tool whose
definition has changed since is another tool.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from src.chat import ToolSpec
from src.models.estimate import estimate_tool
from src.value import Value

MAX_TOOLS = 128  # of one server
MAX_DEFINITION = 20_000  # characters of a tool's name, description and schema
MAX_DEPTH = 32  # of a schema
MAX_NAME = 64  # characters, which is what OpenAI and Gemini take
BETWEEN = "__"  # no tool of Sloppy's own has it in its name, and no server's name


class Offered(Value):
    """A tool as a server names it: `schema` is the JSON schema of its arguments."""

    name: str
    description: str
    schema: Mapping[str, Any]


class ServerTool(Value):
    """A tool of a server: its own name there, and the specification that goes out, with its price in tokens."""

    server: str
    name: str
    spec: ToolSpec
    digest: str
    tokens: int


def take(server: str, offered: Iterable[Offered]) -> tuple[tuple[ServerTool, ...], tuple[str, ...]]:
    """The tools of *server* in the order of their names, and a sentence for each that is not taken."""
    taken: dict[str, ServerTool] = {}
    refused: list[str] = []
    for number, one in enumerate(offered):
        if number >= MAX_TOOLS:
            refused.append(f"It has more than {MAX_TOOLS} tools; those after the first {MAX_TOOLS} are left out.")
            break
        name = f"{server}{BETWEEN}{_plain(server, one.name)}"
        wrong = "has a name that another tool has, too" if name in taken else _wrong(one)
        if wrong:
            refused.append(f"The tool {one.name[:40]!r} {wrong}; it is left out.")
            continue
        spec = ToolSpec(name, one.description, one.schema)
        taken[name] = ServerTool(server, one.name, spec, _digest(one), estimate_tool(spec))
    return tuple(taken[name] for name in sorted(taken)), tuple(refused)


def server_of(name: str) -> str:
    """The server that the tool with this name for the model is of; empty for one of Sloppy's own."""
    server, between, _ = name.partition(BETWEEN)
    return server if between else ""


def _plain(server: str, name: str) -> str:
    """*name* in the letters that all providers take; one that had to be changed ends with its checksum."""
    room = MAX_NAME - len(server) - len(BETWEEN)
    if len(name) <= room and re.fullmatch(r"[A-Za-z0-9_-]+", name):
        return name
    checksum = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:8]
    return f"{re.sub(r'[^A-Za-z0-9_-]', '_', name[: room - 9])}_{checksum}"


def _wrong(one: Offered) -> str:
    """Why the tool is not taken; empty when it is."""
    if _depth(one.schema) > MAX_DEPTH:
        return f"has a schema that is nested more than {MAX_DEPTH} deep"
    if one.schema.get("type", "object") != "object":
        return "has a schema that is no object"
    try:
        whole = _as_text(one)
        whole.encode()
    except (TypeError, ValueError):  # half a surrogate pair, or a value that JSON does not know
        return "has a definition that no request can hold"
    if len(whole) > MAX_DEFINITION:
        return f"has a definition of more than {MAX_DEFINITION:,} characters"
    return ""


def _depth(value: object) -> int:
    """How deep *value* is nested, counted level by level and no further than is refused."""
    level, deep = [value], 0
    while level and deep <= MAX_DEPTH:
        level = [
            inner
            for one in level
            if isinstance(one, Mapping | list | tuple)
            for inner in (one.values() if isinstance(one, Mapping) else one)
        ]
        deep += 1
    return deep


def _as_text(one: Offered) -> str:
    return json.dumps([one.name, one.description, one.schema], ensure_ascii=False, sort_keys=True, allow_nan=False)


def _digest(one: Offered) -> str:
    return hashlib.sha256(_as_text(one).encode()).hexdigest()
