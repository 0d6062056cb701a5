"""Approvals: what the model wants to do, in full, and the buttons that let it or do not, which are always on screen.

While nothing waits: which tools the model may use at all, and the edits that were made, each to be taken back.
"""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from imgui_bundle import hello_imgui, imgui, rich_md
from imgui_bundle import icons_fontawesome_6 as icons

from src import theme_2
from src.tools import catalog
from src.window import controls

if TYPE_CHECKING:
    from src.app_controller import AppController
    from src.tools.approvals import Approval
    from src.window.protocol import Window

MAX_LINES = 5_000
MAX_TIP = 2_000


class ApprovalsPanel:
    """The lines of the approval that is shown, split once."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self.area = imgui.ImVec4(0, 0, 0, 0)  # left, top, right, bottom: notices stay out of it while something waits
        self._lines: tuple[object, list[str]] = (None, [])

    def draw(self, controller: AppController) -> None:
        """One frame."""
        waiting = controller.approvals.snapshot()
        first_corner, size = imgui.get_window_pos(), imgui.get_window_size()
        here = imgui.ImVec4(first_corner.x, first_corner.y, first_corner.x + size.x, first_corner.y + size.y)
        self.area = here if waiting else imgui.ImVec4(0, 0, 0, 0)
        if not waiting:
            controls.draw_muted("Nothing waits for you. What a model wants to change or run is shown here first.")
            self._draw_tools(controller)
            self._draw_edits(controller)
            return
        first = waiting[0]
        self._draw_head(first, len(waiting))
        below = imgui.get_frame_height_with_spacing() + imgui.get_style().item_spacing.y
        self._draw_detail(first, below)
        self._draw_buttons(controller, first)

    def _draw_tools(self, controller: AppController) -> None:
        controls.draw_title("Tools in this discussion")
        chosen = controller.discussion.snapshot().tools
        for name in catalog.NAMES:
            title, what = catalog.WORDS[name]
            changed, wanted = imgui.checkbox(f"{title}###{name}", name in chosen)
            imgui.set_item_tooltip(f"{what}\nThe model knows it as {name}.")
            if changed:
                names = (*chosen, name) if wanted else tuple(one for one in chosen if one != name)
                self._window.attempt(partial(controller.discussion.set_tools, names))

    def _draw_edits(self, controller: AppController) -> None:
        edits = controller.edits.snapshot()
        if edits:
            controls.draw_title("Edits that were made")
        for edit in edits:
            imgui.push_id(edit.id)
            if imgui.small_button(f"Undo###undo{edit.id}"):
                controller.edits.undo(edit.id)
            imgui.same_line()
            imgui.text_unformatted(edit.title)
            imgui.set_item_tooltip(edit.diff[:MAX_TIP])
            imgui.pop_id()

    def _draw_head(self, approval: Approval, count: int) -> None:
        word = "An edit" if approval.kind == "edit" else "A command"
        more = f", the first of {count}" if count > 1 else ""
        imgui.text_colored(theme_2.colours().busy, f"{icons.ICON_FA_TRIANGLE_EXCLAMATION}  {word} waits for you{more}")
        imgui.text_wrapped(approval.title)
        controls.draw_muted(f"No answer in {max(0.0, approval.deadline_s - time.time()):.0f} s means no.")

    def _draw_detail(self, approval: Approval, below: float) -> None:
        if self._lines[0] != approval.id:
            self._lines = (approval.id, approval.detail.split("\n")[:MAX_LINES])
        lines = self._lines[1]
        height = max(hello_imgui.em_size(3), imgui.get_content_region_avail().y - below)
        flags = imgui.WindowFlags_.horizontal_scrollbar.value
        if imgui.begin_child("detail", imgui.ImVec2(0, height), imgui.ChildFlags_.borders.value, flags):
            font = rich_md.get_code_font()
            imgui.push_font(font.font, font.size)
            clipper = imgui.ListClipper()
            clipper.begin(len(lines))
            while clipper.step():
                for number in range(clipper.display_start, clipper.display_end):
                    _draw_line(lines[number], is_diff=approval.kind == "edit")
            imgui.pop_font()
        imgui.end_child()

    def _draw_buttons(self, controller: AppController, approval: Approval) -> None:
        size = imgui.ImVec2(hello_imgui.em_size(8), 0)
        if controls.draw_primary_button(f"{icons.ICON_FA_CHECK}  Approve###approve", size):
            controller.approvals.approve(approval.id)
        imgui.same_line()
        if imgui.button(f"{icons.ICON_FA_XMARK}  Deny###deny", size):
            controller.approvals.deny(approval.id)


def _draw_line(line: str, *, is_diff: bool) -> None:
    colours = theme_2.colours()
    shade = colours.text
    if is_diff and line.startswith(("+++", "---", "@@")):
        shade = colours.muted
    elif is_diff and line.startswith("+"):
        shade = colours.ready
    elif is_diff and line.startswith("-"):
        shade = colours.failed
    imgui.push_style_color(imgui.Col_.text, shade)
    imgui.text_unformatted(line or " ")
    imgui.pop_style_color()
