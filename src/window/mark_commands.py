"""The commands about what of a turn goes out: leave out, shorten, pin, compact. Loaded when one is asked for."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from src.discussion.marks import WHOLE, How, Mark, compact, outgoing, shorten, toggle
from src.models.estimate import estimate_message
from src.window.questions import Question

if TYPE_CHECKING:
    from src.app_controller import AppController
    from src.discussion.tree import Turn
    from src.window.protocol import Window


def mark_whole(controller: AppController, window: Window, how: How) -> None:
    """Leaves the chosen turn out or pins it, or takes that back."""
    if (turn := _chosen(controller, window)) is not None:
        mark = toggle(turn.id, WHOLE, turn.marks, how)
        window.attempt(partial(controller.discussion.mark, (mark,)))


def shorten_turn(controller: AppController, window: Window) -> None:
    """Shortens the long texts of the chosen turn, or sends them whole again."""
    if (turn := _chosen(controller, window)) is not None:
        window.attempt(partial(controller.discussion.mark, _shorter(turn)))


def nothing_to_shorten(controller: AppController, window: Window) -> str:
    """Why the chosen turn cannot be shortened; empty when it can."""
    turn = _chosen(controller, window)
    return "" if turn is not None and _shorter(turn) else "nothing in this turn is long"


def nothing_marked(controller: AppController) -> str:
    """Why there is nothing to send again; empty when there is."""
    turns = controller.discussion.snapshot().turns
    return "" if any(mark.how != "pin" for turn in turns for mark in turn.marks) else "all of it goes out"


def send_all(controller: AppController, window: Window) -> None:
    """Everything goes out whole again."""
    turns = controller.discussion.snapshot().turns
    marks = tuple(Mark(mark.turn, mark.part, "") for turn in turns for mark in turn.marks if mark.how != "pin")
    window.attempt(partial(controller.discussion.mark, marks))


def nothing_old(controller: AppController) -> str:
    """Why there is nothing to compact; empty when there is."""
    return "" if _compacting(controller) else "nothing that is old is long"


def compact_old(controller: AppController, window: Window) -> None:
    """Asks before it compacts, with what that saves."""
    marks, saved = _compacting(controller), 0
    for turn in controller.discussion.snapshot().turns:
        new = tuple(mark for mark in marks if mark.turn == turn.id)
        sent = outgoing(turn.message, new)
        saved += estimate_message(turn.message) - (estimate_message(sent) if sent is not None else 0)
    body = (
        f"{len(marks):,} parts of old turns are shortened or left out: about {saved:,} tokens less in each request. "
        "The turns stay as they are, each part can be sent again, and Undo takes all of it back. What is pinned stays "
        "whole. The provider reads what follows the first change anew, once."
    )
    act = lambda _: window.attempt(partial(controller.discussion.mark, marks))  # noqa: E731
    window.ask(Question("Compact what is old?", body, "Compact", act))


def _chosen(controller: AppController, window: Window) -> Turn | None:
    return window.turns.of(controller.discussion.snapshot().turns)


def _shorter(turn: Turn) -> tuple[Mark, ...]:
    short = tuple(Mark(turn.id, mark.part, "") for mark in turn.marks if mark.how == "short")
    return short or shorten(turn.id, turn.message, turn.marks)


def _compacting(controller: AppController) -> tuple[Mark, ...]:
    turns = controller.discussion.snapshot().turns
    return compact(tuple((turn.id, turn.message, turn.marks) for turn in turns))
