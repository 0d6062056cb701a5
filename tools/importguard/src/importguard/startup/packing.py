"""What of the cache is of use on another machine, and taking in what comes from one.

Programs go by the digest of their source and the analyser's, traces with the digest of each file that was read for
them. Times of files are left out: elsewhere they prove nothing. What interpreters say of themselves stays.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from importguard.errors import ConfigError
from importguard.project.start import Start
from importguard.session import Session
from importguard.source.cache import ProgramCache
from importguard.source.shared import PROGRAM
from importguard.startup.trace.cached import TRACE, CachedTrace
from importguard.startup.tracing import PROGRAMS, entry_names, parser_of
from importguard.storage.cache import Cache
from importguard.storage.disk import INSTALLED, Disk, Seen
from importguard.storage.pack import Entry

_NAME = re.compile(r"trace-[0-9a-f]{32}")
_KEY = 16  # bytes of a Program's name


class Taken(NamedTuple):
    """How many entries of each kind were new here, how many were not, and how many could not be used."""

    programs: int = 0
    traces: int = 0
    known: int = 0
    refused: int = 0


def entries_of(
    starts: Sequence[Start], session: Session, cache: Cache, contents: Iterable[bytes] = ()
) -> Iterator[Entry]:
    """The traces that *cache* has of *starts*, and the Programs of all that was read for them.

    *contents*: the digests of further sources. The starts have been worked out with *session*.
    """
    wanted: dict[str, dict[bytes, None]] = {"": dict.fromkeys(contents)}
    for start in starts:
        digests = wanted.setdefault(parser_of(session.environment_of(start)), {})
        for name in entry_names(start, session):
            kept = CachedTrace.load(cache, name)
            if kept is not None:
                yield Entry(TRACE, name.encode(), kept.encoded_for_elsewhere())
                digests.update(dict.fromkeys(kept.seen.digests()))
    for parser, digests in wanted.items():
        with ProgramCache(cache.path(PROGRAMS), parser) as programs:
            yield from (Entry(PROGRAM, key, encoded) for key, encoded in programs.encoded(digests))


def take_in(entries: Iterable[Entry], cache: Cache) -> Taken:
    """Keeps what *entries* hold and *cache* does not, each decoded first.

    Raises ValueError as *entries* do, ConfigError for a cache that cannot be written.
    """
    programs = traces = known = refused = 0
    with ProgramCache(cache.path(PROGRAMS)) as kept:
        for kind, name, content in map(msgspec.structs.astuple, entries):
            if kind == PROGRAM and len(name) == _KEY:
                new = kept.take_in(name, content)
                programs += new is True
            else:
                new = _take_in_trace(name, content, cache) if kind == TRACE else None
                traces += new is True
            known += new is False
            refused += new is None
    if kept.failed:
        raise ConfigError(
            cache.folder, "", "cannot be written, so nothing of the pack is kept; make room, or name another"
        )
    return Taken(programs, traces, known, refused)


def _take_in_trace(encoded_name: bytes, content: bytes, cache: Cache) -> bool | None:
    """Whether it was new; None when it is no trace."""
    name = encoded_name.decode("ascii", "replace")
    trace = CachedTrace.decoded(content) if _NAME.fullmatch(name) else None
    if trace is None:
        return None
    if cache.load(name) is not None:
        return False
    seen = _compared(trace.seen.timeless())
    cache.save(name, msgspec.msgpack.encode(msgspec.structs.replace(trace, seen=seen)))
    return True


def _compared(seen: Seen) -> Seen:
    """*seen* with the times that installed files have here, if their content is the same: later runs look at those."""
    disk = Disk()
    for path in seen.files:
        if INSTALLED.search(path) is not None:
            with contextlib.suppress(OSError):
                disk.read(path)
    found = disk.seen().files
    same = {path: mark for path, mark in found.items() if mark.digest == seen.files[path].digest}
    return Seen(seen.files | same, seen.folders, seen.answers)
