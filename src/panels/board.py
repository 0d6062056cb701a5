"""The panels of the window: made when first wanted, docked or floating. What a panel raises is shown in that panel.

Main thread only. hello_imgui opens, closes and moves the docked ones.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from imgui_bundle import hello_imgui, imgui

from src.panels.docked_sizes import DockedSizes
from src.panels.panel_guard import PanelGuard
from src.panels.places import BELOW, FIRST, MAIN, NARROW_SPLITS, PLACES, SPLITS
from src.window.focus import bring_to_front, scroll_to_tab

if TYPE_CHECKING:
    from src.app_controller import AppController
    from src.panels.floating import Floating
    from src.panels.panel_guard import Drawable
    from src.panels.places import Place
    from src.window.protocol import Window

# The layouts: one column where three find no room. hello_imgui keeps what the user makes of each.
WIDE, NARROW = "Default", "Narrow"
NARROW_BELOW, WIDE_FROM = 44.0, 48.0  # em; between them the window stays as it is
SETTLED = 3  # frames in which the panel stays in front, so that one that was to come there first does not cover it


class Board:
    """The panels that were made, by title. *is_shown*: the first frame has been drawn."""

    def __init__(self, controller: AppController, window: Window, is_shown: Callable[[], bool]) -> None:
        self._controller = controller
        self._window = window
        self._is_shown = is_shown
        self.made: dict[str, Drawable] = {}
        self._guards = {place.title: PanelGuard(place.title) for place in PLACES}
        self._floating: dict[str, Floating] = {}
        self._rises = self._fronts = 0
        self._scrolled_for: tuple[float, float] = (0.0, 0.0)
        self._scrolls = 0
        self._followed: tuple[str, int] | None = None
        self._sizes = DockedSizes()

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
        self._fronts = 0  # what is asked for last is in front
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

    def set_up(self, params: hello_imgui.RunnerParams) -> None:
        """Docks the panels as at first, in each of the two layouts."""
        self._dock(params.docking_params, SPLITS, {place.title: place.space for place in PLACES})
        narrow = hello_imgui.DockingParams()
        narrow.layout_name = NARROW
        spaces = {place.title: place.space and (BELOW if place.space == BELOW else MAIN) for place in PLACES}
        self._dock(narrow, NARROW_SPLITS, spaces)
        params.alternative_docking_layouts = [narrow]
        params.remember_selected_alternative_layout = False  # the width says which

    def follow_width(self) -> bool:
        """Takes the layout that the window has room for; larger text needs a wider one. True while it comes.

        Inside a frame. The discussion is in front then; what had the keyboard has to be given it again.
        """
        self._scroll_tabs()
        wide = imgui.get_main_viewport().size.x / hello_imgui.em_size(1)
        is_narrow = hello_imgui.current_layout_name() == NARROW
        if wide >= WIDE_FROM if is_narrow else 0 < wide < NARROW_BELOW:  # a window that is put away has no width
            hello_imgui.switch_layout(WIDE if is_narrow else NARROW)
            self._rises = SETTLED
            return True
        if not self._rises:
            if self._is_shown():
                self._sizes.follow(hello_imgui.current_layout_name())
            return False
        hello_imgui.request_refresh()
        if bring_to_front("Discussion"):
            self._rises -= 1
        return True

    def _scroll_tabs(self) -> None:
        """Brings the tab that is in front of each row into its visible part, where another width put it out of it."""
        size = (imgui.get_main_viewport().size.x, hello_imgui.em_size(1))
        if size != self._scrolled_for:
            self._scrolled_for, self._scrolls = size, SETTLED
        if self._scrolls and self._is_shown():
            self._scrolls -= 1
            hello_imgui.request_refresh()
            for place in PLACES:
                scroll_to_tab(place.title)

    def follow_discussion(self) -> None:
        """Brings the discussion to the front when another one is opened, or an answer is asked for.

        Inside a frame. Who has the keyboard keeps it.
        """
        followed = (self._controller.discussion.snapshot().name, self._controller.snapshot().asked)
        if self._followed not in (None, followed):
            self._fronts = SETTLED
        self._followed = followed
        if self._fronts:
            hello_imgui.request_refresh()
            if bring_to_front("Discussion"):
                self._fronts -= 1

    def _dock(
        self,
        params: hello_imgui.DockingParams,
        splits: tuple[tuple[str, imgui.Dir, float], ...],
        spaces: dict[str, str],
    ) -> None:
        is_narrow = params.layout_name == NARROW
        quiet = imgui.internal.DockNodeFlagsPrivate_.no_close_button.value
        params.main_dock_space_node_flags |= quiet
        # Tabs often find no room: a button beside them lists all panels. The composer is alone.
        listless = imgui.internal.DockNodeFlagsPrivate_.no_window_menu_button.value
        alone = imgui.internal.DockNodeFlagsPrivate_.no_tab_bar.value if is_narrow else listless
        params.docking_splits = [
            hello_imgui.DockingSplit(MAIN, *split, quiet | (alone if split[0] == BELOW else 0)) for split in splits
        ]
        params.dockable_windows = [self._dockable(place, spaces[place.title]) for place in PLACES if place.space]

    def _dockable(self, place: Place, space: str) -> hello_imgui.DockableWindow:
        window = hello_imgui.DockableWindow(place.title, space, partial(self._draw, place.title), place.is_open)
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
