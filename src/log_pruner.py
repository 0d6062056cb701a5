"""Keeps the folders of discussions bounded: what is old or too much is packed into `archive/`, never deleted.

First a plan, which changes nothing and can be shown; then that plan is carried out. Standard library only.

Guarantees
- A discussion that any Sloppy has open is left alone: its lock is taken before it is moved.
- A log is removed only after its archive is whole on the disk; what fails is left and named.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

from src.storage import stored_file
from src.storage.instance_lock import InstanceLock
from src.value import Value

MAX_AGE_S = 90 * 24 * 3600.0
MAX_BYTES = 1_000_000_000
ARCHIVE = "archive"
SUFFIX = ".jsonl"
_GZIP = 31  # zlib's word for the gzip format
_PIECE = 1 << 20


class Candidate(Value):
    """A log to archive: its path, size in bytes, when it last changed (seconds since 1970), and why it goes."""

    path: str
    size: int
    modified: float
    reason: str


class Pruned(Value):
    """What became of a plan: the archives made, and a sentence for each log that stayed."""

    archives: tuple[str, ...]
    left: tuple[str, ...]


def plan(
    folder: str,
    open_paths: frozenset[str] = frozenset(),
    *,
    max_age_s: float = MAX_AGE_S,
    max_bytes: int = MAX_BYTES,
    now: float | None = None,
) -> tuple[Candidate, ...]:
    """What would be archived below *folder*, oldest first: older than *max_age_s*, or over *max_bytes* in all.

    The newest are kept while they fit; *open_paths* are kept always. Changes nothing; a missing folder has nothing.
    """
    moment = time.time() if now is None else now
    found = sorted(_logs(folder), key=lambda row: row[2], reverse=True)
    going, kept = [], sum(size for path, size, _ in found if path in open_paths)
    for path, size, modified in found:
        if path in open_paths:
            continue
        if moment - modified > max_age_s:
            going.append(Candidate(path, size, modified, "older than it may be"))
        elif kept + size > max_bytes:
            going.append(Candidate(path, size, modified, "more than fits"))
        else:
            kept += size
    return tuple(reversed(going))


def archive(planned: tuple[Candidate, ...]) -> Pruned:
    """Packs the logs of a plan, each into `archive/` beside it; skips one that has changed since or is open."""
    archives, left = [], []
    for one in planned:
        lock = InstanceLock(f"{one.path}.lock")
        try:
            if not lock.take():
                left.append(f"{one.path} is open and stays.")
                continue
            try:
                archives.append(_pack(one))
            finally:
                lock.release()
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            left.append(f"{one.path} stays: {reason}.")
    return Pruned(tuple(archives), tuple(left))


def _pack(one: Candidate) -> str:
    if os.stat(one.path).st_mtime != one.modified:
        raise ValueError("it has changed since")
    folder = os.path.join(os.path.dirname(one.path), ARCHIVE)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    target = os.path.join(folder, f"{os.path.basename(one.path)}.gz")
    if os.path.lexists(target):
        raise FileExistsError(17, f"{target} is there already")
    import zlib  # packing is asked for seldom, and never at the start

    with open(one.path, "rb") as source, stored_file.write_atomically(target, stored_file.PRIVATE) as packed:
        packer = zlib.compressobj(wbits=_GZIP)
        while piece := source.read(_PIECE):
            packed.write(packer.compress(piece))
        packed.write(packer.flush())
    os.unlink(one.path)
    return target


def _logs(folder: str) -> Iterator[tuple[str, int, float]]:
    """Path, size and time of each log in *folder* and in the folders of projects in it."""
    try:
        with os.scandir(folder) as entries:
            rows = list(entries)
    except OSError:
        return
    for row in rows:
        if row.is_dir(follow_symlinks=False) and row.name != ARCHIVE:
            yield from _logs(row.path)
        elif row.name.endswith(SUFFIX) and row.is_file(follow_symlinks=False):
            state = row.stat()
            yield row.path, state.st_size, state.st_mtime
