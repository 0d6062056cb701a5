"""Which importguard this is: digests of its own source. What another one has worked out is not for this one.

A file is read again where its size or its times of change differ from what a cache says of it.
"""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Iterator
from typing import Protocol

import msgspec

from importguard.storage.disk import SETTLED_NS, digest
from importguard.storage.regular_file import read_regular

_ANALYSER = ("source", "startup", "storage", "target")  # the folders whose code decides what a start loads
_ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Entries(Protocol):
    """What this needs of a cache."""

    def load(self, name: str) -> memoryview | None:
        """The entry *name*; None when there is none."""

    def save(self, name: str, payload: bytes) -> bytes:
        """Keeps *payload* as the entry *name*."""


_REMEMBERED: list[Entries] = []  # one at most


def remember_in(cache: Entries) -> None:
    """The digests of the files are looked for in *cache*, and kept there."""
    _REMEMBERED[:] = [cache]


class _Source(msgspec.Struct, frozen=True, array_like=True):
    """A file of importguard's own: its digest; times of content and of status in ns, and size, where these prove it."""

    digest: bytes
    stamp: tuple[int, int, int]


@functools.cache
def own_digest() -> bytes:
    """Of the analyser: what decides what a start loads."""
    return _digest_of({name: one for name, one in _sources().items() if name.split(os.sep)[0] in _ANALYSER})


@functools.cache
def whole_digest() -> bytes:
    """Of all of importguard."""
    return _digest_of(_sources())


def _digest_of(sources: dict[str, _Source]) -> bytes:
    parts = [part for name in sorted(sources) for part in (name.encode(), sources[name].digest)]
    return digest(b"\0".join([msgspec.__version__.encode(), *parts]))


@functools.cache
def _sources() -> dict[str, _Source]:
    """Each file by its path in the package."""
    cache, entry = (
        next(iter(_REMEMBERED), None),
        f"importguard-{digest(_ROOT.encode('utf-8', 'surrogateescape')).hex()}",
    )
    known = _known(cache, entry)
    found = {name: _source(path, status, known.get(name)) for name, path, status in _files(_ROOT, "")}
    if cache is not None and found != known:
        cache.save(entry, msgspec.msgpack.encode(found))
    return found


def _known(cache: Entries | None, entry: str) -> dict[str, _Source]:
    content = cache.load(entry) if cache is not None else None
    try:
        return msgspec.msgpack.decode(content, type=dict[str, _Source]) if content is not None else {}
    except msgspec.DecodeError:
        return {}


def _files(folder: str, inside: str) -> Iterator[tuple[str, str, os.stat_result]]:
    for entry in os.scandir(folder):
        name = os.path.join(inside, entry.name)
        if entry.name.endswith((".py", ".json")):
            yield name, entry.path, entry.stat()
        elif entry.is_dir() and entry.name != "__pycache__":
            yield from _files(entry.path, name)


def _source(path: str, status: os.stat_result, known: _Source | None) -> _Source:
    stamp = status.st_mtime_ns, status.st_ctime_ns, status.st_size
    if known is not None and known.stamp == stamp:
        return known
    # A time that is younger may hide another change.
    settled = time.time_ns() - max(stamp[:2]) > SETTLED_NS
    return _Source(digest(read_regular(path)), stamp if settled else (0, 0, 0))
