"""What of a turn goes out: the user leaves parts out, shortens them, or pins them against that. Pure.

The turn itself stays as it was; only what a model sees of it changes, and each change is one step of undo.
"""

from __future__ import annotations

from typing import Literal

from src.chat import ImagePart, Message, Part, TextPart, ThinkingPart, ToolResultPart, join_text
from src.value import Value

WHOLE = -1  # the number that stands for all parts of a turn
LEFT_OUT = "(left out by the user)"
HEAD, TAIL = 600, 300  # characters that a shortened text keeps at its beginning and its end
LONG = 2_000  # characters from which compaction shortens
RECENT = 4  # turns at the end that compaction does not touch

How = Literal["", "out", "short", "pin"]


class Mark(Value):
    """How part number `part` of a turn goes out; `text` is what a shortened one says. An empty `how` clears it."""

    turn: int
    part: int
    how: How
    text: str = ""


def merge(before: tuple[Mark, ...], new: tuple[Mark, ...]) -> tuple[Mark, ...]:
    """The marks of one turn after *new* ones: each part has one at most."""
    found = {mark.part: mark for mark in before}
    for mark in new:
        found[mark.part] = mark
    return tuple(mark for _, mark in sorted(found.items()) if mark.how)


def outgoing(message: Message, marks: tuple[Mark, ...]) -> Message | None:
    """What goes out of *message*; None when nothing does. The same object without marks that change it."""
    hows = {mark.part: mark for mark in marks if mark.how != "pin"}
    if not hows:
        return message
    if WHOLE in hows:
        return None
    parts = [_sent(part, hows.get(number)) for number, part in enumerate(message.parts)]
    kept = tuple(part for part in parts if part is not None)
    return message._replace(parts=kept) if kept else None


def _sent(part: Part, mark: Mark | None) -> Part | None:
    if mark is None:
        return part
    if mark.how == "out":
        # A provider wants an answer to each call of a tool.
        return part._replace(text=LEFT_OUT) if isinstance(part, ToolResultPart) else None
    return part._replace(text=mark.text) if isinstance(part, TextPart | ToolResultPart) else part


def shortened(text: str) -> str:
    """The beginning and the end of *text* at line ends where there are some, with what is missing between them."""
    if len(text) <= HEAD + TAIL:
        return text
    head, tail = text[:HEAD], text[-TAIL:]
    head = head[: head.rfind("\n") + 1] or head
    tail = tail[tail.find("\n") + 1 :] or tail
    gone = len(text) - len(head) - len(tail)
    return f"{head}\n[{gone:,} characters left out by the user]\n{tail}"


def shorten(turn: int, message: Message, marks: tuple[Mark, ...], least: int = HEAD + TAIL) -> tuple[Mark, ...]:
    """Marks that shorten each text of *message* of more than *least* characters that has no mark of its own."""
    marked = {mark.part for mark in marks}
    if WHOLE in marked:
        return ()
    return tuple(
        Mark(turn, number, "short", shortened(part.text))
        for number, part in enumerate(message.parts)
        if number not in marked and isinstance(part, TextPart | ToolResultPart) and len(part.text) > least
    )


def toggle(turn: int, part: int, marks: tuple[Mark, ...], how: How, text: str = "") -> Mark:
    """The mark that gives the part *how*, or takes it away when it has it."""
    has = any(mark.part == part and mark.how == how for mark in marks)
    return Mark(turn, part, "" if has else how, "" if has else text)


def compact(turns: tuple[tuple[int, Message, tuple[Mark, ...]], ...]) -> tuple[Mark, ...]:
    """Marks that shorten what tools answered, files and long texts, and leave out thoughts and images.

    Of all *turns* (number, message, marks) but the last RECENT, and nothing that is pinned or marked.
    """
    found: list[Mark] = []
    for turn, message, marks in turns[:-RECENT]:
        marked = {mark.part for mark in marks}
        if WHOLE in marked:
            continue
        found += shorten(turn, message, marks, LONG)
        found += (
            Mark(turn, number, "out")
            for number, part in enumerate(message.parts)
            if number not in marked and isinstance(part, ThinkingPart | ImagePart) and join_text(message.parts).strip()
        )
    return tuple(found)


def describe(marks: tuple[Mark, ...]) -> str:
    """The marks of a turn in words: "left out", "1 part left out, 2 shortened", "pinned"; empty without any."""
    if any(mark.part == WHOLE and mark.how == "out" for mark in marks):
        return "left out"
    words = []
    for how, word in (("out", "left out"), ("short", "shortened"), ("pin", "pinned")):
        count = sum(mark.how == how and mark.part != WHOLE for mark in marks)
        if count:
            words.append(f"{count} part{'s' * (count > 1)} {word}")
    if any(mark.part == WHOLE and mark.how == "pin" for mark in marks):
        words.append("pinned")
    return ", ".join(words)
