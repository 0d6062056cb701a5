"""A file's text without the bodies of functions that nothing has to look into: they are most of what a parser reads.

**Guarantees**
- Of the text of a Python file without mistakes, the tree of what is left is that of the whole, but for the bodies that
  are left out: these begin and end where they did, with a `pass`, and hold no word that a Program is asked for.
- Where a body seems to end inside brackets, what is left is no Python, for it has a bracket too many.

Whether a file has no mistakes has to be known before: those in a body that is left out are not found. An interpreter of
this version has said so where it has compiled an installed file and would not read it again itself.
"""

from __future__ import annotations

import importlib.util
import os
import re
import sys
from functools import lru_cache

_STRING = (
    r'(?:"""(?:[^"\\]|\\.|"(?!""))*+"""' + r"|'''(?:[^'\\]|\\.|'(?!''))*+'''"
    r'|"(?!"")(?:[^"\\\n]|\\.)*+"' + r"|'(?!'')(?:[^'\\\n]|\\.)*+')"
)
_COMMENT = r"\#[^\n]*+"
_DEF = r"[ ]*+(?:async[ ]++)?def[ ]"
_FIRST = re.compile(_DEF)
# What comes before the next line that begins with a `def`, outside texts and comments.
_BEFORE = re.compile(rf"(?:[^'\"#\\\n]++|{_STRING}|{_COMMENT}|\\.|\n(?!{_DEF}))*+", re.DOTALL)
_DEPTH = 4  # of brackets in a signature
_EMPTY = rf"[ ]*+(?:{_COMMENT})?\n"
_EMPTY_LINES = re.compile(f"(?:{_EMPTY})*+")
_LINE = rf"(?:[^'\"#\\\n]++|{_STRING}|{_COMMENT}|\\.)*+\n"
_TELLING = re.compile(r"import|yield|require_warmed|codecs\.lookup|\\\n")  # a line that goes on has no sure end
_ODD = "\t\f\0\r\x0b\x1c\x1d\x1e\x85\u2028\u2029"  # places are counted in lines that end as usual
_NESTING_TEXTS = sys.version_info >= (3, 12)
_F_STRING = re.compile(r"\b(?:[fFtT][rR]?|[rR][fFtT])['\"]")
_INSTALLED = ("-packages" + os.sep, f"{os.sep}lib{os.sep}python3.")
_HEADER = 16  # bytes of a file with bytecode: which interpreter, flags, time and size of the source


def _signature() -> str:
    inside = rf"[^'\"#\\()\[\]{{}}]++|{_STRING}|{_COMMENT}"
    bracketed = ""
    for _ in range(_DEPTH):
        bracketed = rf"|[(\[{{](?:{inside}{bracketed})*+[)\]}}]"
    return rf"(?:[^'\"#\\()\[\]{{}}:]++|{_STRING}|{_COMMENT}{bracketed})*+"


_HEAD = re.compile(rf"([ ]*+)(?:async[ ]++)?def[ ]{_signature()}:[ ]*+(?:{_COMMENT})?\n", re.DOTALL)
_ON_ONE_LINE = re.compile(rf"{_DEF}{_signature()}:[ ]*+(?![\n#])", re.DOTALL)


def is_compiled(path: str, size: int) -> bool:
    """Whether an interpreter of this version has compiled the installed file *path* of *size* bytes as it is now."""
    if not any(part in path for part in _INSTALLED):
        return False
    try:
        changed = int(os.stat(path).st_mtime)
        with open(importlib.util.cache_from_source(path), "rb") as file:
            header = file.read(_HEADER)
    except (OSError, NotImplementedError, ValueError):
        return False
    numbers = (0, changed & 0xFFFF_FFFF, size & 0xFFFF_FFFF)
    return header == importlib.util.MAGIC_NUMBER + b"".join(one.to_bytes(4, "little") for one in numbers)


def skimmed(text: str) -> str:
    """*text* with `pass` on the first and last line of bodies that need no look; as it is where that is not sure."""
    if any(odd in text for odd in _ODD) or _FIRST.match(text) or (_NESTING_TEXTS and _F_STRING.search(text)):
        return text
    whole = text if text.endswith("\n") else text + "\n"
    parts: list[str] = []
    kept = place = 0
    while True:
        place = _match(_BEFORE, whole, place)
        if place >= len(whole):
            return "".join(parts) + whole[kept:]
        if whole[place] != "\n":  # a text that the expressions above do not know
            return text
        head = _HEAD.match(whole, place + 1)
        if head is None and _ON_ONE_LINE.match(whole, place + 1):  # its body, too
            place += 1
            continue
        if head is None:  # a `def` inside it would be taken for one that is not
            return text
        start = _EMPTY_LINES.match(whole, head.end()).end()  # type: ignore[union-attr]  # it matches nothing, too
        body = _body(len(head[1])).match(whole, start)
        if body is None or _goes_on(whole, body.end(), len(head[1])):
            return text
        place = body.end() - 1
        if _TELLING.search(whole, start, body.end()) is None:
            indent = body[1]
            lines = whole.count("\n", start, body.end()) - 1
            parts += (whole[kept:start], indent, "pass", "\n" * lines, f"{indent}pass" if lines else "")
            kept = place


def _match(pattern: re.Pattern[str], text: str, place: int) -> int:
    found = pattern.match(text, place)
    return found.end() if found is not None else len(text)


@lru_cache(maxsize=64)
def _body(indent: int) -> re.Pattern[str]:
    """The lines below a `def` that is indented so far; those at their end that are empty are not among them."""
    further = rf"[ ]{{{indent + 1},}}+(?![ \n#])"
    return re.compile(rf"({further}){_LINE}(?:(?:{_EMPTY})*+{further}{_LINE})*+", re.DOTALL)


def _goes_on(text: str, place: int, indent: int) -> bool:
    """Whether the next line that is not empty is further to the right than *indent*: the body goes on."""
    place = _match(_EMPTY_LINES, text, place)
    return text.startswith(" " * (indent + 1), place)
