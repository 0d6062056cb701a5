"""What the window needs after its first frame: it hears what is dropped onto it, and has all that a text needs.

Warmed: a discussion that is opened would load all of it in the frame that shows its first turn.
"""

from __future__ import annotations

from collections.abc import Callable

from src import (
    markdown_helper,
    markdown_table,  # noqa: F401
)
from src.panels import cache_lines, part_marks, turn_body, turn_head  # noqa: F401
from src.request import sent_files  # noqa: F401
from src.window import (
    dropped,
    markdown_blocks,  # noqa: F401
    markdown_code,  # noqa: F401
)


def begin(on_paths: Callable[[tuple[str, ...]], object]) -> None:
    """Calls *on_paths* with what is dropped from now on, and loads the fonts of texts. On the window's thread."""
    dropped.listen(on_paths)
    markdown_helper.load_fonts()
