"""Approvals: what the model wants to do, in full, with buttons that allow or refuse it and are always visible.

While nothing waits: which tools the model may use at all, and the edits that were made, each to be taken back.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from imgui_bundle import hello_imgui, imgui, rich_md
from imgui_bundle import icons_fontawesome_6 as icons

from src import theme_2
from src.models.patience import in_words
from src.tools import catalog
from src.tools.visible import visible_line
from src.window import controls
from src.window.flow import Flow

if TYPE_CHECKING:
    from src.app_controller import AppController
    from src.tools.approvals import Approval
    from src.window.protocol import Window

MAX_TIP = 2_000
MAX_HUNKS = 6  # that are seen at once
LAYING_OUT = 3  # frames until it is known how high all of it is
PIECE = 2_000  # characters of one line that are drawn as one row
HEADS = {"edit": "An edit", "command": "A command", "tool": "A call of a server's tool"}
NOTE = "One argument a line. A dot is a space, \\u202e a letter that prints nothing, \\\\ a backslash."


class ApprovalsPanel:
    """The rows of the approval that is shown, made once, and how much of it was on the screen."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self.area = imgui.ImVec4(0, 0, 0, 0)  # left, top, right, bottom: notices stay out of it while something waits
        self._shown: object = None
        self._rows: list[str] = []
        self._flow = Flow()
        self._measured_for = 0.0
        self._is_seen = False
        self._drawn = 0  # how often since it is the one that is shown

    def unseen(self, approval: Approval) -> str:
        """Why *approval* cannot be given yet; empty when all of it was on the screen."""
        if self._shown == approval.id and self._is_seen:
            return ""
        return "not all of it was on the screen yet; scroll to its end in Approvals"

    def draw(self, controller: AppController) -> None:
        """One frame."""
        waiting = controller.approvals.snapshot()
        first_corner, size = imgui.get_window_pos(), imgui.get_window_size()
        here = imgui.ImVec4(first_corner.x, first_corner.y, first_corner.x + size.x, first_corner.y + size.y)
        self.area = here if waiting else imgui.ImVec4(0, 0, 0, 0)
        if not waiting:
            controls.draw_muted("Nothing waits for you. What a model wants to change or run is shown here first.")
            self._draw_tools(controller)
            if controller.server_states():
                from src.panels import server_rows  # when a project names one

                server_rows.draw(controller, self._window)
            self._draw_add()
            self._draw_rules(controller)
            self._draw_edits(controller)
            return
        first = waiting[0]
        self._draw_head(first, len(waiting))
        self._draw_hunks(controller, first)
        below = imgui.get_frame_height_with_spacing() + imgui.get_style().item_spacing.y
        self._draw_detail(first, below)
        self._draw_buttons(controller, first)

    def _draw_add(self) -> None:
        command = self._window.commands.find("server.add")
        if command is not None and not command.refusal() and imgui.button(f"{command.title}###add server"):
            self._window.commands.run_command(command)

    def _draw_tools(self, controller: AppController) -> None:
        controls.draw_title("Tools in this discussion")
        chosen = controller.discussion.snapshot().tools
        for name in catalog.NAMES:
            title, what = catalog.WORDS[name]
            changed, wanted = controls.draw_check(f"{title}###{name}", name in chosen)
            imgui.set_item_tooltip(f"{what}\nThe model knows it as {name}.")
            price = f"~{catalog.tokens_of(name):,} tokens"
            controls.stay_on_line(imgui.calc_text_size(price).x)
            controls.draw_muted(price)
            if changed:
                names = (*chosen, name) if wanted else tuple(one for one in chosen if one != name)
                self._window.attempt(partial(controller.discussion.set_tools, names))

    def _draw_hunks(self, controller: AppController, approval: Approval) -> None:
        """The changes of an edit, each with a tick; one alone is the whole edit."""
        if len(approval.hunks) < 2:
            return
        taken = len(approval.hunks) - len(approval.refused)
        controls.draw_muted(f"{taken} of {len(approval.hunks)} changes are made; the model is told which are not.")
        high = min(len(approval.hunks), MAX_HUNKS) * imgui.get_frame_height_with_spacing()
        if imgui.begin_child("hunks", imgui.ImVec2(0, high)):
            for number, title in enumerate(approval.hunks):
                if controls.draw_check(f"{number + 1}. {title}###hunk{number}", number not in approval.refused)[0]:
                    controller.approvals.toggle(approval.id, number)
        imgui.end_child()

    def _draw_rules(self, controller: AppController) -> None:
        rules = controller.rules()
        if not rules:
            return
        controls.draw_title("Commands that ask no more in this project")
        for number, rule in enumerate(rules):
            imgui.push_id(number)
            if imgui.small_button("Ask again"):
                controller.revoke_command(rule)
            imgui.same_line()
            imgui.text_unformatted(controls.fit_here(shlex.join(rule) + " ..."))
            imgui.pop_id()

    def _draw_edits(self, controller: AppController) -> None:
        edits = controller.edits.snapshot()
        if edits:
            controls.draw_title("Edits that were made")
        for edit in edits:
            imgui.push_id(edit.id)
            if imgui.small_button(f"Undo###undo{edit.id}"):
                controller.edits.undo(edit.id)
            imgui.same_line()
            imgui.text_wrapped(edit.title)
            imgui.set_item_tooltip(edit.diff[:MAX_TIP])
            imgui.pop_id()

    def _draw_head(self, approval: Approval, count: int) -> None:
        word = HEADS[approval.kind]
        more = f", the first of {count}" if count > 1 else ""
        imgui.text_colored(theme_2.colours().busy, f"{icons.ICON_FA_TRIANGLE_EXCLAMATION}  {word} waits for you{more}")
        imgui.text_wrapped(approval.title)
        if approval.kind != "edit":
            controls.draw_muted(NOTE)
        controls.draw_muted(f"No answer in {in_words(approval.deadline_s - time.time())} means no.")

    def _draw_detail(self, approval: Approval, below: float) -> None:
        if self._shown != approval.id:
            self._shown, self._is_seen, self._drawn = approval.id, False, 0
            self._rows = list(_rows(approval))
            self._flow.clear()
        height = max(hello_imgui.em_size(3), imgui.get_content_region_avail().y - below)
        if imgui.begin_child("detail", imgui.ImVec2(0, height), imgui.ChildFlags_.borders.value):
            font = rich_md.get_code_font()
            imgui.push_font(font.font, font.size)
            width, line = imgui.get_content_region_avail().x, imgui.get_text_line_height_with_spacing()
            if width != self._measured_for:
                self._measured_for = width
                self._flow.clear()
            per_line = max(8.0, width / (imgui.get_font_size() * 0.55))
            self._flow.resize(len(self._rows), lambda number: line * (1 + len(self._rows[number]) // per_line))
            is_diff = approval.kind == "edit"
            self._flow.draw(lambda number: _draw_line(self._rows[number], is_diff=is_diff))
            imgui.pop_font()
            self._drawn += 1
            if self._drawn == 1:
                imgui.set_scroll_y(0)
            elif self._drawn > LAYING_OUT and imgui.get_scroll_y() >= imgui.get_scroll_max_y() - 1:
                self._is_seen = True
        imgui.end_child()

    def _draw_buttons(self, controller: AppController, approval: Approval) -> None:
        commands, always = self._window.commands, "Always...###always"
        may_always = bool(approval.argv or approval.tool)
        gap = imgui.get_style().item_spacing.x
        free = imgui.get_content_region_avail().x - (controls.width_of_button(always) + gap if may_always else 0)
        size = imgui.ImVec2(min(hello_imgui.em_size(8), (free - gap) / 2), 0)
        for name, label, draw in (
            ("approval.deny", f"{icons.ICON_FA_XMARK}  Deny###deny", controls.draw_primary_button),
            ("approval.approve", f"{icons.ICON_FA_CHECK}  Approve###approve", imgui.button),
        ):
            command = commands.find(name)
            if command is None:
                continue
            refusal, keys = command.refusal(), commands.keys_of(command)
            imgui.begin_disabled(bool(refusal))
            if draw(label, size):
                (controller.approvals.deny if name == "approval.deny" else controller.approvals.approve)(approval.id)
            imgui.end_disabled()
            if imgui.is_item_hovered(imgui.HoveredFlags_.allow_when_disabled.value):
                imgui.set_tooltip(refusal or f"{command.title}  {keys}")
            if name == "approval.deny":
                imgui.set_item_default_focus()
            imgui.same_line()
        command = commands.find("approval.always")
        if command is not None and may_always and imgui.button(always):
            commands.run_command(command)
        imgui.new_line()


def _rows(approval: Approval) -> Iterator[str]:
    """The lines of what is to be approved, long ones in pieces."""
    for line in approval.detail.split("\n"):
        shown = visible_line(line) if approval.kind == "edit" else line
        for at in range(0, len(shown) or 1, PIECE):
            yield shown[at : at + PIECE]


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
    imgui.push_text_wrap_pos(0.0)
    imgui.text_unformatted(line or " ")
    imgui.pop_text_wrap_pos()
    imgui.pop_style_color()
