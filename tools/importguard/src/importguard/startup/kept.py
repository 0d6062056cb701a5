"""What is kept of a trace between runs, and what it is worth after an edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from importguard.errors import SourceError
from importguard.source.import_site import ImportSite, Location
from importguard.startup.edges import Edges, PackedEdges
from importguard.startup.moved import BodyPlace, moved_lines
from importguard.startup.trace import LoadedModule, StartupTrace, Stop, Unresolved
from importguard.storage.cache import Cache
from importguard.storage.disk import Changes, Seen
from importguard.target.finder import read_source

if TYPE_CHECKING:
    from importguard.source.cache import ProgramCache
    from importguard.source.program import Program


class Kept(msgspec.Struct, frozen=True, array_like=True):
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
    cut: None = None  # what a bound has ended is not kept

    @classmethod
    def of(cls, seen: Seen, called: dict[str, list[BodyPlace]], trace: StartupTrace) -> Kept:
        """*trace*, which has read *seen* and *called* these functions."""
        fields = {name: getattr(trace, name) for name in trace.__struct_fields__}
        return cls(seen=seen, called=called, **fields | {"edges": trace.edges.packed})

    @classmethod
    def load(cls, cache: Cache, entry: str) -> Kept | None:
        """What *cache* holds as *entry*."""
        content = cache.load(entry)
        if content is None:
            return None
        try:
            return msgspec.msgpack.decode(content, type=cls)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None

    def trace(self) -> StartupTrace:
        """The trace as it was."""
        fields = {name: getattr(self, name) for name in StartupTrace.__struct_fields__}
        return StartupTrace(**fields | {"edges": Edges(self.edges)})

    def after(self, changes: Changes, programs: ProgramCache, warm_calls: frozenset[str]) -> StartupTrace | None:
        """The trace after *changes* that have done no more than move lines of the project's files; else None."""
        if changes.elsewhere or not self.called.keys() >= set(changes.files):
            return None
        trace: StartupTrace | None = self.trace()
        for path in changes.files:
            before = programs.known(self.seen.files[path].digest)
            if trace is None or before is None:
                return None
            trace = _after_edit(trace, path, before, self.called[path], programs, warm_calls)
        return trace


def _after_edit(  # noqa: PLR0917  each is another thing that an edit depends on
    trace: StartupTrace,
    path: str,
    before: Program,
    called: list[BodyPlace],
    programs: ProgramCache,
    warm_calls: frozenset[str],
) -> StartupTrace | None:
    from importguard.startup.outline import outline, outline_again

    try:
        source = read_source(path)
        old = outline(before, warm_calls, frozenset(called))
        new = outline_again(programs.program(source, path), warm_calls, old)
    except (OSError, SourceError, RecursionError):  # the interpreter's thread has a larger stack than this one
        return None
    lines = old.moved(new)
    return None if lines is None else moved_lines(trace, path, lines, len(source))
