"""A pack: entries of the cache in one file, to be carried to another machine. Knows no kind of entry.

**Guarantees**
- `read_pack` yields nothing unless the whole file carries the seal of the key, or has the digest that the user names.
- Nothing is executed to decode it, and its size, unpacked too, is bounded, whoever made it.
- It is written beside its place and renamed.
"""

from __future__ import annotations

import hashlib
import sys
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from importguard.errors import ConfigError
from importguard.storage.own import own_digest
from importguard.storage.regular_file import read_regular
from importguard.storage.replacing import replace_bytes
from importguard.storage.seal import BYTES, FILE_VARIABLE, VARIABLE, Key

MAX_BYTES = 512 * 1024 * 1024  # of a file
MAX_ENTRY = 128 * 1024 * 1024
MAX_UNPACKED = 2 * 1024 * 1024 * 1024
_MAGIC = b"importguard pack 1\n"
_PURPOSE = "pack"
_BLOCK = 1024 * 1024  # bytes of entries that are compressed together
_LENGTH = 4  # bytes
_LEVEL = 1  # of compression: 6 takes three times as long for a tenth less


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """One entry: `kind` says what `content` is, `name` what it is found by."""

    kind: str
    name: bytes
    content: bytes


class Origin(msgspec.Struct, frozen=True, array_like=True):
    """What has made a pack. Only the same analyser on the same Python can use it."""

    analyser: bytes
    host: str

    @classmethod
    def here(cls) -> Origin:
        """This one."""
        return cls(own_digest(), sys.version)


def packed(entries: Iterable[Entry], origin: Origin) -> bytes:
    """*entries* as bytes."""
    parts = [compressed(msgspec.msgpack.encode(origin))]
    some: list[Entry] = []
    size = 0
    for entry in entries:
        some.append(entry)
        size += len(entry.content)
        if size >= _BLOCK:
            parts.append(compressed(msgspec.msgpack.encode(some)))
            some, size = [], 0
    parts.append(compressed(msgspec.msgpack.encode(some)))
    return b"".join(parts)


def compressed(content: bytes) -> bytes:
    """*content* as a block."""
    small = zlib.compress(content, _LEVEL)
    return len(small).to_bytes(_LENGTH, "big") + small


def unpacked(content: bytes | memoryview) -> tuple[Origin, Iterator[Entry]]:
    """What has made *content*, and its entries. Raises ValueError, also while they are read."""
    blocks = decompressed(memoryview(content))
    try:
        return msgspec.msgpack.decode(next(blocks), type=Origin), _entries(blocks)
    except (StopIteration, RecursionError) as error:
        raise ValueError("is empty") from error


def _entries(blocks: Iterator[bytes]) -> Iterator[Entry]:
    decoder = msgspec.msgpack.Decoder(list[Entry])
    for block in blocks:
        yield from decoder.decode(block)


def decompressed(content: memoryview) -> Iterator[bytes]:
    """Each block of *content*. Raises ValueError for one that is cut short, damaged or too large."""
    place, total = 0, 0
    while place < len(content):
        length = int.from_bytes(content[place : place + _LENGTH], "big")
        place += _LENGTH
        bound = min(MAX_ENTRY + 2 * _BLOCK, MAX_UNPACKED - total)
        if bound <= 0:
            raise ValueError("unpacks to more than is read")
        unpacker = zlib.decompressobj()
        try:
            block = unpacker.decompress(content[place : place + length], bound)
        except zlib.error as error:
            raise ValueError(f"is damaged: {error}") from error
        if not unpacker.eof:
            raise ValueError("is cut short, or unpacks to more than is read")
        yield block
        place += length
        total += len(block)


def write_pack(path: Path, entries: Iterable[Entry], key: Key | None) -> str:
    """Writes *entries* to *path*, sealed with *key* if there is one; the SHA-256 of the file. Raises ConfigError."""
    body = packed(entries, Origin.here())
    content = _MAGIC + (key.sealed(_PURPOSE, body) if key is not None else bytes(BYTES) + body)
    if len(content) > MAX_BYTES:
        raise ConfigError(str(path), "", f"would be larger than {MAX_BYTES >> 20} MiB; export fewer entries at a time")
    replace_bytes(path, content)
    return hashlib.sha256(content).hexdigest()


def read_pack(path: Path, key: Key | None, sha256: str | None) -> tuple[Origin, Iterator[Entry]]:
    """What has made the pack in *path*, and its entries, which raise ValueError where it is damaged.

    It is believed when it has the digest *sha256*, where the user names one, else when it carries the seal of *key*.
    Raises ConfigError for any other.
    """
    try:
        content = read_regular(path, MAX_BYTES)
    except OSError as error:
        raise ConfigError(str(path), "", f"cannot be read: {error.strerror or error}") from error
    if not content.startswith(_MAGIC):
        raise ConfigError(str(path), "", "is no pack of this form; make one with `importguard cache export`")
    body = _believed(path, content, key, sha256)
    try:
        return unpacked(body)
    except ValueError as error:
        raise ConfigError(str(path), "", f"{error}; make it anew with `importguard cache export`") from error


def _believed(path: Path, content: bytes, key: Key | None, sha256: str | None) -> memoryview:
    sealed = memoryview(content)[len(_MAGIC) :]
    if sha256 is not None:
        found = hashlib.sha256(content).hexdigest()
        if found != sha256.strip().lower():
            raise ConfigError(str(path), "--sha256", f"it is another file, {found}; nothing of it was taken")
        return sealed[BYTES:]
    if key is None:
        ways = f"set {VARIABLE} or {FILE_VARIABLE} to the key that sealed it, or name its digest with --sha256"
        raise ConfigError(str(path), "", f"nobody vouches for it: {ways}")
    opened = key.opened(_PURPOSE, bytes(sealed))
    if opened is None:
        raise ConfigError(str(path), "", "does not carry the seal of your key, or was changed since; nothing was taken")
    return opened
