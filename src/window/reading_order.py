"""Right-to-left text for a toolkit that draws every letter from left to right: Arabic joined, lines in visual order.

Heavy: arabic_reshaper compiles its tables. The warmup imports this module. Pure: texts in, texts out.
"""

from __future__ import annotations

from collections.abc import Callable

import arabic_reshaper
from bidi import get_display

MAX_LETTERS = 20_000  # of one paragraph; the rest of a longer one is shown as it is


def visual(line: str) -> str:
    """One *line* as it is drawn."""
    shown: str = get_display(arabic_reshaper.reshape(line[:MAX_LETTERS]))
    return shown + line[MAX_LETTERS:]


def lines(paragraph: str, width: float, measure: Callable[[str], float]) -> tuple[str, ...]:
    """*paragraph* broken into lines of at most *width*, each as it is drawn. `measure` knows the width of a text.

    Broken before the letters are put in visual order: else the first words would stand on the last line.
    """
    found: list[str] = []
    for whole in paragraph.split("\n"):
        line, wide = "", 0.0
        for word in whole.split(" "):
            size = measure(f"{word} ")
            if line and wide + size > width:
                found.append(visual(line))
                line, wide = "", 0.0
            line, wide = f"{line} {word}" if line else word, wide + size
        found.append(visual(line))
    return tuple(found)
