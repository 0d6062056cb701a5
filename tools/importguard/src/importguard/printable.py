"""Text that no terminal, log or page takes for anything else. Pure."""

from __future__ import annotations

import re

# What a CI service reads as a command anywhere in a log: `::` at the beginning of a line
# (GitHub), `##[` and `##vso[` anywhere (GitHub, Azure).
_COMMAND = re.compile(r"^\s*::|##(?=\w*\[)")
_SPELLED = {":": "\\x3a", "#": "\\x23"}


def plain(text: str) -> str:
    """*text* on one line, with what cannot be printed (escapes, line ends) spelled out; no command in it."""
    shown = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
    return _COMMAND.sub(lambda match: "".join(_SPELLED.get(char, char) for char in match[0]), shown)


def inert_json(text: str) -> str:
    """The JSON document *text*, in ASCII, meaning the same and with no command in it."""
    return text.replace("##", "#\\u0023")


def counted(count: int, noun: str, sign: str = "") -> str:
    """*count* with its *noun*, which takes an `s` unless there is one: "1 module", "2,300 modules", and its *sign*."""
    return f"{count:{sign},} {noun}" if abs(count) == 1 else f"{count:{sign},} {noun}s"
