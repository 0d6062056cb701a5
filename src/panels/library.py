"""The discussions: all of the folder, pinned ones first; found by their words; renamed, pinned, deleted, exported."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from src import theme_2
from src.window import controls
from src.window.questions import Question

if TYPE_CHECKING:
    from src.app_controller import AppController
    from src.discussion.index import Found
    from src.discussion.listing import DiscussionInfo
    from src.window.protocol import Window


class LibraryPanel:
    """What is searched for."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self.searched = ""
        self._was_shown = -10

    def draw(self, controller: AppController) -> None:
        """One frame."""
        frame = imgui.get_frame_count()
        if frame > self._was_shown + 1:
            controller.discussion.refresh()
        self._was_shown = frame
        new = self._window.commands.find("discussion.new")
        label = f"{icons.ICON_FA_SQUARE_PLUS}  New"
        imgui.set_next_item_width(-controls.width_of_button(label) - imgui.get_style().item_spacing.x)
        changed, self.searched = imgui.input_text_with_hint("###search all", "Search all discussions", self.searched)
        if changed:
            controller.library.search(self.searched)
        imgui.same_line()
        if imgui.button(f"{label}###new discussion") and new is not None:
            self._window.commands.run_command(new)
        if self.searched.strip():
            self._draw_found(controller)
        else:
            self._draw_all(controller)

    def _draw_found(self, controller: AppController) -> None:
        state = controller.library.snapshot()
        if state.is_searching:
            controls.draw_working("Looking through all discussions")
        elif not state.found:
            controls.draw_muted("No discussion has these words.")
        titles = {one.name: one.title for one in controller.discussion.snapshot().known}
        last = ""
        for number, one in enumerate(state.found):
            if one.name != last:
                last = one.name
                controls.draw_title(controls.shown(titles.get(one.name) or one.name))
            if imgui.selectable(f"{controls.shown(one.excerpt)}###found{number}", False)[0]:
                self._go_to(controller, one)

    def _go_to(self, controller: AppController, found: Found) -> None:
        """Opens the discussion at the turn that was found."""

        def show(_: object = None) -> None:
            self._window.attempt(lambda: controller.discussion.switch(found.turn_id))
            self._window.turns.chosen = found.turn_id

        if found.name == controller.discussion.snapshot().name:
            show()
        else:
            controller.discussion.open(found.name).add_done_callback(show)

    def _draw_all(self, controller: AppController) -> None:
        state = controller.discussion.snapshot()
        if not state.known:
            controls.draw_muted("What you write is kept here from the first message on.")
        shown = imgui.begin_child("all discussions")
        if shown:
            clipper = imgui.ListClipper()
            clipper.begin(len(state.known))
            while clipper.step():
                for number in range(clipper.display_start, clipper.display_end):
                    self._draw_row(controller, state.known[number], is_open=state.known[number].name == state.name)
        imgui.end_child()

    def _draw_row(self, controller: AppController, info: DiscussionInfo, *, is_open: bool) -> None:
        imgui.push_id(info.name)
        colours = theme_2.colours()
        shade = colours.accent if info.pinned else theme_2.vector(theme_2.current().palette.muted, 0.35)
        imgui.push_style_color(imgui.Col_.text, shade)
        if controls.draw_icon_button(icons.ICON_FA_THUMBTACK, "pin", "Unpin" if info.pinned else "Keep at the top"):
            controller.library.pin(info.name, not info.pinned)
        imgui.pop_style_color()
        imgui.same_line()
        menu = controls.width_of_button(icons.ICON_FA_ELLIPSIS)
        room = imgui.get_content_region_avail().x - menu - imgui.get_style().item_spacing.x
        title = controls.fit(controls.shown(info.title or info.name), room)
        if imgui.selectable(f"{title}###open", is_open, 0, imgui.ImVec2(room, 0))[0]:
            controller.discussion.open(info.name)
        when = time.strftime("%d %b %Y %H:%M", time.localtime(info.modified))
        imgui.set_item_tooltip(f"{controls.shown(info.title or info.name)}\n{when}, {info.size / 1024:,.0f} KB")
        imgui.same_line()
        if controls.draw_icon_button(icons.ICON_FA_ELLIPSIS, "more", "Rename, delete"):
            imgui.open_popup("what to do")
        if imgui.begin_popup("what to do"):
            self._draw_actions(controller, info)
            imgui.end_popup()
        imgui.pop_id()

    def _draw_actions(self, controller: AppController, info: DiscussionInfo) -> None:
        if imgui.menu_item("Rename...###rename", "", False)[0]:
            rename = partial(controller.library.rename, info.name)
            self._window.ask(Question("Rename the discussion", "", "Rename", rename, info.title))
        if imgui.menu_item("Delete###delete", "", False)[0]:
            controller.library.delete(info.name)
