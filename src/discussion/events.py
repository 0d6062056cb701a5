"""The events that change a discussion; the tree is their replay, and its log is them. Pure."""

from __future__ import annotations

from src.chat import End, Message, Text, Thinking, ToolCall, Usage
from src.discussion.marks import Mark
from src.models.prices import Money
from src.value import Value


class Added(Value):
    """A user's turn: a message, or the results of tools."""

    id: int
    parent: int
    at: float
    message: Message


class Begun(Value):
    """A reply to the turn `parent` begins; `schema` is the JSON schema that it has to follow, if any.

    `settings` are those of the model that it was asked with, as `src.models.variant` writes them.
    """

    id: int
    parent: int
    at: float
    provider: str
    model: str
    schema: str = ""
    settings: str = ""


class SentFile(Value):
    """A file as it went out: its path in the project, the digest of its text (SHA-256), its size in bytes."""

    path: str
    digest: str
    size: int


class FilesSent(Value):
    """What went out with the request for the reply that streams, as the difference to the request before.

    `files` are new or were changed, `gone` are the paths of those that went out no more.
    """

    files: tuple[SentFile, ...]
    gone: tuple[str, ...] = ()


class Arrived(Value):
    """A piece of the reply."""

    piece: Text | Thinking | ToolCall | Usage


class Ended(Value):
    """The reply ended and cost so much; it becomes a turn unless nothing came."""

    end: End
    cost: Money | None


class Edited(Value):
    """The turn's text is another now."""

    id: int
    text: str


class Deleted(Value):
    """The turn is gone; those after it follow the one before it."""

    id: int


class Cut(Value):
    """Everything after the turn is gone."""

    id: int


class Moved(Value):
    """The branch that is shown ends at `head`; the next message goes there."""

    head: int


class Marked(Value):
    """What goes out of some turns is changed, in one step."""

    marks: tuple[Mark, ...]


class Undone(Value):
    """The last change of the tree is taken back."""


class Redone(Value):
    """The change taken back last is there again."""


class ToolsChosen(Value):
    """The tools that the model may ask for from now on."""

    names: tuple[str, ...]


DiscussionEvent = (
    Added
    | Begun
    | FilesSent
    | Arrived
    | Ended
    | Edited
    | Deleted
    | Cut
    | Moved
    | Marked
    | Undone
    | Redone
    | ToolsChosen
)
