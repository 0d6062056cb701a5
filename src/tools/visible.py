"""Text as somebody has to see it before it is allowed: nothing in it can hide. Pure."""

from __future__ import annotations

from itertools import groupby

SPACE = "\N{MIDDLE DOT}"
MANY = 8  # spaces in a row that are all shown
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\"}


def visible(text: str) -> str:
    """*text* on one line, so that no two texts look alike.

    A backslash is doubled, and what prints nothing is escaped as in JSON. A space at an end or beside another, where it
    could be overlooked, is a dot; a long run of them says how many.
    """
    runs = [(is_space, "".join(run)) for is_space, run in groupby(text, lambda one: one == " ")]
    last = len(runs) - 1
    return "".join(
        _spaces(len(run), at_end=at in (0, last)) if is_space else "".join(map(_letter, run))
        for at, (is_space, run) in enumerate(runs)
    )


def visible_line(line: str) -> str:
    """A line of a file as `visible` has it, but for its spaces and backslashes, which a file has everywhere."""
    return "".join(one if one == "\\" else "    " if one == "\t" else _letter(one) for one in line)


def _spaces(count: int, *, at_end: bool) -> str:
    if count == 1 and not at_end:
        return " "
    return SPACE * count if count <= MANY else f"{SPACE * 3}\\[{count} spaces]{SPACE * 3}"


def _letter(letter: str) -> str:
    if letter in _SHORT:
        return _SHORT[letter]
    if letter.isprintable() and letter != SPACE:
        return letter
    return f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08x}"
