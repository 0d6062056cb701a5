"""Patterns over texts of any size, a slice at a time, so that no call holds the interpreter for longer than a frame.

`re` counts no steps and lets no other thread run before it is done. Guarantee: `find` hands every thread its turn after
each `SLICE` characters. A pattern must not match more than `MARGIN` characters; tests hold each pattern to that.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

SLICE = 32_768
MARGIN = 16_384
compiled = functools.cache(re.compile)  # when first used: the start of the program needs none


def find(pattern: str, text: str, start: int = 0) -> Iterator[re.Match[str]]:
    """The matches of *pattern* in *text* from *start* on, in order, none over another."""
    program = compiled(pattern)
    at = start
    while at < len(text):
        end = at + SLICE
        last = at
        for found in program.finditer(text, at, end + MARGIN):
            if found.start() >= end:
                break
            last = found.end()
            yield found
        at = max(end, last)
