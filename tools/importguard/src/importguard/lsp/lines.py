"""Where the lines of a saved file are in a text that an editor has changed since. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

_MOST_LINES = 20_000


def moved(saved: str, now: str) -> dict[int, int]:
    """Each line of *saved* that *now* has unchanged, and its line there; both from 1. Nothing of a huge file."""
    if saved == now:
        return {line: line for line in range(1, saved.count("\n") + 2)}
    before, after = saved.split("\n"), now.split("\n")
    if len(before) > _MOST_LINES or len(after) > _MOST_LINES:
        return {}
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    return {
        block.a + step + 1: block.b + step + 1 for block in matcher.get_matching_blocks() for step in range(block.size)
    }


def differences(before: str, after: str) -> Iterator[tuple[int, int, str]]:
    """The edits that make *after* of *before*: first line, line after the last (both from 0), the new text."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for kind, start, end, into, until in matcher.get_opcodes():
        if kind != "equal":
            yield start, end, "".join(new[into:until])
