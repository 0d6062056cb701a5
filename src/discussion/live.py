"""Which discussion is open, and the others: each is opened, locked, left and closed here.

Guarantees
- No method but `load_folder` and the jobs it names touches the disk; those run on the pool. Reading another discussion,
  locking and closing are such jobs.
- A discussion that another Sloppy has open, or a folder that cannot be written, is read-only here and says why; it is
  looked at again until it can be written.
- A discussion that is left before all of it is written keeps its tree, its log and its lock, in `_left`: opening it
  again goes on with these, and `close` writes them too.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING

from src.chat import Failed, Message
from src.discussion.agreed import key_of
from src.discussion.events import Ended
from src.discussion.left import Left, LeftDiscussions
from src.discussion.log import SUFFIX, DiscussionLog
from src.discussion.opened import OpenDiscussion, new_name, to_json
from src.discussion.tree import Discussion, spoken
from src.models.prices import Money
from src.models.providers import FREE
from src.storage.inside import OutsideError
from src.storage.instance_lock import InstanceLock
from src.work.background import Background
from src.work.toasts import ToastKind

if TYPE_CHECKING:
    from src.discussion.listing import DiscussionInfo

INTERRUPTED = Failed("Sloppy ended while this reply streamed; what had arrived is here.", "internal")
RETRY_S = 5.0
MAX_VISITED = 50


class LiveDiscussion(OpenDiscussion):
    """The open discussion, and the choice of another one.

    *prepare* is called on the pool with what goes out of a discussion before it is shown, so that no frame has to.
    """

    def __init__(
        self,
        background: Background,
        notify: Callable[[], None],
        tell: Callable[[str, ToastKind], object],
        stop: Callable[[], None],
        prepare: Callable[[tuple[Message, ...]], object] = len,
    ) -> None:
        super().__init__(background, notify, tell, stop)
        self._prepare = prepare
        self._folder: str | None = None
        self._root = ""
        self._left = LeftDiscussions(self._lock)
        self._visited: tuple[str, ...] = ()  # names of discussions with turns, the one before last

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

    def new(self) -> Future[None]:
        """Starts an empty discussion, at once; the future tells when the one before it is closed."""
        self._stop()
        with self._lock:
            left = self._swap(Discussion(), self._make_log(new_name()) if self._folder else None)
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
                self._left.add(Left(self._tree, self._log, self._agreed_here))
                self._first_name, self._log = self._log.name, None
            left = tuple(self._left)
        for one in left:
            self._left.close(one)
        self._remember()
        with self._lock:
            return not (self._left or self._early)

    def unwritten(self) -> tuple[str, ...]:
        """After `close`: each discussion of which something is not on the disk, whole, as JSON."""
        with self._lock:
            trees = [(one.log.name, one.tree) for one in self._left]
            if self._early:
                trees.append((self._name, self._tree))
            return tuple(to_json(*one) for one in trees)

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
        self._prepare(spoken(loaded.discussion.branch()))  # the turns are made here, too
        self._stop()
        agreed = self._agreed.of(key_of(path, loaded.header))
        with self._lock:
            log = self._make_log(name, loaded.size, loaded.header, instance)
            left = self._swap(loaded.discussion, log, agreed, notice)
            if loaded.discussion.reply is not None:
                free = loaded.discussion.reply.provider in FREE
                end = Ended(INTERRUPTED, Money(0) if free else None)
                loaded.discussion.apply(end)
                if instance is not None:
                    log.append(end)
        if loaded.notice:
            self._tell(loaded.notice, "warning")
        if off := [one for one in loaded.discussion.tools if one not in agreed]:
            self._tell(
                f"{name} asks for tools that are off here until you switch them on: {', '.join(off)}.", "warning"
            )
        self._left.close(left)
        self._refresh()
        if notice:
            self._background.later(RETRY_S, lambda: self._look_again(log))
        self._notify()

    def _take_back(self, path: str) -> bool:
        """Goes on with the discussion of the log at *path* when that was left before all of it was written."""
        if self._left.find(path) is None:
            return False
        self._stop()
        with self._lock:
            found = self._left.find(path)
            if found is None:  # written in between: it is opened from its file
                return False
            found.log.reopen()
            self._left.forget(found.log)
            left = self._swap(found.tree, found.log, found.agreed)
        self._left.close(left)
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
    ) -> Left | None:
        """Shows another discussion; the one that was left, which `_left` holds until all of it is written."""
        left = None
        if self._log is not None and not self._read_only:
            left = Left(self._tree, self._log, self._agreed_here)
            self._left.add(left)
        if len(self._tree):
            self._visited = (*(one for one in self._visited if one != self._name), self._name)[-MAX_VISITED:]
        self._tree, self._log = tree, log
        self._read_only, self._notice = bool(notice), notice
        self._early, self._agreed_here = [], agreed
        return left

    def _take_over(self, left: Left | None, log: DiscussionLog | None) -> None:
        """Lets the old discussion go and locks the new one."""
        self._left.close(left)
        if log is not None:
            log.lock()
        self._refresh()

    def _refresh(self) -> None:
        from src.discussion.listing import list_discussions  # on the pool

        with self._lock:
            folder = self._folder
        known = list_discussions(folder) if folder is not None else ()
        with self._lock:
            self._known = self._left.listed(folder, known)
        self._notify()

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
            written=lambda: self._left.forget(log),
            begun=self._refresh,  # it is in the list from its first message on
        )
        return log

    def _path(self, name: str) -> str:
        return os.path.join(self._folder or "", name + SUFFIX)


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
