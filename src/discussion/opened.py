"""The discussion that is open: what is in it now, and what is said and changed in it, in its tree and its log on disk.

Guarantees
- `_lock` guards every field; events reach the tree and the log under it, so that both have them in one order.
- No method touches the disk; the log writes on the pool.
- Before the user's folders are known events wait in memory, and nothing is lost when a folder comes.
"""

from __future__ import annotations

import itertools
import json
import os
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from src.chat import Message, ModelReply
from src.discussion.agreed import AgreedTools, key_of
from src.discussion.events import (
    Cut,
    Deleted,
    DiscussionEvent,
    Edited,
    Marked,
    Moved,
    Redone,
    SentFile,
    ToolsChosen,
    Undone,
)
from src.discussion.log import DiscussionLog
from src.discussion.marks import Mark
from src.discussion.text import Hit, Style, as_value, search, title_of, to_markdown
from src.discussion.tree import Discussion, DiscussionError, Turn, spoken
from src.models.prices import Spent
from src.privacy.redactor import current, in_places
from src.value import Value
from src.work.background import Background
from src.work.toasts import ToastKind

if TYPE_CHECKING:
    from src.discussion.listing import DiscussionInfo


class DiscussionState(Value):
    """What the discussion panel shows. `turns` is the current branch; a reply that streams is no turn yet."""

    name: str
    title: str
    turns: tuple[Turn, ...]
    can_undo: bool
    can_redo: bool
    read_only: bool
    notice: str
    tools: tuple[str, ...]
    cost: Spent
    known: tuple[DiscussionInfo, ...]


class OpenDiscussion:
    """The open discussion. `stop` ends a reply that streams, `tell` shows a sentence."""

    def __init__(
        self,
        background: Background,
        notify: Callable[[], None],
        tell: Callable[[str, ToastKind], object],
        stop: Callable[[], None],
    ) -> None:
        self._background = background
        self._notify = notify
        self._tell = tell
        self._stop = stop
        self._lock = threading.RLock()
        self._agreed = AgreedTools()
        self._agreed_here: frozenset[str] = frozenset()  # in the open discussion
        self._tree = Discussion()
        self._first_name = new_name()
        self._log: DiscussionLog | None = None
        self._early: list[DiscussionEvent] = []
        self._read_only = False
        self._notice = ""
        self._known: tuple[DiscussionInfo, ...] = ()
        self._spoken: tuple[tuple[Turn, ...], tuple[Message, ...]] = ((), ())
        self._shown: tuple[tuple[object, ...], DiscussionState] | None = None

    # Reading

    def snapshot(self) -> DiscussionState:
        """The discussion now."""
        with self._lock:
            tree = self._tree
            shown = (self._name, self._read_only, self._notice, self._known, self._agreed_here)
            key = (id(tree), tree.revision, tree.reply is None, *shown)
            if self._shown is None or self._shown[0] != key:
                self._shown = (key, self._describe(tree))
            return self._shown[1]

    def messages(self) -> tuple[Message, ...]:
        """What goes out of the current branch; the same tuple until it changes."""
        turns = self.snapshot().turns
        with self._lock:
            if self._spoken[0] is not turns:
                self._spoken = (turns, spoken(turns))
            return self._spoken[1]

    def reply(self) -> ModelReply | None:
        """The reply that streams, as far as it came."""
        with self._lock:
            return self._tree.reply

    def sent_with(self, turn_id: int) -> tuple[SentFile, ...]:
        """The files that went out with the turn, or with the request that it answers."""
        with self._lock:
            return self._tree.sent_with(turn_id)

    def search(self, text: str) -> tuple[Hit, ...]:
        """Where *text* occurs, in any branch and any case; at most 200 places."""
        with self._lock:
            turns, branch = self._tree.turns(), self._tree.branch()
        return search(turns, frozenset(turn.id for turn in branch), text)

    def export(self, style: Style) -> str:
        """The current branch as "markdown", or the whole tree as "json". Keys are taken out; the end says how many."""
        state = self.snapshot()
        if style == "json":
            with self._lock:
                return to_json(state.name, self._tree)
        text, places = current().counted(to_markdown(state.title, state.turns))
        return text + (f"\n*({in_places(places)})*\n" if places else "")

    # Changing: each raises DiscussionError when it cannot be done, as while a reply streams. Tools that work or
    # wait, and a reply that has not begun, are ended first: what they would answer belongs to the tree as it was.

    def edit(self, turn_id: int, text: str) -> None:
        """Gives the turn another text; what follows it stays."""
        self._change(Edited(turn_id, text))

    def delete(self, turn_id: int) -> None:
        """Takes the turn out; what follows it stays."""
        self._change(Deleted(turn_id))

    def truncate(self, turn_id: int) -> None:
        """Takes out everything after the turn."""
        self._change(Cut(turn_id))

    def fork(self, turn_id: int) -> None:
        """Goes on from the turn: the next message starts a branch there. 0 is the beginning."""
        self._change(Moved(turn_id))

    def switch(self, turn_id: int) -> None:
        """Shows the newest branch through the turn."""
        with self._lock:
            leaf = self._tree.leaf(turn_id)
        self._change(Moved(leaf))

    def mark(self, marks: tuple[Mark, ...]) -> None:
        """Changes what goes out of some turns: leaves parts out, shortens or pins them, or clears that."""
        self._change(Marked(marks))

    def undo(self) -> None:
        """Takes the last change back."""
        self._change(Undone())

    def redo(self) -> None:
        """Makes the change again that was taken back last."""
        self._change(Redone())

    def set_tools(self, names: tuple[str, ...]) -> None:
        """Lets the model ask for these tools in this discussion, on this machine; none by default."""
        with self._lock:
            self._apply(self._tree, ToolsChosen(tuple(names)))
            self._agreed_here |= frozenset(names)
            if self._log is not None:
                self._agreed.add(key_of(self._log.path, self._log.header), tuple(names))
        self._notify()
        self._background.submit(self._remember)

    def _change(self, event: DiscussionEvent) -> None:
        with self._lock:
            self._check_writable()
            streams = self._tree.reply is not None
        if not streams:
            self._stop()
        self.record(event)

    def record(self, event: DiscussionEvent) -> None:
        """Applies *event* and writes it down. Raises DiscussionError, then nothing has changed."""
        with self._lock:
            self._apply(self._tree, event)
        self._notify()

    def record_in(self, tree: Discussion, event: DiscussionEvent) -> bool:
        """As `record`, when *tree* is still open; else False. For a reply that outlives its discussion."""
        with self._lock:
            if self._tree is not tree:
                return False
            self._apply(tree, event)
        self._notify()
        return True

    def record_all_in(self, tree: Discussion, events: tuple[DiscussionEvent, ...], files: tuple[SentFile, ...]) -> bool:
        """As `record_in` for a whole reply, whose request went out with *files*: nothing comes between its events."""
        with self._lock:
            if self._tree is not tree:
                return False
            for number, event in enumerate(events):
                self._apply(tree, event)
                if number == 0 and files:
                    self._apply(tree, tree.sending(files))
        self._notify()
        return True

    def record_sent(self, tree: Discussion, files: tuple[SentFile, ...]) -> bool:
        """As `record_in`: *files* go out with the request for the reply that streams."""
        with self._lock:
            if self._tree is not tree:
                return False
            event = tree.sending(files)
            if not files and not event.gone:  # a discussion that never had a file keeps a log without them
                return True
            self._apply(tree, event)
        self._notify()
        return True

    def tree(self) -> Discussion:
        """The tree itself, to name it in `record_in`; never to be read or changed outside this class."""
        with self._lock:
            return self._tree

    def next_id(self) -> int:
        """The number for the next turn."""
        with self._lock:
            return self._tree.next_id

    def head(self) -> int:
        """The identifier of the last turn of the branch that is shown; 0 at the beginning."""
        with self._lock:
            return self._tree.head

    def _apply(self, tree: Discussion, event: DiscussionEvent) -> None:
        self._check_writable()
        tree.apply(event)
        if self._log is None:
            self._early.append(event)
        else:
            self._log.append(event)

    def _check_writable(self) -> None:
        if self._read_only:
            raise DiscussionError(f"This discussion is read-only here. {self._notice}")

    def _describe(self, tree: Discussion) -> DiscussionState:
        turns = tree.branch()
        own = next((one.own_title for one in self._known if one.name == self._name), "")
        title = own or title_of(turns) or "New discussion"
        can_change = not self._read_only
        return DiscussionState(
            self._name,
            title,
            turns,
            tree.can_undo and can_change,
            tree.can_redo and can_change,
            self._read_only,
            self._notice,
            tuple(one for one in tree.tools if one in self._agreed_here),
            tree.spent,
            self._known,
        )

    @property
    def _name(self) -> str:
        return self._log.name if self._log is not None else self._first_name

    def _remember(self) -> None:
        """Keeps which tools the user agreed to, so that nobody is asked again."""
        try:
            self._agreed.save()
        except OSError as error:
            self._tell(
                f"Which tools you agreed to cannot be kept ({error.strerror}); it holds until the end.", "warning"
            )


_numbers = itertools.count(1)  # of the names that this process has given


def new_name() -> str:
    """A name that no other discussion of this process has."""
    return f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}-{next(_numbers)}"


def to_json(name: str, tree: Discussion) -> str:
    """The whole discussion; keys are taken out, and `hidden` says in how many places."""
    value, places = current().counted_value(as_value(name, tree.turns(), tree.head))
    return json.dumps({**value, "hidden": places}, ensure_ascii=False, indent=1) + "\n"
