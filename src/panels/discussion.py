"""The discussion: the turns of the branch that is shown, each with its actions, and the reply that streams."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from imgui_bundle import hello_imgui, imgui
from imgui_bundle import icons_fontawesome_6 as icons

from src import theme_2
from src.chat import Message
from src.discussion.text import plain_text
from src.discussion.tree import why_cut
from src.markdown_helper import Measure
from src.models.patience import in_words
from src.window import controls
from src.window.flow import Flow

if TYPE_CHECKING:
    from src.app_controller import AppController, AppState
    from src.discussion.opened import DiscussionState
    from src.discussion.tree import Turn
    from src.panels.turn_body import TurnBody
    from src.panels.turn_search import TurnSearch
    from src.window.protocol import Window

SLOW_S = 0.5
SETTLED = 4
MAX_BODIES = 200
READING = 50.0  # em; longer lines are hard to follow back to the next one
TITLE = 10.0  # em; what a title in the head has at least, as long as it can
REFUSED_KEY = "does not accept the key"  # as docs/providers.md has it


class DiscussionPanel:
    """What was measured of the turns drawn before."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._search: TurnSearch | None = None
        self._flow = Flow()
        self._bodies: dict[object, TurnBody] = {}
        self._turns: tuple[Turn, ...] = ()
        self._shapes: list[tuple[int, int]] = []  # lines and letters of each turn, for another width
        self._state: DiscussionState | None = None
        self._measured_for: tuple[float, float] = (0.0, 0.0)
        self._follows = True
        self._settles = 0  # frames in which the end stays in sight, until it is known how high new turns are
        self._goes_to = self._chosen = 0
        self._asked_at = 0.0
        self._replies = 0

    @property
    def search(self) -> TurnSearch:
        """The search in all branches; made when it is first needed."""
        if self._search is None:
            from src.panels.turn_search import TurnSearch

            self._search = TurnSearch(self._window)
        return self._search

    def draw(self, controller: AppController) -> None:
        """One frame."""
        state, app = controller.discussion.snapshot(), controller.snapshot()
        self._state = state
        self._draw_head(controller, state)
        if self._search is not None and self._search.is_open:
            self._search.draw(controller)
            self._goes_to, self._search.shown = self._search.shown or self._goes_to, 0
        side = max(hello_imgui.em_size(0.9), (imgui.get_content_region_avail().x - hello_imgui.em_size(READING)) / 2)
        imgui.push_style_var(imgui.StyleVar_.window_padding, imgui.ImVec2(side, hello_imgui.em_size(0.3)))
        shown = imgui.begin_child("turns", imgui.ImVec2(0, 0), imgui.ChildFlags_.always_use_window_padding.value)
        imgui.pop_style_var()
        if shown:
            if not state.turns and app.reply is None and not app.waiting:
                self._draw_empty()
            else:
                self._draw_turns(controller, state, app)
        imgui.end_child()

    def _draw_head(self, controller: AppController, state: DiscussionState) -> None:
        commands = self._window.commands
        imgui.align_text_to_frame_padding()
        buttons, width = _head_buttons(imgui.get_content_region_avail().x)
        imgui.set_next_item_width(width)
        title = controls.fit(
            controls.shown(state.title), width - imgui.get_frame_height() - 2 * imgui.get_style().frame_padding.x
        )
        if imgui.begin_combo("###known", title, imgui.ComboFlags_.height_large.value):
            self._draw_known(controller, state)
            imgui.end_combo()
        imgui.set_item_tooltip(state.title)
        for icon, name in buttons:
            command = commands.find(name)
            if command is None:
                continue
            imgui.same_line()
            keys = commands.keys_of(command)
            tip = f"{command.title}  {keys}" if keys else command.title
            if controls.draw_icon_button(icon, name, tip, enabled=not command.refusal()):
                commands.run_command(command)
        if state.read_only:
            controls.draw_coloured(theme_2.colours().busy, f"{icons.ICON_FA_LOCK}  Read only. {state.notice}")
        imgui.separator()

    def _draw_known(self, controller: AppController, state: DiscussionState) -> None:
        if imgui.is_window_appearing():
            controller.discussion.refresh()
        if not state.known:
            imgui.text_disabled("No other discussion yet")
        for info in state.known:
            when = time.strftime("%d %b %H:%M", time.localtime(info.modified))
            label = f"{controls.shown(info.title or info.name)}###{info.name}"
            if imgui.selectable(label, info.name == state.name)[0]:
                controller.discussion.open(info.name)
            imgui.set_item_tooltip(f"{when}, {info.size / 1024:,.0f} KB")

    def _draw_empty(self) -> None:
        room = imgui.get_content_region_avail()
        imgui.dummy((0, room.y * 0.22))
        width = min(room.x, hello_imgui.em_size(26))
        imgui.set_cursor_pos_x((room.x - width) / 2)
        imgui.begin_group()
        imgui.push_text_wrap_pos(imgui.get_cursor_pos_x() + width)
        imgui.push_font(None, imgui.get_style().font_size_base * 1.6)
        imgui.text("What shall we work on?")
        imgui.pop_font()
        controls.draw_muted(
            "Write below and press Ctrl+Enter. The echo provider answers at once and needs no key, so nothing has "
            "to be set up to look around."
        )
        imgui.dummy(hello_imgui.em_to_vec2(0, 0.4))
        for name in ("project.open", "settings.keys", "view.palette"):
            if command := self._window.commands.find(name):
                keys = self._window.commands.keys_of(command)
                if controls.draw_command_button(command.title, name):
                    self._window.commands.run_command(command)
                if keys:
                    imgui.same_line()
                    imgui.text_disabled(keys)
        imgui.pop_text_wrap_pos()
        imgui.end_group()

    def _draw_turns(self, controller: AppController, state: DiscussionState, app: AppState) -> None:
        was_empty, changed = not self._turns, self._follow(state)
        self._goes_to = self._goes_to or controller.last_place.turn_to_show()
        if self._window.turns.chosen != self._chosen:
            self._chosen = self._goes_to = self._window.turns.chosen
        scroll, most = imgui.get_scroll_y(), imgui.get_scroll_max_y()
        at_end = was_empty or self._settles > 0 or scroll >= most - hello_imgui.em_size(1.5)
        self._settles = SETTLED if changed and at_end else max(0, self._settles - 1)
        grew = self._flow.draw(lambda number: self._draw_turn(controller, number))
        self._draw_reply(controller, app)
        if self._goes_to:
            self._scroll_to(self._goes_to)
        elif self._follows and at_end:
            imgui.set_scroll_here_y(1.0)
        elif abs(grew) > 0.5:
            imgui.set_scroll_y(scroll + grew)
        self._follows = at_end or app.waiting
        first = self._flow.row_at(imgui.get_scroll_y())
        controller.last_place.see(0 if at_end or first >= len(self._turns) else self._turns[first].id)

    def _follow(self, state: DiscussionState) -> bool:
        """Takes over the turns and the width; True when the turns are others."""
        shape = (imgui.get_content_region_avail().x, imgui.get_font_size())
        if shape != self._measured_for:
            self._measured_for = shape
            self._flow.clear()
        changed = state.turns is not self._turns
        if changed:
            same = 0
            for old, new in zip(self._turns, state.turns, strict=False):
                if old is not new and (old.id, old.message) != (new.id, new.message):
                    break
                same += 1
            self._turns = state.turns
            self._flow.shorten(same)
            self._shapes[same:] = map(_shape, state.turns[same:])
            self._follows = True
        if len(self._flow) != len(self._turns):
            measure, head = Measure.here(), hello_imgui.em_size(2.6)
            shapes = self._shapes
            self._flow.resize(len(self._turns), lambda number: measure.height_for(*shapes[number]) + head)
        return changed

    def _scroll_to(self, turn_id: int) -> None:
        for number, turn in enumerate(self._turns):
            if turn.id == turn_id:
                top, height = self._flow.top_of(number), self._flow.height_of(number)
                if not imgui.get_scroll_y() <= top <= imgui.get_scroll_y() + imgui.get_window_height() - height:
                    imgui.set_scroll_y(top)
        self._goes_to = 0

    def _body(self, key: object) -> TurnBody:
        body = self._bodies.get(key)
        if body is None:
            if len(self._bodies) >= MAX_BODIES:
                del self._bodies[next(iter(self._bodies))]
            from src.panels.turn_body import TurnBody  # the first frame has no turns

            body = self._bodies[key] = TurnBody(str(key))
        return body

    def _draw_turn(self, controller: AppController, number: int) -> float:
        from src.panels import turn_head  # the first frame has no turns

        turn = self._turns[number]
        imgui.push_id(turn.id)
        self._draw_ground(turn, self._flow.height_of(number))
        imgui.dummy((0, hello_imgui.em_size(0.1)))
        turn_head.draw(controller, self._window, turn)
        grew = 0.0
        if turn.id in self._window.turns.plain:
            _draw_plain(turn.message)
        else:
            grew = self._body(turn.id).draw(turn.message)
        if turn.usage is not None and (lost := controller.front_lost(turn)):
            controls.draw_coloured(theme_2.colours().failed, f"{icons.ICON_FA_SCISSORS}  {lost}")
        if turn.schema:
            from src.panels import structured_view

            structured_view.draw(controller, turn)
        if reason := why_cut(turn):
            controls.draw_coloured(theme_2.colours().busy, f"{icons.ICON_FA_SCISSORS}  {reason}")
        imgui.dummy((0, hello_imgui.em_size(0.2)))
        imgui.pop_id()
        return grew

    def _draw_ground(self, turn: Turn, height: float) -> None:
        """The user's turns stand on a lighter ground; the chosen one has a mark at its left."""
        colours, canvas = theme_2.colours(), imgui.get_window_draw_list()
        start, width = imgui.get_cursor_screen_pos(), imgui.get_content_region_avail().x
        pad, gap = imgui.get_style().window_padding.x * 0.5, imgui.get_style().item_spacing.y
        left, right, end = start.x - pad, start.x + width + pad, start.y + height - gap * 1.5
        if turn.message.role == "user":
            ground = imgui.get_color_u32(colours.raised)
            canvas.add_rect_filled((left, start.y), (right, end), ground, imgui.get_style().child_rounding)
        if turn.id == self._window.turns.chosen:
            mark = imgui.get_color_u32(colours.accent)
            canvas.add_rect_filled((left, start.y), (left + hello_imgui.em_size(0.2), end), mark)

    def _draw_reply(self, controller: AppController, app: AppState) -> None:
        if app.waiting or app.reply is not None:
            self._replies += not self._asked_at
            self._asked_at = self._asked_at or imgui.get_time()
        else:
            self._asked_at = 0.0
        colours = theme_2.colours()
        if app.reply is not None:
            from src.panels.turn_head import speaker

            imgui.push_id("reply")
            message = app.reply.message()
            imgui.text_colored(colours.accent, speaker(controller, message))
            self._body(("reply", self._replies)).draw(message, is_growing=True)
            imgui.pop_id()
        if self._asked_at and imgui.get_time() - self._asked_at > SLOW_S:
            controls.draw_working(_waiting_for(app, controller))
        is_cut = bool(self._turns and why_cut(self._turns[-1]))
        if app.error and not is_cut:  # else the turn says it
            controls.draw_coloured(colours.failed, f"{icons.ICON_FA_TRIANGLE_EXCLAMATION}  {app.error}")
        if app.error:
            self._draw_remedy(controller, app.error)
        if app.error or (is_cut and app.reply is None and not app.waiting):
            self._draw_ways_on(app.error)

    def _draw_ways_on(self, error: str) -> None:
        """What can be done after an answer that is not whole, or none, on one line where there is room."""
        commands, gone_on = self._window.commands, False
        go_on = commands.find("message.continue")
        if go_on is not None and not go_on.refusal():
            gone_on = controls.draw_primary_button("Continue###continue")
            controls.stay_on_line(controls.width_of_button("Try again"))
        again = commands.find("message.regenerate")
        imgui.begin_disabled(again is None or not self._turns or bool(again.refusal()))
        tried = imgui.button("Try again")
        imgui.end_disabled()
        if error:
            controls.stay_on_line(controls.width_of_button("Copy the error"))
            if imgui.button("Copy the error"):
                imgui.set_clipboard_text(error)
        if gone_on or tried:
            commands.run("message.continue" if gone_on else "message.regenerate")

    def _draw_remedy(self, controller: AppController, error: str) -> None:
        """For a key that is missing or refused: the way to where keys are kept."""
        name = controller.composer.snapshot().provider
        if controller.providers.title(name) is None:
            return
        if not controller.providers.key_status(name).found or REFUSED_KEY in error:
            if controls.draw_primary_button("Enter the key###enter key"):
                self._window.show_settings("Keys")
            imgui.same_line()


def _head_buttons(room: float) -> tuple[list[tuple[str, str]], float]:
    """Icons and commands beside the title, and the title's width. Undo and redo, which have keys, give way to it."""
    buttons = [
        (icons.ICON_FA_MAGNIFYING_GLASS, "discussion.search"),
        (icons.ICON_FA_ROTATE_LEFT, "discussion.undo"),
        (icons.ICON_FA_ROTATE_RIGHT, "discussion.redo"),
        (icons.ICON_FA_SQUARE_PLUS, "discussion.new"),
    ]
    gap, least = imgui.get_style().item_spacing.x, hello_imgui.em_size(TITLE)
    needed = sum(controls.width_of_button(icon) + gap for icon, _ in buttons)
    if room - needed < least:
        buttons = [buttons[0], buttons[-1]]
        needed = sum(controls.width_of_button(icon) + gap for icon, _ in buttons)
    return buttons, max(hello_imgui.em_size(4), room - needed)


def _waiting_for(app: AppState, controller: AppController) -> str:
    if questions := controller.approvals.snapshot():
        return f"The model waits for your answer in the panel Approvals: {questions[0].title}."
    if app.waiting:
        if not controller.providers.is_ready(app.provider):
            return "Waiting for the provider to be ready; the message goes out by itself."
        return "A tool is at work, or the request is being made."
    reply = app.reply
    if reply is None:
        return ""
    if reply.retrying is not None:
        again = reply.retrying
        return f"Attempt {again.attempt} in {in_words(again.wait_s)}: {again.reason}"
    return f"Nothing has come for {in_words(reply.idle_s)}" if reply.idle_s >= 1 else ""


def _shape(turn: Turn) -> tuple[int, int]:
    text = turn.message.text
    return text.count("\n") + 1, len(text)


def _draw_plain(message: Message) -> None:
    text = plain_text(message)
    lines = min(30, text.count("\n") + 2 + len(text) // 100)
    size = imgui.ImVec2(-1, lines * imgui.get_text_line_height() + hello_imgui.em_size(1))
    flags = imgui.InputTextFlags_.read_only | imgui.InputTextFlags_.word_wrap
    imgui.input_text_multiline("###plain", text, size, flags)
