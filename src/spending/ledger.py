"""The ledger: one file for all Sloppys of the user, to which each request is written before it goes out.

Guarantees
- A request is reserved under the file's lock, after everything that other processes wrote was read: of two that
  together go over a cap only one goes out.
- Lines are only appended. A torn line, of a process that was killed, is skipped and costs nothing but itself; `skipped`
  counts them. A file that was cut or taken away is read from its beginning, and what was known goes on to count.
- What ends is written at once, or waits in memory while the disk is full; `flush` writes it.
- `_lock` guards the fields and is never held while the disk is touched, so that a frame may ask for `sums`. `_disk`
  lets one thread at a time touch the disk and guards `_offset`. Another process is waited for WAIT_S seconds.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from src.chat import Usage
from src.models.prices import Caps, Money, Spent, Sums, over_cap
from src.spending.entries import Entry, KnownError, Order, apply, day_of, encode_end, encode_order
from src.storage import stored_file
from src.storage.instance_lock import lock_waiting
from src.value import Value

WAIT_S = 5.0
DAY_S = 86_400
NOTHING = Spent()


class Reserved(Value):
    """An order that may go out, by its `id`; or the sentence that says why it may not."""

    id: str
    refusal: str = ""


class Ledger:
    """What was spent. Before `load` it is kept in memory. *notify* tells that the sums have changed."""

    def __init__(self, notify: Callable[[], None]) -> None:
        self._notify = notify
        self._lock = threading.Lock()
        self._disk = threading.Lock()
        self._path = ""
        self._offset = 0
        self._entries: dict[str, Entry] = {}
        self._waiting: list[bytes] = []
        self._by: dict[tuple[str, str], Spent] = {}
        self._failure = ""
        self._revision = 0
        self._skipped = 0
        self._file = (0, 0)  # device and number of the file that `_offset` is about

    def load(self, path: str) -> None:
        """Reads the ledger at *path*, and writes what came before. On the pool."""
        with self._lock:
            self._path = path
        self._try(self._write)
        self._notify()

    @property
    def failure(self) -> str:
        """Why it cannot be written now; empty when it can."""
        with self._lock:
            return self._failure

    @property
    def skipped(self) -> int:
        """Lines of the file that are none of a ledger: what they said does not count."""
        with self._lock:
            return self._skipped

    @property
    def notice(self) -> str:
        """A sentence when something is wrong with the file; empty when nothing is."""
        with self._lock:
            path, failure, skipped = self._path, self._failure, self._skipped
        if failure:
            return f"The ledger {path} cannot be read and written: {failure}."
        lines = "1 line" if skipped == 1 else f"{skipped:,} lines"
        return f"{lines} of the ledger {path} cannot be read; what was paid there is not counted." if skipped else ""

    def reserve(self, order: Order, total: int, caps: Caps, *, confirmed: bool) -> Reserved:
        """Writes *order* down before it goes out; a refusal when it goes over a cap and was not *confirmed*.

        Without caps in money a ledger that cannot be written lets it go. On the pool.
        """
        found: list[Reserved] = []

        def run() -> None:
            found.append(self._reserve(order, total, caps, confirmed))
            self._write()

        failure = self._try(run)
        if failure and caps.hold_money and not confirmed:
            if found and found[0].id:
                self.settle(found[0].id, "not sent", None, Money(0), False)
            return Reserved("", f"The ledger {self._path} cannot be written ({failure}), and a cap in money needs it.")
        if not found:
            found.append(self._reserve(order, total, caps, confirmed))
        self._notify()
        return found[0]

    @property
    def revision(self) -> int:
        """Grows with each line."""
        with self._lock:
            return self._revision

    def settle(self, identifier: str, end: str, usage: Usage | None, cost: Money | None, guessed: bool) -> None:
        """The request has ended and cost so much. Only memory is changed; `flush` writes it."""
        with self._lock:
            entry = self._entries.get(identifier)
            if entry is None or entry.end:
                return
            self._take(encode_end(entry._replace(end=end, usage=usage, cost=cost, guessed=guessed)))
        self._notify()

    def flush(self) -> bool:
        """Writes what waits; True when nothing is left. On the pool, and once more at the end."""
        with self._lock:
            if not self._waiting or not self._path:
                return not self._waiting
        return not self._try(self._write)

    def sums(self, discussion: str, project: str) -> Sums:
        """What was spent, as last read: cheap, for each frame."""
        with self._lock:
            return self._sums(discussion, project, time.time())

    def entries(self) -> tuple[Entry, ...]:
        """All entries, the oldest first, as last read."""
        with self._lock:
            return tuple(self._entries.values())

    def _sums(self, discussion: str, project: str, now: float) -> Sums:
        day, later = day_of(now), day_of(now + DAY_S)
        names = (("discussion", discussion), ("project", project), ("day", day), ("all", ""))
        sums = Sums(*(self._by.get(name, NOTHING) for name in names))
        # What is dated tomorrow was paid before the clock, or the time zone, went back: it counts today too.
        return sums._replace(day=sums.day.plus(self._by.get(("day", later), NOTHING))) if later != day else sums

    def _reserve(self, order: Order, total: int, caps: Caps, confirmed: bool) -> Reserved:
        now = time.time()
        with self._lock:
            sums = self._sums(order.discussion, order.project, now)
            refusal = over_cap(total, order.highest, caps._replace(sums=sums), order.model)
            if refusal and not confirmed:
                return Reserved("", refusal)
            entry = Entry(os.urandom(8).hex(), now, day_of(now), order)
            self._take(encode_order(entry))
            return Reserved(entry.id)

    def _take(self, line: bytes) -> None:
        self._apply(line)
        self._waiting.append(line)

    def _apply(self, line: bytes) -> None:
        """Takes *line* into the entries and the sums."""
        before = apply(line, self._entries)
        self._revision += 1
        after = self._entries[before.id] if before is not None else next(reversed(self._entries.values()))
        order = after.order
        for key in (("discussion", order.discussion), ("project", order.project), ("day", after.day), ("all", "")):
            spent = self._by.get(key, NOTHING)
            spent = _less(spent, before.counts) if before is not None else spent
            self._by[key] = spent.add(after.counts)

    def _try(self, work: Callable[[], None]) -> str:
        """Does *work* with the file's lock, all read that others wrote; why it failed, empty when it did not."""
        failure = ""
        with self._disk:
            try:
                with self._held():
                    work()
            except OSError as error:
                failure = error.strerror or str(error)
        with self._lock:
            self._failure = failure
        return failure

    @contextmanager
    def _held(self) -> Iterator[None]:
        with self._lock:
            path = self._path
        if not path:
            yield
            return
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        with lock_waiting(f"{path}.lock", WAIT_S):
            self._read(path)
            yield

    def _write(self) -> None:
        """Appends what waits. Raises OSError, then it waits on."""
        with self._lock:
            path, waiting = self._path, tuple(self._waiting)
        if not path or not waiting:
            return
        with open(path, "r+b", opener=_private) as file:
            if file.seek(0, os.SEEK_END) > self._offset:  # a line that was torn
                file.write(b"\n")
            file.write(b"".join(waiting))
            file.flush()
            os.fsync(file.fileno())
            self._offset = file.tell()
        with self._lock:
            del self._waiting[: len(waiting)]

    def _read(self, path: str) -> None:
        """Takes what others have written since."""
        with open(path, "r+b", opener=_private) as file:
            found = os.fstat(file.fileno())
            if (found.st_dev, found.st_ino) != self._file or found.st_size < self._offset:
                self._file, self._offset = (found.st_dev, found.st_ino), 0
            file.seek(self._offset)
            data = file.read()
        whole = data.rfind(b"\n") + 1
        with self._lock:
            for line in filter(None, data[:whole].splitlines()):
                try:
                    self._apply(line)
                except KnownError:  # a line that was read before, or written twice
                    continue
                except ValueError:  # torn, or of a newer Sloppy
                    self._skipped += 1
        self._offset += whole


def _less(spent: Spent, cost: Money | None) -> Spent:
    if cost is None:
        return spent._replace(unknown=spent.unknown - 1)
    return spent._replace(known=Money(spent.known.nanos - cost.nanos))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), stored_file.PRIVATE)
