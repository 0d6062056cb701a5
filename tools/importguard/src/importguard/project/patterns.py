"""Lines of a `.gitignore`, or patterns of that kind in a configuration, matched as git does and in linear time. Pure.

Patterns may be a stranger's, and `re` tries again wherever it may: `*a*a*a*a*b` on one long name runs without end.
Here each star but the last of a name takes the shortest run that what follows it allows and never gives it back, which
finds every match there is: a longer run leaves the rest less to match in. docs/decisions/0012-own-patterns.md
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

MAX_LINES = 5_000
MAX_PATTERN = 4_096  # characters: no path is longer
_SPECIAL = re.escape


class _Line(NamedTuple):
    """A pattern: whether it spares, is for folders alone, names a path from the top; and what it matches."""

    spares: bool
    folders: bool
    from_top: bool
    matches: re.Pattern[str]


class Patterns:
    """The patterns in *lines*; more than `MAX_LINES` are not looked at, and one that no path can match is none."""

    def __init__(self, lines: Iterable[str]) -> None:
        read = (_read(line) for _, line in zip(range(MAX_LINES), lines, strict=False))
        self._lines = tuple(line for line in read if line is not None)[::-1]

    @staticmethod
    @lru_cache(16)
    def of(lines: tuple[str, ...]) -> Patterns:
        """The patterns in *lines*; the same while these are."""
        return Patterns(lines)

    @staticmethod
    def strict(lines: Iterable[str]) -> Patterns:
        """The patterns in *lines*, none of which was written in vain. Raises ValueError."""
        listed = tuple(lines)
        if len(listed) > MAX_LINES:
            raise ValueError(f"there are more than {MAX_LINES:,}")
        for line in listed:
            if len(line) > MAX_PATTERN:
                raise ValueError(f"is longer than {MAX_PATTERN:,} characters: {line[:40]}…")
            if _read(line) is None and line.strip() and not line.startswith("#"):
                raise ValueError(f"no path can match {line}")
        return Patterns(listed)

    def takes(self, path: str) -> bool:
        """The last pattern that is about *path* takes it."""
        return bool(self.decide(path))

    def decide(self, path: str) -> bool | None:
        """True when *path* is taken, False when it is spared, None when no pattern is about it. A folder ends with `/`.

        The last pattern that matches decides, and what is in a folder that is taken is taken.
        """
        if not self._lines:
            return None
        parts = path.rstrip("/").split("/")
        for count in range(1, len(parts)):
            if self._last("/".join(parts[:count]), parts[count - 1], is_folder=True):
                return True
        return self._last("/".join(parts), parts[-1], is_folder=path.endswith("/"))

    def _last(self, path: str, name: str, *, is_folder: bool) -> bool | None:
        for line in self._lines:
            if (is_folder or not line.folders) and line.matches.fullmatch(path if line.from_top else name):
                return not line.spares
        return None


def _read(line: str) -> _Line | None:
    text = line.rstrip("\r\n")
    while text.endswith(" ") and not text.endswith("\\ "):
        text = text[:-1]
    if not text or text.startswith("#"):
        return None
    spares = text.startswith("!")
    text = text[1:] if spares else text
    folders = text.endswith("/")
    text = text[:-1] if folders else text
    if not text.strip("/") or len(text) > MAX_PATTERN:
        return None
    from_top = "/" in text
    pattern = _path(text.removeprefix("/").split("/"))
    return _Line(spares, folders, from_top, pattern) if pattern is not None else None


def _path(names: list[str]) -> re.Pattern[str] | None:
    """The pattern of a path; `**` stands for any number of folders. None for one that matches nothing."""
    groups: list[list[str]] = [[]]
    for name in names:
        if name == "**" and len(names) > 1:
            if groups[-1] or len(groups) == 1:
                groups.append([])
        else:
            groups[-1].append(name)
    written = []
    for number, group in enumerate(groups):
        parts = [_name(name) for name in group]
        if any(part is None for part in parts):
            return None
        body = "/".join(part for part in parts if part is not None)
        if number == 0:
            written.append(body + ("/" if body and len(groups) > 1 else ""))
        elif not group:  # at the end: all that is inside
            written.append(r".+")
        elif number < len(groups) - 1:
            written.append(rf"(?>(?:[^/]++/)*?{body}/)")
        else:
            written.append(rf"(?:[^/]++/)*?{body}")
    return re.compile("".join(written), re.DOTALL)


def _name(name: str) -> str | None:
    """The pattern of one name in a path. None for one that matches nothing."""
    pieces: list[str] = [""]
    at = 0
    while at < len(name):
        letter = name[at]
        at += 1
        if letter == "*":
            if pieces[-1] or len(pieces) == 1:
                pieces.append("")
        elif letter == "?":
            pieces[-1] += "[^/]"
        elif letter == "[":
            found = _set(name, at)
            if found is None:
                return None
            written, at = found
            pieces[-1] += written
        elif letter == "\\":
            if at == len(name):
                return None
            pieces[-1] += _SPECIAL(name[at])
            at += 1
        else:
            pieces[-1] += _SPECIAL(letter)
    first, *rest = pieces
    if not rest:
        return first
    *middle, last = rest
    return first + "".join(rf"(?>[^/]*?{piece})" for piece in middle) + rf"[^/]*{last}"


_CLASSES = {"alpha": "a-zA-Z", "digit": "0-9", "alnum": "a-zA-Z0-9", "upper": "A-Z", "lower": "a-z", "space": r"\s",
            "xdigit": "0-9a-fA-F", "punct": r"!-/:-@\[-`{-~", "blank": r" \t"}  # fmt: skip


def _set(name: str, at: int) -> tuple[str, int] | None:
    """The pattern of the set of characters that begins before *at*, and where it has ended. None when it never does."""
    negated = name[at : at + 1] in ("!", "^")
    at += negated
    written, first = "", True
    while at < len(name) and (first or name[at] != "]"):
        first = False
        if name.startswith("[:", at) and (end := name.find(":]", at)) >= 0:
            inner = _CLASSES.get(name[at + 2 : end])
            if inner is None:
                return None
            written, at = written + inner, end + 2
            continue
        low, at = _letter(name, at)
        high = low
        if name[at : at + 1] == "-" and name[at + 1 : at + 2] not in ("", "]"):
            high, at = _letter(name, at + 1)
        if low <= high:
            written += _SPECIAL(low) + (f"-{_SPECIAL(high)}" if high != low else "")
    if at >= len(name):
        return None
    if not written:
        return (r"[^/]", at + 1) if negated else None
    return rf"(?!/)[{'^' if negated else ''}{written}]", at + 1


def _letter(name: str, at: int) -> tuple[str, int]:
    return (name[at + 1], at + 2) if name[at] == "\\" and at + 1 < len(name) else (name[at], at + 1)
