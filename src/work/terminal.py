"""What may be printed on a terminal: text, and nothing that a terminal obeys. Standard library only.

Names of files, what a provider says and what is on the command line may hold escapes that retitle the window, clear
it, or fill the clipboard.
"""

from __future__ import annotations

import sys
from typing import TextIO


def harmless(text: str) -> str:
    """*text* with each character that is not shown replaced, but for line ends and tabs."""
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() or letter in "\n\t" else "\N{REPLACEMENT CHARACTER}"
        for letter in text.replace("\r\n", "\n")
    )


def say(text: str, file: TextIO | None = None) -> None:
    """Prints a line of *text*, made harmless, on standard error or in *file*."""
    print(harmless(text), file=file or sys.stderr, flush=True)
