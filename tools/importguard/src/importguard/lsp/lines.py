"""Where the lines of a saved file are in a text that an editor has changed since. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

_MOST_LINES = 2_000  # between the first and the last difference


def moved(saved: str, now: str) -> dict[int, int]:
    """Each line of *saved* that *now* has unchanged, and its line there; both from 1."""
    if saved == now:
        return {line: line for line in range(1, saved.count("\n") + 2)}
    before, after = saved.split("\n"), now.split("\n")
    shorter = min(len(before), len(after))
    head = next((at for at in range(shorter) if before[at] != after[at]), shorter)
    tail = next((at for at in range(shorter - head) if before[-1 - at] != after[-1 - at]), shorter - head)
    found = {line: line for line in range(1, head + 1)}
    found |= {len(before) - at: len(after) - at for at in range(tail)}
    middle, other = before[head : len(before) - tail], after[head : len(after) - tail]
    if len(middle) <= _MOST_LINES and len(other) <= _MOST_LINES:
        matcher = difflib.SequenceMatcher(None, middle, other, autojunk=False)
        for block in matcher.get_matching_blocks():
            found |= {head + block.a + step + 1: head + block.b + step + 1 for step in range(block.size)}
    return found


def differences(before: str, after: str) -> Iterator[tuple[int, int, str]]:
    """The edits that make *after* of *before*: first line, line after the last (both from 0), the new text."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for kind, start, end, into, until in matcher.get_opcodes():
        if kind != "equal":
            yield start, end, "".join(new[into:until])
