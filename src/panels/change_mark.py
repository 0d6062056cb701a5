"""The mark of a file, or of a folder with one below it, that is not as in the last commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgui_bundle import imgui

from src import theme_2
from src.tools.visible import visible_line

if TYPE_CHECKING:
    from src.project.git_changes import Change

MAX_LINE = 1_000  # characters of a line that are shown
BELOW = "\u2022"  # some file below a folder


def draw(change: Change | None) -> None:
    """The mark and the place for what follows; None is a folder."""
    imgui.text_colored(shade(change), change.letter if change is not None else BELOW)
    imgui.same_line()


def shade(change: Change | None) -> imgui.ImVec4:
    """The colour of a change."""
    colours = theme_2.colours()
    how = change.how if change is not None else ""
    return {"new": colours.ready, "deleted": colours.failed, "conflict": colours.failed}.get(how, colours.busy)


def draw_line(line: str) -> None:
    """One line of a difference, in the colour of what it says."""
    colours = theme_2.colours()
    shades = {"+": colours.ready, "-": colours.failed, " ": colours.text}
    is_head = line.startswith(("+++", "---"))
    shown = visible_line(line[:MAX_LINE])
    imgui.text_colored(colours.muted if is_head else shades.get(line[:1], colours.muted), shown or " ")
