"""A discussion as a tree of turns, the replay of its events. Pure: no clock, no disk, no lock.

Guarantees
- The state is the replay of the events: applying the same events in the same order gives an equal discussion.
- `apply` either takes the event as a whole or raises DiscussionError and changes nothing.
- A turn's number is never given twice, not even after it was deleted.
- Every change of the tree is one step of undo, the last `MAX_UNDO` of them; money that was spent stays spent, and what
  was sent stays sent.
"""

from __future__ import annotations

from collections import deque

from src.chat import (
    Done,
    End,
    Failed,
    Message,
    ModelReply,
    Part,
    Stopped,
    TextPart,
    Truncated,
    Usage,
    is_frame,
)
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
from src.discussion.marks import WHOLE, Mark, merge, outgoing
from src.models.prices import Money, Spent
from src.value import Value

MAX_UNDO = 1000
ROOT = 0
TOO_LONG = ("max_tokens", "length")  # as the providers call it


class DiscussionError(ValueError):
    """What cannot be done with the discussion as it is; one sentence."""


class Turn(Value):
    """One message in the tree. `parent` 0 is the beginning; `siblings` are all turns of the same parent, itself too.

    `created` is in seconds since 1970. An assistant's turn has its usage, cost (None: unknown) and end. `marks` say
    what of it goes out. `schema` is the JSON schema that an answer was to follow; empty for words. `settings` are
    those of the model that it was asked with; empty for the provider's own.
    """

    id: int
    parent: int
    message: Message
    created: float
    usage: Usage | None = None
    cost: Money | None = None
    end: End | None = None
    siblings: tuple[int, ...] = ()
    marks: tuple[Mark, ...] = ()
    schema: str = ""
    settings: str = ""


def sent_turns(turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
    """Those of *turns* of which something goes out."""
    return tuple(turn for turn in turns if outgoing(turn.message, turn.marks) is not None)


def spoken(turns: tuple[Turn, ...]) -> tuple[Message, ...]:
    """What goes out of *turns*; of one without marks its own message."""
    return tuple(sent for turn in turns if (sent := outgoing(turn.message, turn.marks)) is not None)


def is_cut(turn: Turn) -> bool:
    """An answer that ended before the model had said all: stopped, cut off, failed on the way, or too long."""
    if turn.message.role == "user" or turn.end is None:
        return False
    return not isinstance(turn.end, Done) or turn.end.reason.lower() in TOO_LONG


def why_cut(turn: Turn) -> str:
    """The sentence about an answer that is cut; empty for one that is whole."""
    if not is_cut(turn):
        return ""
    match turn.end:
        case Stopped():
            return "You stopped this answer."
        case Truncated():
            return "The connection ended before the answer did."
        case Failed(reason):
            return reason
        case _:
            return "The answer reached the most tokens that it may have."


def is_file(part: Part, text: str = "") -> bool:
    """*part* is a file that went along, and not said in *text*."""
    return isinstance(part, TextPart) and is_frame(part.text) and part.text not in text


class _Change(Value):
    """One step of undo: the turns that differ, as (id, before, after), and the head before and after."""

    turns: tuple[tuple[int, Turn | None, Turn | None], ...]
    head: tuple[int, int]


class Discussion:
    """The tree as it is now. `revision` grows with every event but the pieces of a reply."""

    def __init__(self) -> None:
        self.head = ROOT
        self.reply: ModelReply | None = None
        self.tools: tuple[str, ...] = ()
        self.spent = Spent()
        self.revision = 0
        self.next_id = 1
        self._reply_at = (ROOT, ROOT, 0.0)
        self._reply_schema = self._reply_settings = ""
        self._turns: dict[int, Turn] = {}
        self._shown: dict[int, Turn] = {}  # the same with their siblings, made when asked for
        self._children: dict[int, list[int]] = {}
        self._sent: dict[int, tuple[SentFile, ...]] = {}  # of turns that were answered, and of replies
        self._last_sent: tuple[SentFile, ...] = ()
        self._undo: deque[_Change] = deque(maxlen=MAX_UNDO)
        self._redo: list[_Change] = []

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Discussion) and self._state() == other._state()

    __hash__ = None  # type: ignore[assignment]  # it changes

    def _state(self) -> tuple[object, ...]:
        reply = (
            self.reply,
            self._reply_at,
            self._reply_schema,
            self._reply_settings,
            self.next_id,
            self.tools,
            self.spent,
            self._sent,
            self._last_sent,
        )
        return (self.head, self._turns, list(self._undo), self._redo, *reply)

    # What there is

    @property
    def can_undo(self) -> bool:
        """There is a change to take back, and no reply streams."""
        return bool(self._undo) and self.reply is None

    @property
    def can_redo(self) -> bool:
        """There is a change to make again, and no reply streams."""
        return bool(self._redo) and self.reply is None

    def __len__(self) -> int:
        return len(self._turns)

    def turn(self, identifier: int) -> Turn:
        """The turn, with its siblings. Raises DiscussionError."""
        shown = self._shown.get(identifier)
        if shown is None:
            turn = self._find(identifier)
            shown = self._shown[identifier] = turn._replace(siblings=tuple(self._children[turn.parent]))
        return shown

    def turns(self) -> tuple[Turn, ...]:
        """Every turn of every branch, in the order of their numbers."""
        return tuple(self.turn(identifier) for identifier in sorted(self._turns))

    def branch(self) -> tuple[Turn, ...]:
        """The turns from the beginning to the head."""
        found = []
        identifier = self.head
        while identifier != ROOT:
            turn = self.turn(identifier)
            found.append(turn)
            identifier = turn.parent
        return tuple(reversed(found))

    def leaf(self, identifier: int) -> int:
        """The identifier of the last turn of the newest branch through the turn. Raises DiscussionError."""
        self._find(identifier)
        while children := self._children.get(identifier):
            identifier = children[-1]
        return identifier

    def sent_with(self, identifier: int) -> tuple[SentFile, ...]:
        """The files of the last request for an answer to the turn, or of the one that it answers, by their paths.

        The same tuple as long as the files are the same."""
        return self._sent.get(identifier, ())

    def sending(self, files: tuple[SentFile, ...]) -> FilesSent:
        """The event that *files* go out now."""
        before, now = set(self._last_sent), {file.path for file in files}
        return FilesSent(
            tuple(file for file in files if file not in before),
            tuple(file.path for file in self._last_sent if file.path not in now),
        )

    # What happens

    def apply(self, event: DiscussionEvent) -> None:  # noqa: PLR0912  one case per event
        """Takes *event*. Raises DiscussionError, then nothing has changed."""
        if isinstance(event, Arrived):
            if self.reply is None:
                raise DiscussionError("There is no reply that a piece could belong to.")
            self.reply = self.reply.after(event.piece)
            return
        if self.reply is not None and not isinstance(event, FilesSent | Ended | ToolsChosen):
            raise DiscussionError("A reply streams; stop it first.")
        match event:
            case Added():
                self._add(Turn(event.id, event.parent, event.message, event.at))
            case Begun():
                self._begin(event)
            case FilesSent():
                self._send(event)
            case Ended():
                self._end(event)
            case Edited():
                self._edit(event)
            case Deleted():
                self._delete(event.id)
            case Cut():
                self._cut(event.id)
            case Moved():
                self._move(event.head)
            case Marked():
                self._mark(event.marks)
            case Undone():
                self._take_back()
            case Redone():
                self._do_again()
            case ToolsChosen():
                self.tools = event.names
        self.revision += 1

    def _find(self, identifier: int) -> Turn:
        turn = self._turns.get(identifier)
        if turn is None:
            raise DiscussionError(f"There is no turn {identifier} in this discussion.")
        return turn

    def _check_new(self, identifier: int, parent: int) -> None:
        if identifier < self.next_id:
            raise DiscussionError(f"The number {identifier} was given to another turn.")
        if parent != ROOT:
            self._find(parent)

    def _add(self, turn: Turn) -> None:
        self._check_new(turn.id, turn.parent)
        self.next_id = turn.id + 1
        self._change({turn.id: turn}, turn.id)

    def _begin(self, event: Begun) -> None:
        self._check_new(event.id, event.parent)
        self.next_id = event.id + 1
        self._reply_at = (event.id, event.parent, event.at)
        self._reply_schema, self._reply_settings = event.schema, event.settings
        self.reply = ModelReply(event.provider, event.model)

    def _send(self, event: FilesSent) -> None:
        if self.reply is None:
            raise DiscussionError("There is no reply that files could go out for.")
        if event.files or event.gone:
            kept = {file.path: file for file in (*self._last_sent, *event.files) if file.path not in event.gone}
            self._last_sent = tuple(kept[path] for path in sorted(kept))
        for identifier in self._reply_at[:2]:
            self._sent[identifier] = self._last_sent

    def _end(self, event: Ended) -> None:
        reply = self.reply
        if reply is None:
            raise DiscussionError("There is no reply that could end.")
        self.reply = None
        identifier, parent, at = self._reply_at
        self._reply_at = (ROOT, ROOT, 0.0)
        if reply.parts or reply.usage is not None:
            self.spent = self.spent.add(event.cost)
        if reply.parts:
            said = Turn(identifier, parent, reply.message(), at, reply.usage, event.cost, event.end)
            turn = said._replace(schema=self._reply_schema, settings=self._reply_settings)
            self._change({identifier: turn}, identifier)

    def _edit(self, event: Edited) -> None:
        turn = self._find(event.id)
        # What somebody typed is replaced, a file that went along stays; logs of older versions have both in one text.
        typed = [part for part in turn.message.parts if isinstance(part, TextPart) and not is_file(part, event.text)]
        kept: list[Part] = [part for part in turn.message.parts if not any(part is one for one in typed)]
        position = turn.message.parts.index(typed[0]) if typed else len(kept)
        kept.insert(min(position, len(kept)), TextPart(event.text))
        message = turn.message._replace(parts=tuple(kept))
        marks = tuple(mark for mark in turn.marks if mark.part == WHOLE)  # the parts are others now
        self._change({turn.id: turn._replace(message=message, marks=marks)}, self.head)

    def _delete(self, identifier: int) -> None:
        turn = self._find(identifier)
        changed: dict[int, Turn | None] = {
            child: self._turns[child]._replace(parent=turn.parent) for child in self._children.get(identifier, ())
        }
        changed[identifier] = None
        self._change(changed, turn.parent if self.head == identifier else self.head)

    def _cut(self, identifier: int) -> None:
        self._find(identifier)
        gone: dict[int, Turn | None] = {}
        waiting = list(self._children.get(identifier, ()))
        while waiting:
            child = waiting.pop()
            gone[child] = None
            waiting += self._children.get(child, ())
        if not gone:
            raise DiscussionError("There is nothing after this turn.")
        self._change(gone, identifier if self.head in gone else self.head)

    def _mark(self, marks: tuple[Mark, ...]) -> None:
        changed: dict[int, Turn | None] = {}
        for identifier in dict.fromkeys(mark.turn for mark in marks):
            turn = self._find(identifier)
            new = tuple(mark for mark in marks if mark.turn == identifier)
            for mark in new:
                if not WHOLE <= mark.part < len(turn.message.parts):
                    raise DiscussionError(f"Turn {identifier} has no part {mark.part}.")
            changed[identifier] = turn._replace(marks=merge(turn.marks, new))
        if not any(turn.marks != self._turns[turn.id].marks for turn in changed.values() if turn is not None):
            raise DiscussionError("There is nothing to change.")
        self._change(changed, self.head)

    def _move(self, head: int) -> None:
        if head != ROOT:
            self._find(head)
        self._change({}, head)

    def _change(self, after: dict[int, Turn | None], head: int) -> None:
        turns = tuple((identifier, self._turns.get(identifier), turn) for identifier, turn in after.items())
        change = _Change(turns, (self.head, head))
        self._put([(identifier, before, turn) for identifier, before, turn in turns], head)
        self._undo.append(change)
        self._redo.clear()

    def _take_back(self) -> None:
        if not self._undo:
            raise DiscussionError("There is nothing to undo.")
        change = self._undo.pop()
        self._put([(identifier, after, before) for identifier, before, after in change.turns], change.head[0])
        self._redo.append(change)

    def _do_again(self) -> None:
        if not self._redo:
            raise DiscussionError("There is nothing to redo.")
        change = self._redo.pop()
        self._put(list(change.turns), change.head[1])
        self._undo.append(change)

    def _put(self, turns: list[tuple[int, Turn | None, Turn | None]], head: int) -> None:
        for identifier, old, new in turns:
            for one in (old, new):
                for sibling in self._children.get(one.parent, ()) if one is not None else ():
                    self._shown.pop(sibling, None)
            self._shown.pop(identifier, None)
            if old is not None and (new is None or new.parent != old.parent):
                siblings = self._children[old.parent]
                siblings.remove(identifier)
                if not siblings:
                    del self._children[old.parent]
            if new is None:
                del self._turns[identifier]
                continue
            self._turns[identifier] = new
            if old is None or old.parent != new.parent:
                siblings = self._children.setdefault(new.parent, [])
                siblings.append(identifier)
                siblings.sort()
        self.head = head
