"""Who has the keyboard: one owner. Every part of the window that wants it asks here. The main thread's alone.

Guarantees
- A question, the palette or a menu keeps the keyboard until it is closed; what wants it meanwhile gets it then.
- What comes by itself, such as an approval, never takes it: its panel comes to the front, and typing goes on.
- What wants the keyboard last gets it, and what is typed until it has it, which takes some frames, goes there.
- The keys of a field that has the keyboard are its own: Escape in the search closes the search and stops no reply.
"""

from __future__ import annotations

from collections.abc import Callable

from imgui_bundle import imgui

from src.window.early_letters import EarlyLetters

COMPOSER, SEARCH = "composer", "search"
TRIES = 6  # frames in which a panel that comes to the front may take the keyboard away again
ANY_POPUP = imgui.PopupFlags_.any_popup_id.value | imgui.PopupFlags_.any_popup_level.value


class Focus:
    """What wants the keyboard, and which field had it in the last frame. *above*: a question or the palette is open."""

    def __init__(self, above: Callable[[], bool]) -> None:
        self._above = above
        self._wanted, self._tries = "", 0
        self._early = {COMPOSER: EarlyLetters(), SEARCH: EarlyLetters()}
        self._field = self._field_before = ""

    @property
    def field(self) -> str:
        """The field that had the keyboard when the last frame was drawn; empty when none had."""
        return self._field_before

    @property
    def last(self) -> str:
        """The field that had it in the frame that is drawn, as far as it is drawn."""
        return self._field

    @property
    def is_taken(self) -> bool:
        """A question, the palette or a menu has the keyboard."""
        return self._above() or imgui.is_popup_open("", ANY_POPUP)

    def begin(self) -> None:
        """A frame begins."""
        self._field_before, self._field = self._field, ""

    def want(self, field: str) -> None:
        """*field* gets the keyboard as soon as nothing above it has it."""
        self._wanted, self._tries = field, TRIES

    def want_again(self) -> None:
        """The panels are laid out anew: the field that had the keyboard, or was to get it, gets it again."""
        if field := self._field_before or self._wanted:
            self.want(field)

    def give(self, field: str) -> None:
        """Gives the keyboard to the next item if *field*, which it is, wants it. Call it before the field is drawn."""
        if self.is_taken:
            self._early[field].forget()
        self._early[field].offer(waits=self._wanted == field and not self.is_taken)
        if self._wanted == field and self._tries and not self.is_taken:
            self._tries -= 1
            if self._tries % 2:  # what is asked for in one frame happens in the next; asked for again it would end it
                imgui.set_keyboard_focus_here()

    def note(self, field: str) -> None:
        """The item drawn last is *field*. Call it after the field is drawn."""
        self._early[field].keep()
        if imgui.is_item_active():
            self._field = field
            if self._wanted == field and self._tries < TRIES:
                self._wanted = ""


def bring_to_front(title: str) -> bool:
    """Shows the tab of the panel *title* and leaves the keyboard where somebody types; True once it is shown.

    Call it until it is. A tab beside it that has the keyboard stays in front as long as somebody types there.
    """
    window = imgui.internal.find_window_by_name(title)
    if window is None or not window.was_active:
        return False
    tabs = window.dock_node.tab_bar if window.dock_node is not None else None
    if tabs is None or tabs.visible_tab_id == window.tab_id:
        return True
    tabs.next_selected_tab_id = window.tab_id
    focused = imgui.get_current_context().nav_window
    is_beside = focused is not None and focused.root_window.dock_id == window.dock_id
    if is_beside and not imgui.get_io().want_text_input:
        imgui.internal.focus_window(window)
    return False


def scroll_to_tab(title: str) -> None:
    """Scrolls the tabs of its row until the panel *title* is in sight, if it is the one in front."""
    window = imgui.internal.find_window_by_name(title)
    tabs = window.dock_node.tab_bar if window is not None and window.dock_node is not None else None
    if tabs is not None and window is not None and tabs.selected_tab_id == window.tab_id:
        tabs.next_selected_tab_id = window.tab_id


def focused_window() -> str:
    """The window that the keys go to, by its title: a popup's, or that of the panel with the keyboard."""
    window = imgui.get_current_context().nav_window
    return window.root_window.name.partition("###")[0].partition("##")[0] if window is not None else ""
