"""The parts of a turn in the panel Request, each with what can be done about it: leave out, shorten, edit."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from imgui_bundle import imgui

from src.chat import (
    ImagePart,
    Message,
    Part,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
    framed_name,
    is_frame,
)
from src.discussion.marks import WHOLE, Mark, describe, outgoing, shortened, toggle
from src.models.estimate import estimate_message
from src.panels.turn_body import called
from src.window import controls
from src.window.questions import Question

if TYPE_CHECKING:
    from src.app_controller import AppController
    from src.discussion.tree import Turn
    from src.window.protocol import Window

MAX_LEFT_OUT = 20


def draw_turn(controller: AppController, window: Window, turn: Turn) -> None:
    """The parts of *turn*: what goes out of each is changed at once, and can be undone."""
    for number, part in enumerate(turn.message.parts):
        imgui.push_id(number)
        _draw_part(controller, window, turn, number, part)
        imgui.pop_id()


class LeftOut:
    """The turns of which the user left something out, or shortened it, and by about how many tokens that is less."""

    def __init__(self, turns: tuple[Turn, ...]) -> None:
        self.turns = tuple(turn for turn in turns if any(mark.how != "pin" for mark in turn.marks))
        self.saved = sum(tokens_less(turn) for turn in self.turns)


def draw_left_out(controller: AppController, window: Window, left_out: LeftOut) -> None:
    """What the user left out, or shortened, and by how much that made the request smaller."""
    turns = left_out.turns
    if not turns:
        return
    if not imgui.tree_node(f"Left out by you: about {left_out.saved:,} tokens in {len(turns):,} turns###left out"):
        return
    for turn in turns[:MAX_LEFT_OUT]:
        imgui.push_id(turn.id)
        said = turn.message.text.strip().partition("\n")[0] or turn.message.role
        if imgui.small_button("Send again"):
            marks = tuple(Mark(turn.id, mark.part, "") for mark in turn.marks if mark.how != "pin")
            window.attempt(partial(controller.discussion.mark, marks))
        imgui.same_line()
        controls.draw_muted(controls.fit_here(f"{describe(turn.marks)}: {controls.shown(said)}"))
        imgui.pop_id()
    imgui.tree_pop()


def tokens_less(turn: Turn) -> int:
    """By about how many tokens the marks of *turn* make the request smaller."""
    sent = outgoing(turn.message, turn.marks)
    return estimate_message(turn.message) - (estimate_message(sent) if sent is not None else 0)


def _draw_part(controller: AppController, window: Window, turn: Turn, number: int, part: Part) -> None:
    has = {mark.how: mark for mark in turn.marks if mark.part in (number, WHOLE)}

    def change(mark: Mark) -> None:
        window.attempt(partial(controller.discussion.mark, (mark,)))

    pressed, _ = controls.draw_check(f"{_title(part)}###out", "out" not in has)
    if pressed:
        change(toggle(turn.id, number, turn.marks, "out"))
    imgui.set_item_tooltip("What is not ticked does not go out")
    tokens = controls.count(estimate_message(Message(turn.message.role, (part,))))
    imgui.same_line()
    imgui.text_disabled(tokens)
    if isinstance(part, TextPart | ToolResultPart) and "out" not in has:
        label, own = "Whole again###short" if "short" in has else "Shorten###short", "By hand..."
        controls.stay_on_line(controls.width_of_button(label))
        if imgui.small_button(label):
            change(toggle(turn.id, number, turn.marks, "short", shortened(part.text)))
        controls.stay_on_line(controls.width_of_button(own))
        if imgui.small_button(own):
            text = has["short"].text if "short" in has else part.text
            take = lambda typed: change(Mark(turn.id, number, "short", typed))  # noqa: E731
            window.ask(Question("What goes out of this part", "The turn stays as it is.", "Send this", take, text,
                                is_long=True))  # fmt: skip


def _title(part: Part) -> str:
    match part:
        case TextPart(text):
            return framed_name(text) if is_frame(text) else "Text"
        case ThinkingPart():
            return "Thought"
        case ImagePart(media_type, _, name):
            return name or media_type
        case ToolCallPart(_, name, _):
            return f"{called(name)}: asked for"
        case ToolResultPart(_, name, _, _):
            return f"{called(name)}: answered"
