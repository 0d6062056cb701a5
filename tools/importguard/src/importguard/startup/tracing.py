"""The trace of a script or module: one that an earlier run left, if all that it read is unchanged; else a new one.

The interpreter is imported only where it has to run.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from importguard.cache import Cache
from importguard.disk import Changes, Disk, Seen, changes_since, digest, own_digest
from importguard.environment import Environment
from importguard.errors import SourceError
from importguard.finder import Finder, read_source
from importguard.source.import_site import ImportSite, Location
from importguard.startup.edges import Edges, PackedEdges
from importguard.startup.moved import BodyPlace, moved_lines
from importguard.startup.options import Options
from importguard.startup.trace import LoadedModule, StartupTrace, Stop, Unresolved

if TYPE_CHECKING:
    from importguard.source.cache import ProgramCache
    from importguard.source.program import Program

PROGRAMS = "programs.sqlite"


class _Start(msgspec.Struct, frozen=True, array_like=True):
    """All that a trace depends on but the disk."""

    analyser: bytes
    host: str  # its integers are kept as they lie in memory
    environment: list[str]
    root: str
    script: str | None
    module: str | None
    warm_calls: list[str]
    lazy_imports: str

    @property
    def entry(self) -> str:
        """The name of its entry in the cache."""
        return f"trace-{digest(msgspec.msgpack.encode(self)).hex()}"


class _Kept(msgspec.Struct, frozen=True, array_like=True):
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

    @classmethod
    def of(cls, seen: Seen, called: dict[str, list[BodyPlace]], trace: StartupTrace) -> _Kept:
        fields = {name: getattr(trace, name) for name in trace.__struct_fields__}
        return cls(seen=seen, called=called, **fields | {"edges": trace.edges.packed})

    def trace(self) -> StartupTrace:
        fields = {name: getattr(self, name) for name in StartupTrace.__struct_fields__}
        return StartupTrace(**fields | {"edges": Edges(self.edges)})


def trace_script(
    script: Path,
    environment: Environment,
    *,
    project_root: Path,
    options: Options | None = None,
    cache: Cache | None = None,
) -> StartupTrace:
    """The start of `python script`. Raises SourceError when the script is missing or cannot be parsed."""
    path = os.path.abspath(script)
    if not os.path.isfile(path):
        raise SourceError(str(script), 1, "no such file; pass the script that starts the application")
    return _trace(_start(environment, project_root, options, script=path), environment, options or Options(), cache)


def trace_module(
    name: str,
    environment: Environment,
    *,
    project_root: Path,
    options: Options | None = None,
    cache: Cache | None = None,
) -> StartupTrace:
    """What `import name` loads. Raises SourceError when there is no such module."""
    return _trace(_start(environment, project_root, options, module=name), environment, options or Options(), cache)


def _start(
    environment: Environment,
    project_root: Path,
    options: Options | None,
    script: str | None = None,
    module: str | None = None,
) -> _Start:
    told = options or Options()
    root = os.path.abspath(project_root)
    calls = sorted(told.warm_calls)
    return _Start(own_digest(), sys.version, _told(environment), root, script, module, calls, told.lazy_imports)


def _told(environment: Environment) -> list[str]:
    """All that an environment says in few words, for one of another platform that was made from a probed one."""
    plain = (getattr(environment, name) for name in environment.__struct_fields__)
    return [repr(value) for value in plain if isinstance(value, str | int | tuple)]


def _trace(start: _Start, environment: Environment, options: Options, cache: Cache | None) -> StartupTrace:
    if cache is None or not environment.fingerprint:
        return _work_out(start, environment, options, Disk(), None)[0]
    kept = _kept(cache, start)
    changes = changes_since(kept.seen) if kept is not None else Changes([], True, {})
    if kept is not None and not changes:
        return kept.trace()
    from importguard.source.cache import ProgramCache

    disk = Disk((environment.stdlib + os.sep,), changes.unchanged)
    target = environment.version if environment.version_info[:2] > sys.version_info[:2] else ""
    with ProgramCache(cache.path(PROGRAMS), target) as programs:
        known = _after_edits(kept, changes, programs, options.warm_calls) if kept is not None else None
        if known is not None:
            return known
        programs.expect([mark.digest for mark in changes.unchanged.values()])
        trace, called = _work_out(start, environment, options, disk, programs)
    cache.save(start.entry, msgspec.msgpack.encode(_Kept.of(disk.seen(), called, trace)))
    return trace


def _kept(cache: Cache, start: _Start) -> _Kept | None:
    content = cache.load(start.entry)
    if content is None:
        return None
    try:
        return msgspec.msgpack.decode(content, type=_Kept)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _after_edits(
    kept: _Kept, changes: Changes, programs: ProgramCache, warm_calls: frozenset[str]
) -> StartupTrace | None:
    """The trace after edits that have only moved lines of the project's files; else None."""
    if changes.elsewhere or not kept.called.keys() >= set(changes.files):
        return None
    trace: StartupTrace | None = kept.trace()
    for path in changes.files:
        before = programs.known(kept.seen.files[path].digest)
        if trace is None or before is None:
            return None
        trace = _after_edit(trace, path, before, kept.called[path], programs, warm_calls)
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


def _work_out(
    start: _Start, environment: Environment, options: Options, disk: Disk, programs: ProgramCache | None
) -> tuple[StartupTrace, dict[str, list[BodyPlace]]]:
    from importguard.startup.machine import Machine, run_deeply

    if start.script is not None:
        script = start.script
        finder = Finder(environment, (os.path.dirname(script),), disk)
        machine = Machine(environment, finder, start.root, options, programs)
        return run_deeply(lambda: machine.run_script(script)), machine.called_in()
    name = str(start.module)
    finder = Finder(environment, _roots(start.root, name.partition(".")[0], disk), disk)
    machine = Machine(environment, finder, start.root, options, programs)
    return run_deeply(lambda: machine.run_module(name)), machine.called_in()


def _roots(root: str, top: str, disk: Disk) -> tuple[str, ...]:
    """The folder of the project's that has the module *top*."""
    for folder in (root, os.path.join(root, "src")):
        inside = os.path.join(folder, top)
        if disk.ask("isdir", folder) and (disk.ask("isdir", inside) or disk.ask("isfile", inside + ".py")):
            return (folder,)
    return ()
