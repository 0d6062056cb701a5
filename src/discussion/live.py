"""The discussion that is open, live: the tree, its log on disk, and the list of the others.

Guarantees
- `_lock` guards every field; events reach the tree and the log under it, so that both have them in one order.
- No method but `load_folder` and the jobs it names touches the disk; those run on the pool. Reading another discussion,
  locking and closing are such jobs.
- A discussion that another Sloppy has open, or a folder that cannot be written, is read-only here and says why; it is
  looked at again until it can be written.
- A discussion that is left before all of it is written keeps its tree, its log and its lock, in `_left`: opening it
  again goes on with these, and `close` writes them too.
- Before the user's folders are known events wait in memory, and nothing is lost when a folder comes.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING

from src.chat import Failed, Message, ModelReply
from src.discussion.agreed import AgreedTools, key_of
from src.discussion.log import SUFFIX, DiscussionLog
from src.discussion.marks import Mark
from src.discussion.text import Hit, Style, as_value, search, title_of, to_markdown
from src.discussion.tree import (
    Cut,
    Deleted,
    Discussion,
    DiscussionError,
    DiscussionEvent,
    Edited,
    Ended,
    Marked,
    Moved,
    Redone,
    SentFile,
    ToolsChosen,
    Turn,
    Undone,
    spoken,
)
from src.models.prices import Spent
from src.privacy.redactor import current, in_places
from src.storage.inside import OutsideError
from src.storage.instance_lock import InstanceLock
from src.value import Value
from src.work.background import Background
from src.work.toasts import ToastKind

if TYPE_CHECKING:
    from src.discussion.listing import DiscussionInfo

INTERRUPTED = Failed("Sloppy ended while this reply streamed; what had arrived is here.", "internal")
RETRY_S = 5.0
MAX_VISITED = 50


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


class _Left(Value):
    """A discussion that was left; `log` still writes what was said in it."""

    tree: Discussion
    log: DiscussionLog
    agreed: frozenset[str]


class LiveDiscussion:
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
        self._folder: str | None = None
        self._root = ""
        self._agreed = AgreedTools()
        self._agreed_here: frozenset[str] = frozenset()  # in the open discussion
        self._tree = Discussion()
        self._first_name = self._new_name()
        self._log: DiscussionLog | None = None
        self._left: tuple[_Left, ...] = ()
        self._visited: tuple[str, ...] = ()  # names of discussions with turns, the one before last
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

    def list(self) -> tuple[DiscussionInfo, ...]:
        """The discussions in the folder, the newest first, as last looked at."""
        with self._lock:
            return self._known

    def before(self) -> str:
        """The name of the discussion that was open before this one, or changed last; empty when there is no other."""
        with self._lock:
            known = [one.name for one in self._known]
            others = [*reversed(self._visited), *known]
            return next((name for name in others if name != self._name), "")

    def open_paths(self) -> frozenset[str]:
        """The files of the open discussion and of those that are still being written: they are never packed away."""
        with self._lock:
            left = frozenset(one.log.path for one in self._left)
            return left | {self._log.path} if self._log is not None else left

    @property
    def folder(self) -> str:
        """Where discussions are kept now; empty until it is known."""
        with self._lock:
            return self._folder or ""

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
                return _to_json(state.name, self._tree)
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
        """The last turn of the branch that is shown; 0 at the beginning."""
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

    # Another discussion

    def new(self) -> Future[None]:
        """Starts an empty discussion, at once; the future tells when the one before it is closed."""
        self._stop()
        with self._lock:
            left = self._swap(Discussion(), self._make_log(self._new_name()) if self._folder else None)
            log = self._log
        closed = self._background.submit(lambda: self._take_over(left, log))
        self._notify()
        return closed

    def open(self, name: str) -> Future[None]:
        """Opens the discussion *name* in the background; the future may raise UnreadableDiscussionError or OSError."""
        return self._background.submit(lambda: self._open(name))

    def go_back(self, name: str) -> bool:
        """Opens the discussion of the last run; False when it is gone, or another Sloppy has it open. On the pool."""
        if not os.path.isfile(self._path(name)):
            return False
        self._open(name)
        if self.snapshot().read_only:
            self.new()
            return False
        return True

    def refresh(self) -> Future[None]:
        """Looks at the folder again in the background."""
        return self._background.submit(self._refresh)

    def use_agreed(self, path: str) -> None:
        """Keeps in the file at *path* which tools the user agreed to. On the pool."""
        self._agreed.load(path)

    def load_folder(self, folder: str, root: str = "") -> None:
        """Keeps discussions in *folder* from now on. On the pool. One that has turns in another folder makes way.

        *root*: the folder, such as a project's, that no link may lead out of; *folder* itself without it.
        """
        with self._lock:
            unchanged, first = self._folder == folder, self._folder is None
            self._folder, self._root = folder, root
            if first:
                log = self._log = self._make_log(self._first_name)
                early, self._early = self._early, []
                for event in early:
                    log.append(event)
        if first:
            log.lock()
        elif not unchanged:
            self.new()
            with self._lock:
                self._visited = ()  # they are in another folder
        self._refresh()

    def close(self) -> bool:
        """Writes what waits, of the discussions left before too; True when all of it is on the disk.

        On the thread that ends the program. `unwritten` then has what is not.
        """
        with self._lock:
            if self._log is not None:
                self._left += (_Left(self._tree, self._log, self._agreed_here),)
                self._first_name, self._log = self._log.name, None
            left = self._left
        for one in left:
            self._leave(one)
        self._remember()
        with self._lock:
            return not (self._left or self._early)

    def unwritten(self) -> tuple[str, ...]:
        """After `close`: each discussion of which something is not on the disk, whole, as JSON."""
        with self._lock:
            trees = [(one.log.name, one.tree) for one in self._left]
            if self._early:
                trees.append((self._name, self._tree))
            return tuple(_to_json(*one) for one in trees)

    def _open(self, name: str) -> None:
        from src.discussion.reading import UnreadableDiscussionError, load  # on the pool; the first frame needs neither

        with self._lock:
            folder, current, root, read_only = self._folder, self._name, self._root, self._read_only
        if name == current and not read_only:
            return
        if folder is None or os.path.basename(name) != name or name.startswith("."):
            raise UnreadableDiscussionError(f"There is no discussion {name!r}.")
        if self._take_back(self._path(name)):
            self._refresh()
            return
        path = self._path(name)
        if not os.path.isfile(path):
            raise UnreadableDiscussionError(f"There is no discussion {name!r} in {folder}.")
        instance, notice = _lock_discussion(path, root)
        try:
            loaded = load(path, mend=instance is not None, root=root)
        except BaseException:
            if instance is not None:
                instance.release()
            raise
        loaded.discussion.branch()  # makes its turns here, so that no frame has to
        self._stop()
        agreed = self._agreed.of(key_of(path, loaded.header))
        with self._lock:
            log = self._make_log(name, loaded.size, loaded.header, instance)
            left = self._swap(loaded.discussion, log, agreed, notice)
            if loaded.discussion.reply is not None:
                end = Ended(INTERRUPTED, None)
                loaded.discussion.apply(end)
                if instance is not None:
                    log.append(end)
        if loaded.notice:
            self._tell(loaded.notice, "warning")
        if off := [one for one in loaded.discussion.tools if one not in agreed]:
            self._tell(
                f"{name} asks for tools that are off here until you switch them on: {', '.join(off)}.", "warning"
            )
        self._leave(left)
        self._refresh()
        if notice:
            self._background.later(RETRY_S, lambda: self._look_again(log))
        self._notify()

    def _take_back(self, path: str) -> bool:
        """Goes on with the discussion of the log at *path* when that was left before all of it was written."""
        with self._lock:
            if all(one.log.path != path for one in self._left):
                return False
        self._stop()
        with self._lock:
            found = next((one for one in self._left if one.log.path == path), None)
            if found is None:  # written in between: it is opened from its file
                return False
            found.log.reopen()
            self._left = tuple(one for one in self._left if one is not found)
            left = self._swap(found.tree, found.log, found.agreed)
        self._leave(left)
        self._notify()
        return True

    def _look_again(self, log: DiscussionLog) -> None:
        """Opens the read-only discussion of *log* again, while it is still shown, in case it can be written now."""
        with self._lock:
            is_shown = self._log is log and self._read_only
        if is_shown:
            self._background.submit(lambda: self._try_again(log))

    def _try_again(self, log: DiscussionLog) -> None:
        instance, notice = _lock_discussion(log.path, self._root)
        if instance is None:
            with self._lock:
                if self._log is log:
                    self._notice = notice
            self._notify()
            self._background.later(RETRY_S, lambda: self._look_again(log))
            return
        instance.release()
        with self._lock:
            is_shown = self._log is log
        if not is_shown:
            return
        self._open(log.name)
        with self._lock:
            can_be_written = self._name == log.name and not self._read_only
        if can_be_written:
            self._tell(f"{log.path} can be written now.", "success")

    def _swap(
        self, tree: Discussion, log: DiscussionLog | None, agreed: frozenset[str] = frozenset(), notice: str = ""
    ) -> _Left | None:
        """Shows another discussion; the one that was left, which `_left` holds until all of it is written."""
        left = None
        if self._log is not None and not self._read_only:
            left = _Left(self._tree, self._log, self._agreed_here)
            self._left += (left,)
        if len(self._tree):
            self._visited = (*(one for one in self._visited if one != self._name), self._name)[-MAX_VISITED:]
        self._tree, self._log = tree, log
        self._read_only, self._notice = bool(notice), notice
        self._early, self._agreed_here = [], agreed
        return left

    def _take_over(self, left: _Left | None, log: DiscussionLog | None) -> None:
        """Lets the old discussion go and locks the new one."""
        self._leave(left)
        if log is not None:
            log.lock()
        self._refresh()

    def _leave(self, left: _Left | None) -> None:
        if left is not None and left.log.close():
            self._forget(left.log)

    def _forget(self, log: DiscussionLog) -> None:
        """All of the discussion that was left is on the disk."""
        with self._lock:
            self._left = tuple(one for one in self._left if one.log is not log)

    def _refresh(self) -> None:
        from src.discussion.listing import DiscussionInfo, list_discussions  # on the pool

        with self._lock:
            folder = self._folder
        known = list_discussions(folder) if folder is not None else ()
        with self._lock:
            names = {one.name for one in known}
            held = [
                one
                for one in self._left
                if os.path.dirname(one.log.path) == folder and one.log.name not in names and len(one.tree)
            ]
            unwritten = tuple(DiscussionInfo(one.log.name, title_of(one.tree.branch()), time.time(), 0) for one in held)
            self._known = (*unwritten, *known)
        self._notify()

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

    def _make_log(
        self, name: str, size: int = 0, header: bytes = b"", instance: InstanceLock | None = None
    ) -> DiscussionLog:
        log: DiscussionLog
        log = DiscussionLog(
            self._background,
            self._path(name),
            size,
            self._tell,
            root=self._root,
            header=header,
            instance=instance,
            written=lambda: self._forget(log),
        )
        return log

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

    def _path(self, name: str) -> str:
        return os.path.join(self._folder or "", name + SUFFIX)

    _names_given = 0

    def _new_name(self) -> str:
        LiveDiscussion._names_given += 1
        return f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}-{LiveDiscussion._names_given}"


def _to_json(name: str, tree: Discussion) -> str:
    value, places = current().counted_value(as_value(name, tree.turns(), tree.head))
    return json.dumps({**value, "hidden": places}, ensure_ascii=False, indent=1) + "\n"


def _lock_discussion(path: str, root: str) -> tuple[InstanceLock | None, str]:
    """The lock of the discussion at *path*; without one, the sentence that says why it is read-only."""
    instance = InstanceLock(f"{path}.lock", root)
    try:
        if instance.take():
            return instance, ""
    except OSError as error:
        return None, f"{path} cannot be written ({error.strerror})."
    except OutsideError as error:
        return None, f"{path} is not written: {error}"
    return None, f"It is open in another Sloppy (process {instance.owner() or 'unknown'})."
