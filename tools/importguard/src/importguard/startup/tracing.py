"""The trace of a script or module: one that an earlier run left, if all that it read is unchanged; else a new one.

What a program warms in the background, or loads after its start, is walked and kept apart from the main thread's part:
an edit of the one does not make the other be walked again. The interpreter is imported only where it has to run.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from importguard.errors import SourceError
from importguard.source.import_site import ImportSite
from importguard.startup.kept import Kept
from importguard.startup.moved import BodyPlace
from importguard.startup.options import Options
from importguard.startup.trace import StartupTrace
from importguard.storage.cache import Cache
from importguard.storage.disk import Changes, Disk, Mark, Now, Seen, changes_since, digest, own_digest
from importguard.target.environment import Environment
from importguard.target.finder import Finder

if TYPE_CHECKING:
    from importguard.source.cache import ProgramCache
    from importguard.startup.machine import Machine

_Result = tuple[StartupTrace, Seen, dict[str, list[BodyPlace]]]

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
    later: bool = False  # of what is loaded after the main thread's part
    disk: str = ""  # which one, where it is not today's

    @property
    def entry(self) -> str:
        """The name of its entry in the cache."""
        return f"trace-{digest(msgspec.msgpack.encode(self)).hex()}"


def trace_script(
    script: Path,
    environment: Environment,
    *,
    project_root: Path,
    options: Options | None = None,
    cache: Cache | None = None,
    now: Now | None = None,
) -> StartupTrace:
    """The start of `python script`. *now*: what this command has seen of the disk.

    Raises SourceError when the script is missing or cannot be parsed.
    """
    path, now = os.path.abspath(script), now or Now()
    if not now.is_file(path):
        raise SourceError(str(script), 1, "no such file; pass the script that starts the application")
    start = _start(environment, project_root, options, script=path)
    return _trace(start, environment, options or Options(), cache, now)


def trace_module(
    name: str,
    environment: Environment,
    *,
    project_root: Path,
    options: Options | None = None,
    cache: Cache | None = None,
    now: Now | None = None,
) -> StartupTrace:
    """What `import name` loads; *now* as above. Raises SourceError when there is no such module."""
    start = _start(environment, project_root, options, module=name)
    return _trace(start, environment, options or Options(), cache, now or Now())


def is_kept(  # noqa: PLR0917  what a start is asked for with
    script: Path | str | None,
    module: str | None,
    environment: Environment,
    project_root: Path,
    options: Options,
    cache: Cache,
) -> bool:
    """Whether a trace of *script*, else of *module*, has been kept, old or not."""
    path = os.path.realpath(script) if script is not None else None
    start = _start(environment, project_root, options, script=path, module=None if path else module)
    return os.path.exists(cache.path(start.entry))


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


def _trace(start: _Start, environment: Environment, options: Options, cache: Cache | None, now: Now) -> StartupTrace:
    start = msgspec.structs.replace(start, disk=now.identity)
    if cache is None or not environment.fingerprint:
        from importguard.source.cache import ProgramCache

        return _Work(start, environment, options, None, ProgramCache(), now).whole({})[0]
    kept = Kept.load(cache, start.entry)
    changes = changes_since(kept.seen, now) if kept is not None else Changes([], True, {})
    if kept is not None and not changes:
        return kept.trace()
    from importguard.source.cache import ProgramCache

    target = environment.version if environment.version_info[:2] > sys.version_info[:2] else ""
    with ProgramCache(cache.path(PROGRAMS), target) as programs:
        known = kept.after(changes, programs, options.warm_calls) if kept is not None else None
        if known is not None:
            return known
        trace, seen, called = _Work(start, environment, options, cache, programs, now).whole(changes.unchanged)
    cache.save(start.entry, msgspec.msgpack.encode(Kept.of(seen, called, trace)))
    return trace


class _Work(NamedTuple):
    """What it takes to work a trace out."""

    start: _Start
    environment: Environment
    options: Options
    cache: Cache | None
    programs: ProgramCache
    now: Now

    def whole(self, unchanged: Mapping[str, Mark]) -> _Result:
        """The trace of the main thread and of what is loaded after it; *unchanged* files have been read before."""
        from importguard.startup.joined import joined
        from importguard.startup.machine import run_deeply

        kept = Kept.load(self.cache, self._later_entry) if self.cache is not None and unchanged else None
        apart = kept.seen.files if kept is not None else {}
        self.programs.expect([mark.digest for path, mark in unchanged.items() if path not in apart])
        machine = self._machine(unchanged)
        script, module = self.start.script, str(self.start.module)
        main = run_deeply(lambda: machine.run_script(script) if script is not None else machine.run_module(module))
        seen, called = machine.finder.disk.seen(), machine.called_in()
        if not machine.asked:
            return main, seen, called
        later, also_seen, also_called = self._later(machine.asked, machine.search_path(), kept, unchanged)
        for path, places in also_called.items():
            called[path] = [*called.get(path, []), *places]
        return joined(main, later, machine.asked), seen.together(also_seen), called

    def _later(
        self, asked: list[ImportSite], path: tuple[str, ...], kept: Kept | None, unchanged: Mapping[str, Mark]
    ) -> _Result:
        from importguard.startup.joined import answers
        from importguard.startup.machine import run_deeply

        place = os.pathsep.join(path)
        if kept is not None and kept.entry_path == place:
            changes = changes_since(kept.seen, self.now)
            known = kept.trace() if not changes else kept.after(changes, self.programs, self.options.warm_calls)
            if known is not None and answers(known, asked):
                return known, kept.seen, kept.called
            self.programs.expect([mark.digest for mark in changes.unchanged.values()])
        machine = self._machine(unchanged)
        trace = run_deeply(lambda: machine.run_later(asked, path))
        seen, called = machine.finder.disk.seen(), machine.called_in()
        if self.cache is not None:
            told = msgspec.structs.replace(trace, entry_path=place)  # it has no entry, but a search path
            self.cache.save(self._later_entry, msgspec.msgpack.encode(Kept.of(seen, called, told)))
        return trace, seen, called

    @property
    def _later_entry(self) -> str:
        return msgspec.structs.replace(self.start, later=True).entry

    def _machine(self, unchanged: Mapping[str, Mark]) -> Machine:
        from importguard.startup.machine import Machine

        disk = self.now.disk((self.environment.stdlib + os.sep,), unchanged)
        script, module = self.start.script, str(self.start.module)
        roots = (
            (os.path.dirname(script),)
            if script is not None
            else _roots(self.start.root, module.partition(".")[0], disk)
        )
        finder = Finder(self.environment, roots, disk)
        return Machine(self.environment, finder, self.start.root, self.options, self.programs)


def _roots(root: str, top: str, disk: Disk) -> tuple[str, ...]:
    """The folder of the project's that has the module *top*."""
    for folder in (root, os.path.join(root, "src")):
        inside = os.path.join(folder, top)
        if disk.ask("isdir", folder) and (disk.ask("isdir", inside) or disk.ask("isfile", inside + ".py")):
            return (folder,)
    return ()
