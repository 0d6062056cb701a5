"""The lines of a discussion's log: its events as JSON and back. Pure; never touches disk.

The first line is a header with the schema. A piece of text is `{"+": "..."}`, because most lines are that; every other
event is an object whose `e` names it. Consecutive pieces may be joined without changing what they mean.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, get_args

from src.chat import Done, End, Failed, Stopped, Text, Thinking, ToolCall, Truncated, Usage
from src.discussion import message_json
from src.discussion.events import (
    Added,
    Arrived,
    Begun,
    Cut,
    Deleted,
    DiscussionEvent,
    Edited,
    Ended,
    FilesSent,
    Marked,
    Moved,
    Redone,
    SentFile,
    ToolsChosen,
    Undone,
)
from src.discussion.marks import How, Mark
from src.models.prices import Money

SCHEMA = 1
_HEADER = "session"  # the word in the files that users have; it stays


class LineError(ValueError):
    """A line that is no event; the message says why."""


class NewerDiscussionError(ValueError):
    """A discussion that a newer Sloppy wrote."""


def encode_header(name: str, at: float) -> bytes:
    """The first line, with its line end."""
    return _line({"e": _HEADER, "schema": SCHEMA, "name": name, "at": at})


def check_header(value: Any) -> None:
    """Raises LineError when *value* is no header, NewerDiscussionError for a schema that is not known here."""
    if not isinstance(value, dict) or value.get("e") != _HEADER or not isinstance(value.get("schema"), int):
        raise LineError("the first line is not the header of a discussion")
    if value["schema"] > SCHEMA:
        raise NewerDiscussionError(f"it has schema {value['schema']}, and this Sloppy reads up to {SCHEMA}")


def encode(event: DiscussionEvent) -> bytes:
    """The event's line, with its line end."""
    if isinstance(event, Arrived) and isinstance(event.piece, Text):
        value: dict[str, Any] = {"+": event.piece.text}
    elif isinstance(event, Arrived):
        value = {"e": _PIECE_NAMES[type(event.piece)], **event.piece._asdict()}
    else:
        value = {"e": _NAMES[type(event)], **event._asdict()}
        if isinstance(event, Begun):
            value = {name: one for name, one in value.items() if one or name not in ("schema", "settings")}
        if isinstance(event, Added):
            value["message"] = message_json.encode(event.message)
        elif isinstance(event, Ended):
            value |= {"end": {"is": _END_NAMES[type(event.end)], **event.end._asdict()}}
            value["cost"] = event.cost.nanos if event.cost is not None else None
        elif isinstance(event, FilesSent):
            value["files"] = [[file.path, file.digest, file.size] for file in event.files]
        elif isinstance(event, Marked):
            value["marks"] = [[mark.turn, mark.part, mark.how, mark.text] for mark in event.marks]
    return _line(value)


def decode(value: Any) -> DiscussionEvent:
    """The event that the JSON *value* stands for. Raises LineError; NewerDiscussionError for an unknown kind."""
    try:
        if "+" in value:
            return Arrived(Text(value["+"]))
        name = value.pop("e")
        if name in _PIECES:
            return Arrived(_PIECES[name](**value))
        reader = _READERS.get(name)
        if reader is None:
            raise NewerDiscussionError(f"it holds {name!r}, which this Sloppy does not know")
        return reader(value)
    except (TypeError, KeyError, AttributeError) as error:
        raise LineError(f"not an event ({type(error).__name__}: {error})") from error


def _line(value: dict[str, Any]) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode() + b"\n"
    except UnicodeEncodeError:  # half of a surrogate pair, as some models write it: UTF-8 has no bytes for it
        return json.dumps(value, separators=(",", ":")).encode() + b"\n"


def _read_added(value: dict[str, Any]) -> Added:
    return Added(value["id"], value["parent"], value["at"], message_json.decode(value["message"]))


def _read_begun(value: dict[str, Any]) -> Begun:
    begun = Begun(**value)
    if not (isinstance(begun.schema, str) and isinstance(begun.settings, str)):
        raise TypeError("the schema and the settings of a reply are texts")
    return begun


def _read_ended(value: dict[str, Any]) -> Ended:
    fields = value["end"]
    end: End = _ENDS[fields.pop("is")](**fields)
    cost = value["cost"]
    return Ended(end, Money(cost) if cost is not None else None)


def _read_sent(value: dict[str, Any]) -> FilesSent:
    files, gone = tuple(SentFile(*row) for row in value["files"]), tuple(value["gone"])
    if not all(isinstance(one, str) for one in gone):
        raise TypeError("a path is no text")
    for file in files:
        if not (isinstance(file.path, str) and isinstance(file.digest, str) and type(file.size) is int):
            raise TypeError(f"{file} is no file")
    return FilesSent(files, gone)


def _read_marks(value: dict[str, Any]) -> Marked:
    marks = tuple(Mark(*row) for row in value["marks"])
    for mark in marks:
        numbers = type(mark.turn) is int and type(mark.part) is int
        if not numbers or mark.how not in get_args(How) or not isinstance(mark.text, str):
            raise TypeError(f"{mark} is no mark")
    return Marked(marks)


_PIECES: dict[str, type[Thinking | ToolCall | Usage]] = {"thinking": Thinking, "tool_call": ToolCall, "usage": Usage}
_PIECE_NAMES: dict[type, str] = {kind: name for name, kind in _PIECES.items()}
_ENDS: dict[str, Callable[..., End]] = {"done": Done, "truncated": Truncated, "stopped": Stopped, "failed": Failed}
_END_NAMES: dict[type, str] = {Done: "done", Truncated: "truncated", Stopped: "stopped", Failed: "failed"}
_NAMES: dict[type, str] = {
    Added: "add",
    Begun: "begin",
    FilesSent: "sent",
    Ended: "end",
    Edited: "edit",
    Deleted: "delete",
    Cut: "cut",
    Moved: "move",
    Marked: "mark",
    Undone: "undo",
    Redone: "redo",
    ToolsChosen: "tools",
}
_READERS: dict[str, Callable[[dict[str, Any]], DiscussionEvent]] = {
    "add": _read_added,
    "begin": _read_begun,
    "sent": _read_sent,
    "end": _read_ended,
    "edit": lambda value: Edited(**value),
    "delete": lambda value: Deleted(**value),
    "cut": lambda value: Cut(**value),
    "move": lambda value: Moved(**value),
    "mark": _read_marks,
    "undo": lambda value: Undone(**value),
    "redo": lambda value: Redone(**value),
    "tools": lambda value: ToolsChosen(tuple(value["names"])),
}
