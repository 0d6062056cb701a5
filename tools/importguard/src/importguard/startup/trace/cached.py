"""A trace as the cache stores it between runs, and what it is worth after an edit.

The reasons are in docs/decisions/0020-cached-and-merged-traces.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from importguard.errors import SourceError
from importguard.source.import_site import ImportSite, Location
from importguard.startup.trace.edges import Edges, PackedEdges
from importguard.startup.trace.shifted import BodyPlace, shift_lines
from importguard.startup.trace.trace import (
    Assumption,
    ForkHazard,
    LazyStatement,
    LazyUse,
    LoadedModule,
    LoopImport,
    PresenceCheck,
    Ready,
    StartupTrace,
    Stop,
    ThreadStart,
    Unresolved,
)
from importguard.storage.cache import Cache
from importguard.storage.digests import digest
from importguard.storage.disk import Changes, Mark, Seen
from importguard.target.finder import read_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from importguard.source.cache import ProgramCache
    from importguard.source.program import Program
    from importguard.storage.store import Store

TRACE = "trace"
_SHARED = 4  # of one start, for branches that are checked by turns


class Shifted(NamedTuple):
    """A trace with its lines where they are now, what it is of as that is now, and where the called functions are."""

    trace: StartupTrace
    seen: Seen
    called: dict[str, list[BodyPlace]]


class CachedTrace(msgspec.Struct, frozen=True, array_like=True):
    """A trace, field by field, all that it has read, and the functions of the project's files that it has called."""

    seen: Seen
    called: dict[str, list[BodyPlace]]
    entry: str
    entry_path: str
    python: str
    platform: str
    modules: tuple[LoadedModule, ...]
    edges: PackedEdges
    sites: tuple[ImportSite, ...]
    unresolved: tuple[Unresolved, ...]
    stops: tuple[Stop, ...]
    broken: tuple[Stop, ...]
    raw_threads: tuple[Location, ...]
    first_party_files: tuple[str, ...]
    assumptions: tuple[Assumption, ...]
    lazy_uses: tuple[LazyUse, ...] = ()
    lazy_statements: tuple[LazyStatement, ...] = ()
    thread_starts: tuple[ThreadStart, ...] = ()
    presence_checks: tuple[PresenceCheck, ...] = ()
    commands: tuple[tuple[str, ...], ...] = ()
    shipped: tuple[str, ...] = ()
    in_coroutines: tuple[LoopImport, ...] = ()
    hazards: tuple[ForkHazard, ...] = ()
    ready: Ready | None = None
    unreached: str = ""
    cut: None = None  # what a bound has ended is not kept

    @classmethod
    def of(cls, seen: Seen, called: dict[str, list[BodyPlace]], trace: StartupTrace) -> CachedTrace:
        """*trace*, which has read *seen* and *called* these functions."""
        fields = {name: getattr(trace, name) for name in trace.__struct_fields__}
        return cls(seen=seen, called=called, **fields | {"edges": trace.edges.packed})

    @classmethod
    def load(cls, cache: Cache, entry: str) -> CachedTrace | None:
        """What *cache* holds as *entry*."""
        content = cache.load(entry)
        return cls.decoded(content) if content is not None else None

    @classmethod
    def decoded(cls, content: bytes | memoryview) -> CachedTrace | None:
        """What *content* is the encoding of, if it is one."""
        try:
            return msgspec.msgpack.decode(content, type=cls)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None

    @classmethod
    def shared(cls, store: Store, entry: str) -> Iterator[CachedTrace]:
        """What other machines have left in *store* as *entry*, the newest first."""
        for one in store.get(entry):
            found = cls.decoded(one.content) if one.kind == TRACE else None
            if found is not None:
                yield msgspec.structs.replace(found, seen=found.seen.timeless())

    def keep(self, cache: Cache, entry: str) -> bytes:
        """Keeps it as *entry*, and has it shared where *cache* has a store. The checksum."""
        checksum = cache.save(entry, msgspec.msgpack.encode(self))
        if cache.store is not None:
            from importguard.storage.pack import Entry

            content = self.encoded_for_elsewhere()
            cache.store.add(entry, [Entry(TRACE, digest(content), content)], _SHARED)
        return checksum

    def encoded_for_elsewhere(self) -> bytes:
        """Its encoding for another machine: each file is compared by its content there."""
        return msgspec.msgpack.encode(msgspec.structs.replace(self, seen=self.seen.timeless()))

    def trace(self) -> StartupTrace:
        """The trace as it was."""
        fields = {name: getattr(self, name) for name in StartupTrace.__struct_fields__}
        return StartupTrace(**fields | {"edges": Edges(self.edges)})

    def after(self, changes: Changes, programs: ProgramCache, warm_calls: frozenset[str]) -> Shifted | None:
        """What is kept after *changes* that have done no more than move lines of the project's files; else None.

        The trace never goes without what it was read from: one that has been moved and is said to be of the old files
        would be moved again.
        """
        if changes.elsewhere or not self.called.keys() >= set(changes.files):
            return None
        shifted = Shifted(self.trace(), self.seen, self.called)
        for path in changes.files:
            before = programs.known(self.seen.files[path].digest)
            edited = None if before is None else _after_edit(shifted, path, before, programs, warm_calls)
            if edited is None:
                return None
            shifted = edited
        return shifted


def _after_edit(
    shifted: Shifted, path: str, before: Program, programs: ProgramCache, warm_calls: frozenset[str]
) -> Shifted | None:
    from importguard.startup.trace.outline import outline, outline_again

    try:
        source = read_source(path)
        old = outline(before, warm_calls, frozenset(shifted.called[path]))
        new = outline_again(programs.program(source, path), warm_calls, old)
    except (OSError, SourceError, RecursionError):  # the interpreter's thread has a larger stack than this one
        return None
    lines = old.shifts(new)
    trace = None if lines is None else shift_lines(shifted.trace, path, lines, len(source))
    if trace is None:
        return None
    files = {**shifted.seen.files, path: Mark(digest(source), 0, len(source))}
    seen = Seen(files, shifted.seen.folders, shifted.seen.answers)
    return Shifted(trace, seen, {**shifted.called, path: list(new.places)})
