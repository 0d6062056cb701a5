"""The panels of the window: made when first wanted, docked or floating. What a panel raises is shown in that panel.

Main thread only. hello_imgui opens, closes and moves the docked ones.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from imgui_bundle import hello_imgui, imgui

from src.panels.panel_guard import PanelGuard
from src.panels.places import FIRST, MAIN, PLACES, SPLITS

if TYPE_CHECKING:
    from src.app_controller import AppController
    from src.panels.floating import Floating
    from src.panels.panel_guard import Drawable
    from src.panels.places import Place
    from src.window.protocol import Window


class Board:
    """The panels that were made, by title. *is_shown*: the first frame has been drawn."""

    def __init__(self, controller: AppController, window: Window, is_shown: Callable[[], bool]) -> None:
        self._controller = controller
        self._window = window
        self._is_shown = is_shown
        self.made: dict[str, Drawable] = {}
        self._guards = {place.title: PanelGuard(place.title) for place in PLACES}
        self._floating: dict[str, Floating] = {}

    @property
    def titles(self) -> tuple[str, ...]:
        """The titles of all panels."""
        return tuple(place.title for place in PLACES)

    @property
    def errors(self) -> dict[str, str]:
        """What stopped a panel, by its title."""
        return {title: guard.error for title, guard in self._guards.items() if guard.error}

    def panel(self, title: str) -> Drawable:
        """The panel, made when it is first wanted."""
        if title not in self.made:
            self.made[title] = next(place for place in PLACES if place.title == title).make(self._window)
        return self.made[title]

    def area(self, title: str) -> imgui.ImVec4 | None:
        """The rectangle that the panel keeps free of notices; None without one."""
        return getattr(self.made.get(title), "area", None)

    def show(self, title: str) -> None:
        """Opens a panel and gives it the keyboard."""
        if not next(place.space for place in PLACES if place.title == title):
            self._floating_panel(title).show()
            return
        window = docking().dockable_window_of_name(title)
        window.is_visible = True
        window.focus_window_at_next_frame = True

    def uncover(self, title: str) -> None:
        """Closes the floating panels that cover the panel *title*."""
        if (area := self.area(title)) is not None:
            for panel in self._floating.values():
                panel.uncover(area)

    def reset(self) -> None:
        """Puts every panel back where it was at first."""
        for panel in self._floating.values():
            panel.is_open = False
        for place in PLACES:
            if place.space:
                docking().dockable_window_of_name(place.title).is_visible = place.is_open
        docking().layout_reset = True

    def renew(self) -> None:
        """Makes every panel again, of the class that its module has now, with the state of the old one."""
        from src.window.hot_reload import carry_over

        for title, old in self.made.items():
            module = sys.modules[type(old).__module__]
            self.made[title] = carry_over(old, getattr(module, type(old).__name__)(self._window))
            self._guards[title].clear()

    def draw_floating(self) -> None:
        """One frame of the panels that are docked nowhere."""
        for panel in self._floating.values():
            panel.draw()

    def set_up(self, params: hello_imgui.DockingParams) -> None:
        """Docks the panels as at first."""
        quiet = imgui.internal.DockNodeFlagsPrivate_.no_window_menu_button.value
        quiet |= imgui.internal.DockNodeFlagsPrivate_.no_close_button.value
        params.main_dock_space_node_flags |= quiet
        params.docking_splits = [
            hello_imgui.DockingSplit(MAIN, name, side, share, quiet) for name, side, share in SPLITS
        ]
        params.dockable_windows = [self._dockable(place) for place in PLACES if place.space]

    def _dockable(self, place: Place) -> hello_imgui.DockableWindow:
        window = hello_imgui.DockableWindow(place.title, place.space, partial(self._draw, place.title), place.is_open)
        window.include_in_view_menu = False
        # A panel that appears by itself takes no keyboard; one that the user goes to gets it from `show`.
        window.imgui_window_flags |= imgui.WindowFlags_.no_focus_on_appearing.value
        return window

    def _floating_panel(self, title: str) -> Floating:
        if title not in self._floating:
            from src.panels.floating import Floating  # none is open at first

            self._floating[title] = Floating(title, partial(self._draw, title))
        return self._floating[title]

    def _draw(self, title: str) -> None:
        if self._is_shown() or title in FIRST:  # imgui draws every tab in its first frame, the hidden ones too
            self._guards[title].draw(self.panel(title), self._controller)


def docking() -> hello_imgui.DockingParams:
    """Where hello_imgui has the docked panels of the window that runs."""
    return hello_imgui.get_runner_params().docking_params
