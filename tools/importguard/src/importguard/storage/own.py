"""Which importguard this is: digests of its own source. What another one has worked out is not for this one.

A file is read again where its size or its times of change differ from what a cache says of it.
"""

from __future__ import annotations

import functools
import os
from typing import Protocol

import msgspec

from importguard.storage.digests import digest
from importguard.storage.own_files import ROOT, Stamp, is_settled, own_files
from importguard.storage.regular_file import read_regular

_ANALYSER = ("source", "startup", "storage", "target")  # the folders whose code decides what a start loads


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
    stamp: Stamp


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
        f"importguard-{digest(ROOT.encode('utf-8', 'surrogateescape')).hex()}",
    )
    known = _known(cache, entry)
    files = (one for one in own_files() if one[0].endswith((".py", ".json")))
    found = {name: _source(path, stamp, known.get(name)) for name, path, stamp in files}
    if cache is not None and found != known:
        cache.save(entry, msgspec.msgpack.encode(found))
    return found


def _known(cache: Entries | None, entry: str) -> dict[str, _Source]:
    content = cache.load(entry) if cache is not None else None
    try:
        return msgspec.msgpack.decode(content, type=dict[str, _Source]) if content is not None else {}
    except msgspec.DecodeError:
        return {}


def _source(path: str, stamp: Stamp, known: _Source | None) -> _Source:
    if known is not None and known.stamp == stamp:
        return known
    # A time that is younger may hide another change.
    return _Source(digest(read_regular(path)), stamp if is_settled(stamp) else (0, 0, 0))
