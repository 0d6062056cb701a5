"""What follows from a graph alone, kept between runs: the jobs of its manifest and its plan.

Each is a function of values: the trace, the costs, the configuration. Where all of these are the same, and importguard,
too, so is what follows (docs/decisions/0008-what-is-kept-between-runs.md). Reads and writes the cache, nothing else.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import NamedTuple, TypeVar

import msgspec

from importguard.storage.cache import Cache
from importguard.storage.digests import digest

_Value = TypeVar("_Value")
_Kept = dict[str, tuple[bytes, bytes]]  # by kind: the digest of what it follows from, its encoding


class Derived(NamedTuple):
    """What is kept of the graph *identity* in the *entry* of *cache*. Without a cache nothing is."""

    cache: Cache | None = None
    entry: str = ""
    identity: bytes = b""

    def value(self, kind: str, inputs: object, shape: type[_Value], make: Callable[[], _Value]) -> _Value:
        """What *make* gives, which follows from the graph and *inputs*: kept, if it was made of the same before."""
        if self.cache is None:
            return make()
        key = digest(self.identity + msgspec.msgpack.encode(inputs))
        kept = self._load(self.cache)
        of, encoded = kept.get(kind, (b"", b""))
        if of == key:
            with contextlib.suppress(msgspec.DecodeError):
                return msgspec.msgpack.decode(encoded, type=shape)
        made = make()
        kept[kind] = key, msgspec.msgpack.encode(made)
        self.cache.save(self.entry, msgspec.msgpack.encode(kept))
        return made

    def _load(self, cache: Cache) -> _Kept:
        content = cache.load(self.entry)
        try:
            return msgspec.msgpack.decode(content, type=_Kept) if content is not None else {}
        except msgspec.DecodeError:
            return {}


NOT_KEPT = Derived()
