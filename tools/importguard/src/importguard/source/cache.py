"""Programs by the content of their source, kept in one database for all projects of a user.

**Guarantees**
- A Program comes back as it was put in, or not at all: its key is the digest of source and analyser, and each row has a
  checksum. A damaged, locked, read-only or missing database costs time only.
- What is read new is written once, when the run is over, in one transaction.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING

import msgspec

from importguard.source import program as ir
from importguard.source.ahead import Ahead, worthwhile
from importguard.source.reader import ParseNewer, read_program
from importguard.source.shared import SharedPrograms
from importguard.source.skimming import is_compiled
from importguard.storage.digests import digest
from importguard.storage.own import own_digest

if TYPE_CHECKING:
    import sqlite3

    from importguard.storage.store import Store

MAX_BYTES = 256 * 1024 * 1024
_AT_ONCE = 500  # rows asked for in one question
_WAITING_BYTES = 4 * 1024 * 1024  # of new Programs that wait to be written
_BESIDE = ("-journal", "-wal", "-shm")  # the files that SQLite may keep next to a database
_IS_THERE = "SELECT 1 FROM programs WHERE key = ?"
_WAIT_SECONDS = 0.5  # for another run that writes
_SOME = f"SELECT key, sum, program FROM programs WHERE key IN ({','.join('?' * _AT_ONCE)})"  # noqa: S608 - a constant
_SCHEMA = "CREATE TABLE IF NOT EXISTS programs (key BLOB PRIMARY KEY, sum INTEGER, day INTEGER, program BLOB)"


class ProgramCache:
    """Reads sources; with *path*, what earlier runs have read. Use it as a context: what is new is kept at its end."""

    def __init__(self, path: str | None = None, target: str = "", store: Store | None = None, root: str = "") -> None:
        """*target*: of what else a Program may depend on: the version of a parser that is asked.

        What is not in the database may be in *store*, where the project in *root* has its own objects.
        """
        self.path = path
        self._fetched: dict[bytes, tuple[int, bytes]] = {}
        self._salt = own_digest() + f"{sys.version}\0{target}".encode() if path else b""
        self._shared = SharedPrograms(store, root, self._salt) if store is not None else None
        self._elsewhere: dict[bytes, bytes] = {}
        self._database: sqlite3.Connection | None = None
        self._damage: sqlite3.DatabaseError | None = None
        self.failed = False  # nothing could be kept
        self._ahead: Ahead | None = None
        self._new: dict[bytes, bytes] = {}
        self._waiting = 0  # bytes of these
        self._used: list[bytes] = []
        self._decoder = msgspec.msgpack.Decoder(ir.Program)

    def __enter__(self) -> ProgramCache:
        if self.path is not None:
            self._database = _open(self.path)
            self.failed = self._database is None
        return self

    def expect(self, contents: Sequence[bytes]) -> None:
        """A walk is about to begin; most of what it will ask for are the sources with the digests *contents*."""
        import sqlite3

        if self._database is None:
            return
        if not contents and self._ahead is None and worthwhile():
            self._ahead = Ahead(self._salt)
        keys = [self._key(one) for one in contents]
        try:
            for first in range(0, len(keys), _AT_ONCE):
                some = keys[first : first + _AT_ONCE]
                rows = self._database.execute(_SOME, some + [b""] * (_AT_ONCE - len(some)))
                self._fetched.update((key, (total, program)) for key, total, program in rows)
        except sqlite3.DatabaseError as error:
            self._damage = error

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._ahead is not None:
            self._ahead.end()
            self._ahead = None
        if self._database is not None and self.path is not None:
            if self._shared is not None:
                self._shared.share()
            damage = self._damage or _keep(self._database, self._new, self._used)
            self.failed = damage is not None
            self._database.close()
            self._database = None
            if damage is not None:
                _remove_damaged(self.path, damage)

    def program(
        self,
        source: bytes,
        path: str,
        parse_newer: ParseNewer | None = None,
        names: Callable[[], list[str]] | None = None,
    ) -> ir.Program:
        """As `read_program` does. *names*: the sources beside *path*, from which it may import."""
        if self._database is None:
            return read_program(source, path, parse_newer, compiled=is_compiled(path, len(source)))
        content = digest(source)
        known = self.known(content)
        if known is not None:
            return known
        key = self._key(content)
        shared = self._of_store(path, key)
        if shared is not None:
            return shared
        made = self._made(source, path, key, parse_newer)
        if self._ahead is not None and names is not None:
            self._ahead.beside(path, made, names)
        return made

    def _made(self, source: bytes, path: str, key: bytes, parse_newer: ParseNewer | None) -> ir.Program:
        if self._ahead is not None:
            encoded = self._ahead.take(key)
            if encoded is not None:
                self._keep_new(path, key, encoded)
                return self._decoder.decode(encoded)
            self._ahead.take_over(path)
        made = read_program(source, path, parse_newer, compiled=is_compiled(path, len(source)))
        self._keep_new(path, key, msgspec.msgpack.encode(made))
        return made

    def _keep_new(self, path: str, key: bytes, encoded: bytes) -> None:
        self._wait(key, encoded)
        if self._shared is not None:
            self._shared.add(path, key, encoded)

    def _wait(self, key: bytes, encoded: bytes) -> None:
        """*encoded* is to be written, together with what comes next: a first walk makes more than it should hold."""
        self._new[key] = encoded
        self._waiting += len(encoded)
        if self._waiting > _WAITING_BYTES and self._database is not None:
            self._waiting = 0
            if _keep(self._database, self._new, []) is None:
                self._new = {}

    def _of_store(self, path: str, key: bytes) -> ir.Program | None:
        """The Program *key* of the file *path*, if another machine has shared it."""
        if self._shared is None:
            return None
        self._elsewhere.update((one.name, one.content) for one in self._shared.beside(path))
        encoded = self._elsewhere.pop(key, None)
        if encoded is None:
            return None
        try:
            found = self._decoder.decode(encoded)
        except (msgspec.DecodeError, TypeError, UnicodeDecodeError, RecursionError):
            return None
        self._wait(key, encoded)
        return found

    def known(self, content: bytes) -> ir.Program | None:
        """The Program of the source with the digest *content*, if an earlier run has kept it."""
        import sqlite3

        if self._database is None:
            return None
        key = self._key(content)
        try:
            row = self._fetched.pop(key, None)
            if row is None:
                row = self._database.execute("SELECT sum, program FROM programs WHERE key = ?", (key,)).fetchone()
            if row is None or zlib.crc32(row[1]) != row[0]:
                return None
            found = self._decoder.decode(row[1])
        except sqlite3.DatabaseError as error:
            self._damage = error
            return None
        except (msgspec.DecodeError, TypeError, UnicodeDecodeError):
            return None
        self._used.append(key)
        return found

    def encoded(self, contents: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
        """Key and encoding of those Programs that are kept of the sources with the digests *contents*."""
        listed = list(contents)
        for first in range(0, len(listed), _AT_ONCE):
            self._fetched.clear()
            self.expect(listed[first : first + _AT_ONCE])
            sound = {key: row[1] for key, row in self._fetched.items() if zlib.crc32(row[1]) == row[0]}
            yield from sorted(sound.items())

    def take_in(self, key: bytes, encoded: bytes) -> bool | None:
        """Keeps the Program *encoded* as *key*, unless one is kept. Whether it was new; None where it is no Program."""
        import sqlite3

        try:
            self._decoder.decode(encoded)
            if self._database is None or self._database.execute(_IS_THERE, (key,)).fetchone() is not None:
                return False
        except sqlite3.DatabaseError as error:
            self._damage = error
            return False
        except (msgspec.DecodeError, TypeError, UnicodeDecodeError, RecursionError):
            return None
        self._wait(key, encoded)
        return True

    def _key(self, content: bytes) -> bytes:
        return digest(self._salt + content)


def _open(path: str) -> sqlite3.Connection | None:
    import sqlite3

    for _ in range(2):
        connection: sqlite3.Connection | None = None
        try:
            os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
            for one in (path, *(path + ending for ending in _BESIDE)):
                if os.path.lexists(one) and not stat.S_ISREG(os.lstat(one).st_mode):
                    os.unlink(one)  # SQLite would wait for a pipe
            connection = sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False)
            connection.execute("PRAGMA synchronous = OFF")  # an entry that a crash damages is noticed
            connection.execute("SELECT sum, program FROM programs WHERE key = x''").fetchone()
            return connection
        except sqlite3.DatabaseError as error:
            if connection is not None and "no such table" in str(error):
                with contextlib.suppress(sqlite3.Error):
                    connection.execute(_SCHEMA)
                    return connection
            if connection is not None:
                connection.close()
            _remove_damaged(path, error)
        except OSError:
            return None
    return None


def _remove_damaged(path: str, error: sqlite3.DatabaseError) -> None:
    """A database that is only locked or not ours to write stays; a damaged one makes room for a new one."""
    if not any(reason in str(error) for reason in ("locked", "busy", "unable to open", "readonly", "full", "I/O")):
        with contextlib.suppress(OSError):
            os.unlink(path)


def _keep(database: sqlite3.Connection, new: dict[bytes, bytes], used: list[bytes]) -> sqlite3.DatabaseError | None:
    """Writes what is *new*; what went wrong, if anything did."""
    import sqlite3

    today = int(time.time()) // 86_400
    try:
        if new:
            database.execute("BEGIN IMMEDIATE")
            rows = [(key, zlib.crc32(program), today, program) for key, program in new.items()]
            database.executemany("INSERT OR REPLACE INTO programs VALUES (?, ?, ?, ?)", rows)
            database.executemany("UPDATE programs SET day = ? WHERE key = ?", [(today, key) for key in used])
            database.execute("COMMIT")
            _shrink(database)
    except sqlite3.DatabaseError as error:
        with contextlib.suppress(sqlite3.Error):
            database.execute("ROLLBACK")
        return error
    return None


def _shrink(database: sqlite3.Connection) -> None:
    """Forgets the half that was used longest ago once there is more than MAX_BYTES."""
    (pages,), (size,) = (database.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size"))
    if pages * size > MAX_BYTES:
        database.execute("DELETE FROM programs WHERE day <= (SELECT day FROM programs ORDER BY day LIMIT 1 OFFSET "
                         "(SELECT count(*) / 2 FROM programs))")  # fmt: skip
        database.execute("VACUUM")
