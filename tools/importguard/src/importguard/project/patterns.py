"""Patterns as in a `.gitignore`, matched in the time of pattern and path together, whatever they are.

pathspec says what a pattern means, as a regular expression. Python's `re` tries all ways in which the wildcards of one
may share a text, which a hostile text can make endless. Here it has one way each: every wildcard but the last takes
as little as will do, and gives nothing back (a later one could not do with less text what it cannot do with more).
"""

from __future__ import annotations

import itertools
import re
import warnings
from collections.abc import Iterable
from typing import Any

from pathspec import GitIgnoreSpec
from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

MAX_LENGTH = 1000  # of a pattern
_TOKEN = re.compile(
    r"(?P<first_gap>\^\(\?:\.\+/\)\?)|(?P<gap>\(\?:/\.\+\)\?/)|(?P<whole>\[\^/\]\+)|(?P<star>(?:\[\^/\]\*)+)"
    r"|(?P<end>\(\?:\(\?P<\w+>/\)\|\$\)\Z|\(\?P<\w+>/\)\Z|\$\Z|/\Z)|(?P<start>\^)|(?P<slash>/)"
    r"|(?P<item>\\.|\[\^/\]|\[\^?\]?[^\]]*\]|[^\\\[\]()^$|/?*+{}.])",
    re.DOTALL,
)
_SEGMENT = "[^/]*"


def compiled(lines: Iterable[str]) -> GitIgnoreSpec:
    """What the patterns in *lines* take. Raises ValueError and re.error for one that is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what `re` may once read otherwise
        return GitIgnoreSpec.from_lines(lines, _LinearPattern, backend="simple")


class _LinearPattern(GitIgnoreSpecPattern):
    @classmethod
    def pattern_to_regex(cls, pattern: Any) -> tuple[Any, bool | None]:
        """The regular expression, and whether it takes what it fits or spares it."""
        if len(pattern) > MAX_LENGTH:
            raise ValueError(f"is longer than {MAX_LENGTH:,} characters: {pattern[:40]}…")
        regex, include = super().pattern_to_regex(pattern)
        return (regex if regex in {None, ".", "/"} or regex.startswith("(?P<") else linear(regex)), include


def linear(regex: str) -> str:
    """The *regex* that pathspec has made of a pattern, without a choice that costs more than the text's length."""
    out: list[str] = []
    segment: list[str] = []  # the items of the one that is being read
    stars: list[int] = []  # where in it the wildcards stand
    gaps = [match.start() for match in _TOKEN.finditer(regex) if match.lastgroup in {"first_gap", "gap"}]
    is_open = False  # a group that gives nothing back
    place = 0
    while place < len(regex):
        match = _TOKEN.match(regex, place)
        if match is None:
            raise ValueError(f"cannot be matched in bounded time: {regex[place : place + 40]}")
        kind, text = match.lastgroup, match[0]
        place = match.end()
        if kind == "item":
            segment.append(f"(?:(?!/){text})" if text.startswith("[^") and text != "[^/]" else text)  # as git reads it
            continue
        if kind == "star":
            stars.append(len(segment))
            continue
        out.append(_segment(segment, stars))
        segment, stars = [], []
        if kind in {"first_gap", "gap"}:
            out.append(("^" if kind == "first_gap" else "/") if not is_open else "/)" if kind == "gap" else "")
            is_open = match.start() != gaps[-1]
            out.append("(?>(?:[^/]++/)*?" if is_open else "(?:(?s:.+)/)?")
        else:
            out.append("[^/]++" if kind == "whole" else text)
    out.append(_segment(segment, stars))
    return "".join(out)


def _segment(items: list[str], stars: list[int]) -> str:
    """*items*, each of them one character wide, with wildcards before those at *stars*."""
    if not stars:
        return "".join(items)
    bounds = [*dict.fromkeys(stars), len(items)]
    pieces = ["".join(items[: bounds[0]])]
    for start, end in itertools.pairwise(bounds[:-1]):
        pieces.append(f"(?>[^/]*?{''.join(items[start:end])})")
    last = items[bounds[-2] :]
    pieces.append(f"(?=[^/]{{{len(last)}}})[^/]*+(?<={''.join(last)})" if last else "[^/]*+")
    return "".join(pieces)
