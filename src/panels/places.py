"""The table of dockable windows: title, dock space, and how each panel is made.

Panels that the first frame does not show are imported when they are first shown: a millisecond or two less before it.
The class is asked of its module each time, because hot reload puts another one there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from imgui_bundle import imgui

from src.panels import composer, context, discussion, request
from src.value import Value

if TYPE_CHECKING:
    from src.panels.panel_guard import Drawable
    from src.window.protocol import Window


class Place(Value):
    """A panel's title, the dock space it starts in, what makes it, and whether it is open at first."""

    title: str
    space: str
    make: Callable[[Window], Drawable]
    is_open: bool = True


def _approvals(window: Window) -> Drawable:
    from src.panels.approvals import ApprovalsPanel

    return ApprovalsPanel(window)


def _startup(window: Window) -> Drawable:
    from src.panels.startup import StartupPanel

    return StartupPanel(window)


def _log(window: Window) -> Drawable:
    from src.panels.log import LogPanel

    return LogPanel(window)


def _library(window: Window) -> Drawable:
    from src.panels.library import LibraryPanel

    return LibraryPanel(window)


def _spending(window: Window) -> Drawable:
    from src.panels.spending import SpendingPanel

    return SpendingPanel(window)


def _changes(window: Window) -> Drawable:
    from src.panels.changes import ChangesPanel

    return ChangesPanel(window)


def _compare(window: Window) -> Drawable:
    from src.panels.compare import ComparePanel

    return ComparePanel(window)


def _settings(window: Window) -> Drawable:
    from src.panels.settings import SettingsPanel

    return SettingsPanel(window)


MAIN, LEFT, RIGHT, BELOW, FLOATING = "MainDockSpace", "LeftSpace", "RightSpace", "BelowSpace", ""
PLACES = (
    Place("Discussion", MAIN, lambda window: discussion.DiscussionPanel(window)),  # noqa: PLW0108
    Place("Composer", BELOW, lambda window: composer.ComposerPanel(window)),  # noqa: PLW0108
    Place("Context", LEFT, lambda window: context.ContextPanel(window)),  # noqa: PLW0108
    Place("Request", RIGHT, lambda window: request.RequestPanel(window)),  # noqa: PLW0108
    Place("Approvals", RIGHT, _approvals),
    Place("Startup", RIGHT, _startup),
    Place("Log", RIGHT, _log),
    Place("Settings", FLOATING, _settings, False),
    Place("Discussions", LEFT, _library),
    Place("Spending", RIGHT, _spending, False),
    Place("Compare", MAIN, _compare, False),
    Place("Changes", RIGHT, _changes, False),
)
FIRST = ("Discussion", "Composer", "Context", "Request")  # what the first frame shows
SPLITS = ((LEFT, imgui.Dir.left, 0.21), (RIGHT, imgui.Dir.right, 0.36), (BELOW, imgui.Dir.down, 0.25))
NARROW_SPLITS = ((BELOW, imgui.Dir.down, 0.34),)  # one column
