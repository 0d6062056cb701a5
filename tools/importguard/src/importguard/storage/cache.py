"""What earlier runs have worked out, kept on disk for all projects of a user. Entries are opaque bytes with a checksum.

**Guarantees**
- An entry is returned as it was saved or not at all: it is written beside its place and renamed, and its checksum is
  verified. Whoever deletes, truncates or damages entries costs time only.
- Runs may share the folder: each entry is replaced whole. Nothing is locked, nothing waits.
- A folder that cannot be written, or a full disk, makes the cache smaller, never an error.
- The folder's size is bounded; the entries that were used longest ago go first.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

from importguard.storage.digests import blake2b
from importguard.storage.regular_file import open_regular, read_bounded

if TYPE_CHECKING:
    from importguard.storage.store import Store

VARIABLE = "IMPORTGUARD_CACHE"  # a folder, the address of a store, or "off"
MAX_BYTES = 512 * 1024 * 1024
MAX_ENTRY = 128 * 1024 * 1024
_CHECKSUM = 16  # bytes
_DAY = 86_400
_PARTS = 64  # of the bound: so much more may be there for a while
_WRITTEN: dict[str, int] = {}  # by folder: bytes that this process has written there since it last looked at all


class Cache(NamedTuple):
    """The entries in one folder. What it has not got may be in the store at *address*, if there is one."""

    folder: str
    address: str = ""

    @property
    def store(self) -> Store | None:
        """The store that is shared with other machines. Raises ConfigError for a key that cannot be used."""
        if not self.address:
            return None
        from importguard.storage.store import store_at

        return store_at(self.address)

    def path(self, name: str) -> str:
        """Where the entry *name* is kept."""
        return os.path.join(self.folder, name)

    def load(self, name: str) -> memoryview | None:
        """The entry *name*; None when there is no sound one."""
        path = self.path(name)
        try:
            with open_regular(path) as file:
                content = read_bounded(file, path, MAX_ENTRY)
                used = os.fstat(file.fileno()).st_mtime
        except OSError:
            return None
        payload = memoryview(content)[_CHECKSUM:]
        if content[:_CHECKSUM] != _checksum(name, payload):
            with contextlib.suppress(OSError):
                os.unlink(path)
            return None
        if time.time() - used > _DAY:
            with contextlib.suppress(OSError):
                os.utime(path)
        return payload

    def save(self, name: str, payload: bytes) -> bytes:
        """Keeps *payload* as the entry *name*, if it can be kept. The checksum of both."""
        scratch, checksum = "", _checksum(name, payload)
        try:
            os.makedirs(self.folder, mode=0o700, exist_ok=True)
            scratch = self.path(f".{name}.{os.getpid()}.{time.monotonic_ns()}")
            with open(scratch, "xb") as file:
                file.write(checksum)
                file.write(payload)
            os.replace(scratch, self.path(name))
        except OSError:
            if scratch:
                with contextlib.suppress(OSError):
                    os.unlink(scratch)
        else:
            self._prune_now_and_then(len(payload))
        return checksum

    def _prune_now_and_then(self, size: int) -> None:
        """With the first entry that this process writes, and whenever it has written a part of the bound."""
        written = _WRITTEN.get(self.folder)
        if written is None or written + size > MAX_BYTES // _PARTS:
            self.prune()
            written = 0
        _WRITTEN[self.folder] = written + size

    def prune(self, bound: int = MAX_BYTES) -> None:
        """Removes the entries that were used longest ago until no more than *bound* bytes are left."""
        with contextlib.suppress(OSError):
            entries = [(entry.stat(), entry.path) for entry in os.scandir(self.folder) if entry.is_file()]
            total = sum(status.st_size for status, _ in entries)
            for status, path in sorted(entries, key=lambda one: one[0].st_mtime):
                if total <= bound:
                    break
                with contextlib.suppress(OSError):
                    os.unlink(path)
                total -= status.st_size


def checksum_of(loaded: memoryview) -> bytes:
    """The checksum of an entry that was *loaded*, and of its name."""
    whole: bytes = loaded.obj  # type: ignore[assignment]  # what `load` has made a view of
    return whole[:_CHECKSUM]


def _checksum(name: str, payload: bytes | memoryview) -> bytes:
    made = blake2b(name.encode() + b"\0", digest_size=_CHECKSUM)
    made.update(payload)
    return made.digest()


def user_cache() -> Cache | None:
    """The user's own: in the folder that IMPORTGUARD_CACHE names, else in the place for caches of the system.

    None when it is off.
    """
    said = os.environ.get(VARIABLE, "")
    if said.lower() in {"off", "0", "no"}:
        return None
    address = said if "://" in said else ""
    folder = os.path.abspath(said) if said and not address else _default_folder()
    return Cache(folder, address) if os.path.isabs(folder) else None


def _default_folder() -> str:
    """A relative one, "~", for a user who has no home."""
    if sys.platform == "linux":  # platformdirs says the same there, and takes longer to import than a cached run may
        base = os.environ.get("XDG_CACHE_HOME", "")
        return os.path.join(base if os.path.isabs(base) else os.path.expanduser("~/.cache"), "importguard")
    import platformdirs

    return platformdirs.user_cache_dir("importguard", appauthor=False)
