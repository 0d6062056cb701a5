"""A store that many machines share, behind fsspec: read where the own folder has nothing, written when the run is over.

**Guarantees**
- What it holds is used only with the seal of the user's key, made for the name that it was found by. Without a key it
  is not asked. So it can make a run slower and no answer wrong, whoever writes into it.
- Opening it waits `OPEN_SECONDS` at most, a question `READ_SECONDS`, all together `TOTAL_SECONDS`, all writing at the
  end `WRITE_SECONDS`. A store that fails or is too slow once is not asked again by this process, which says so in one
  sentence and goes on with its own folder.
- Many may write at once: an object is replaced whole, and who reads half of one finds no seal on it. The last one
  wins; what another had added is added again by whoever misses it.
"""

from __future__ import annotations

import functools
import os
import sys
import threading
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any, TypeVar

from importguard.storage.own import own_digest
from importguard.storage.pack import Entry, Origin, packed, unpacked
from importguard.storage.seal import FILE_VARIABLE, VARIABLE, Key, key_of_user

OPEN_SECONDS = 30.0  # importing the library of a kind of store takes a second of CPU, more on a busy machine
READ_SECONDS = 10.0
TOTAL_SECONDS = 60.0  # for questions of one process
WRITE_SECONDS = 20.0
MAX_OBJECT = 64 * 1024 * 1024  # bytes, sealed
MAX_ENTRIES_BYTES = 128 * 1024 * 1024  # of the entries of one object
_LOCAL = ("file", "local")
_Answer = TypeVar("_Answer")


class Store:
    """The store at *address*, `s3://bucket/folder` for example."""

    def __init__(self, address: str, key: Key | None) -> None:
        self.address = address
        self._key = key
        self._open = key is not None
        self._waited_s = 0.0
        self._found: dict[str, list[Entry]] = {}
        self._new: dict[str, dict[bytes, Entry]] = {}
        self._limits: dict[str, int] = {}
        self._lock = threading.Lock()  # guards _notes, which writing threads add to
        self._notes: list[str] = []
        if key is None:
            self._note(f"is not asked: set {VARIABLE} or {FILE_VARIABLE} to the key of those who share it")

    def get(self, name: str) -> list[Entry]:
        """The entries of the object *name*; none where there is no sound one, or the store does not answer."""
        if name not in self._found:
            sealed = self._ask(name) if self._is_open() else None
            self._found[name] = self._entries(name, sealed) if sealed is not None else []
        return self._found[name]

    def _ask(self, name: str) -> bytes | None:
        began = monotonic()
        found = self._within(READ_SECONDS, lambda: self._read(name))
        self._waited_s += monotonic() - began
        if self._open and self._waited_s > TOTAL_SECONDS:
            self._open = False
            self._note(f"took more than {TOTAL_SECONDS:g} s in all; going on without it")
        return found

    def _is_open(self) -> bool:
        """Whether it can be asked; what speaks with it is imported before the first question."""
        if self._open and "_opened" not in vars(self):
            self._within(OPEN_SECONDS, lambda: self._opened)
        return self._open

    def _entries(self, name: str, sealed: bytes) -> list[Entry]:
        content = self._key.opened(name, sealed) if self._key is not None else None
        if content is None:
            self._note("holds an object without the seal of your key; nothing of that was used")
            return []
        try:
            origin, entries = unpacked(content)
            return list(entries) if origin == Origin.here() else []
        except (ValueError, RecursionError):
            return []

    def add(self, name: str, entries: Iterable[Entry], limit: int = sys.maxsize) -> None:
        """Has *entries* written into the object *name* at the end, before those that are there; *limit* in all."""
        new = self._new.setdefault(name, {})
        new.update((one.name, one) for one in entries)
        self._limits[name] = limit

    def finish(self) -> None:
        """Writes what was added, as far as there is time."""
        new, self._new = self._new, {}
        if new and self._is_open():
            self._within(WRITE_SECONDS, lambda: self._write_all(new))

    def notes(self) -> list[str]:
        """A sentence for each trouble that was met, once."""
        with self._lock:
            notes, self._notes = self._notes, []
        return notes

    def _write_all(self, new: dict[str, dict[bytes, Entry]]) -> None:
        for name, entries in new.items():
            known = [one for one in self._found.get(name, []) if one.name not in entries]
            self._write(name, _bounded([*entries.values(), *known], self._limits[name]))

    def _write(self, name: str, entries: list[Entry]) -> None:
        sealed = self._key.sealed(name, packed(entries, Origin.here())) if self._key is not None else b""
        if len(sealed) > MAX_OBJECT:
            return
        files, place = self._files(), self._place(name)
        if not self._is_local:
            files.pipe_file(place, sealed)
            return
        scratch = f"{place}.{os.urandom(8).hex()}"
        files.pipe_file(scratch, sealed)
        os.replace(scratch, place)

    def _read(self, name: str) -> bytes | None:
        try:
            content: bytes = self._files().cat_file(self._place(name), start=0, end=MAX_OBJECT + 1)
        except FileNotFoundError:
            return None
        return content if len(content) <= MAX_OBJECT else None

    @property
    def _is_local(self) -> bool:
        return self.address.partition(":")[0] in _LOCAL

    def _files(self) -> Any:
        """The file system behind the address."""
        return self._opened[0]

    @functools.cached_property
    def _opened(self) -> tuple[Any, str]:
        from fsspec.core import url_to_fs

        options = {"auto_mkdir": True} if self._is_local else {}
        files, root = url_to_fs(self.address, **options)
        return files, root.rstrip("/")

    def _place(self, name: str) -> str:
        """Objects of another importguard are in another folder, so that old ones can be deleted by their age."""
        return f"{self._opened[1]}/{own_digest().hex()}/{name}"

    def _within(self, seconds: float, job: Callable[[], _Answer]) -> _Answer | None:
        """What *job* answers; None, and never again, where it fails or takes longer."""
        answer: list[_Answer] = []
        failed: list[Exception] = []

        def work() -> None:
            try:
                answer.append(job())
            except Exception as error:  # whatever a file system of somebody else's raises
                failed.append(error)

        thread = threading.Thread(target=work, daemon=True, name="importguard-store")
        thread.start()
        thread.join(seconds)
        if answer:
            return answer[0]
        self._open = False
        reason = _reason(failed[0], self.address) if failed else f"gave no answer in {seconds:g} s"
        self._note(f"{reason}; going on without it")
        return None

    def _note(self, said: str) -> None:
        with self._lock:
            sentence = f"the store {self.address} {said}"
            if sentence not in self._notes:
                self._notes.append(sentence)


def _reason(error: Exception, address: str) -> str:
    if isinstance(error, ImportError):
        kind = address.partition(":")[0]
        return f"needs what is not installed: importguard[store], and for {kind}:// what fsspec names for it ({error})"
    said = " ".join(str(error).split())[:200]
    return f"cannot be used ({type(error).__name__}: {said})" if said else f"cannot be used ({type(error).__name__})"


def _bounded(entries: list[Entry], limit: int) -> list[Entry]:
    """The first of *entries*: *limit* at most, and no more than may be in an object."""
    kept: list[Entry] = []
    size = 0
    for one in entries[:limit]:
        size += len(one.content)
        if size > MAX_ENTRIES_BYTES:
            break
        kept.append(one)
    return kept


_STORES: list[Store] = []  # those that this process has asked


@functools.cache
def store_at(address: str) -> Store:
    """The one store at *address* of this process. Raises ConfigError for a key that cannot be used."""
    made = Store(address, key_of_user())
    _STORES.append(made)
    return made


def sharing(job: Callable[[], object]) -> Callable[[], None]:
    """*job* for a process of its own: what it has made is written before that ends."""

    def work() -> None:
        job()
        finish_all()

    return work


def finish_all() -> list[str]:
    """Writes what is to be shared, and says what trouble was met."""
    for store in _STORES:
        store.finish()
    return [note for store in _STORES for note in store.notes()]
