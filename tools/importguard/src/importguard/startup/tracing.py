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

from importguard.errors import ConfigError
from importguard.project.policy import Config
from importguard.project.start import Kind, Project, Start
from importguard.session import Session
from importguard.source.import_site import ImportSite
from importguard.startup.kept import Kept
from importguard.startup.moved import BodyPlace
from importguard.startup.options import Options
from importguard.startup.trace import StartupTrace, Unfinished
from importguard.storage.cache import Cache
from importguard.storage.disk import Changes, Disk, Mark, Now, Seen, changes_since, digest, own_digest
from importguard.target.environment import Environment
from importguard.target.finder import Finder

if TYPE_CHECKING:
    from importguard.source.cache import ProgramCache
    from importguard.startup.machine import Machine

_Result = tuple[StartupTrace, Seen, dict[str, list[BodyPlace]]]

PROGRAMS = "programs.sqlite"


class _Key(msgspec.Struct, frozen=True, array_like=True):
    """All that a trace depends on but the disk."""

    analyser: bytes
    host: str  # its integers are kept as they lie in memory
    environment: list[str]
    root: str
    kind: Kind
    target: str
    warm_calls: list[str]
    lazy_imports: str
    later: bool = False  # of what is loaded after the main thread's part
    disk: str = ""  # which one, where it is not today's

    @classmethod
    def of(cls, start: Start, environment: Environment, now: Now) -> _Key:
        """What the trace of *start* in *environment* depends on, on the disk that *now* is."""
        root, config = os.path.abspath(start.project.root), start.config
        is_script = start.kind is Kind.SCRIPT
        calls, target = sorted(config.warm_calls), now.resolved(start.target) if is_script else start.target
        place = own_digest(), sys.version, _told(environment), root
        return cls(*place, start.kind, target, calls, config.lazy_imports, disk=now.identity)

    @property
    def entry(self) -> str:
        """The name of its entry in the cache."""
        return f"trace-{digest(msgspec.msgpack.encode(self)).hex()}"


def trace_start(start: Start, session: Session) -> StartupTrace:
    """What *start* loads.

    Raises ConfigError when there is no such script, SourceError when there is no such module or its file is no Python,
    Unfinished when a bound ends the walk.
    """
    if start.kind is Kind.SCRIPT and not session.now.is_file(start.target):
        raise ConfigError(start.target, "", "no such file; pass the script that starts the application")
    environment, config = session.environment_of(start), start.config
    options = Options(frozenset(config.warm_calls), config.lazy_imports)
    trace = _trace(_Key.of(start, environment, session.now), environment, options, session.cache, session.now)
    if trace.cut is not None:
        raise Unfinished(start, trace, trace.cut)
    return trace


def is_kept(start: Start, session: Session) -> bool:
    """Whether a trace of *start* has been kept, old or not."""
    key = _Key.of(start, session.environment_of(start), session.now)
    return session.cache is not None and os.path.exists(session.cache.path(key.entry))


def trace_script(
    script: Path,
    environment: Environment,
    *,
    project_root: Path,
    options: Options | None = None,
    cache: Cache | None = None,
    now: Now | None = None,
) -> StartupTrace:
    """What `python script` loads, where there is no configuration. Raises as `trace_start` does."""
    start = _unconfigured(project_root, options).start_of(Kind.SCRIPT, str(script))
    return trace_start(start, Session(cache, now or Now()).within(environment))


def trace_module(
    name: str,
    environment: Environment,
    *,
    project_root: Path,
    options: Options | None = None,
    cache: Cache | None = None,
    now: Now | None = None,
) -> StartupTrace:
    """What `import name` loads, where there is no configuration. Raises as `trace_start` does."""
    start = _unconfigured(project_root, options).start_of(Kind.IMPORT, name)
    return trace_start(start, Session(cache, now or Now()).within(environment))


def _unconfigured(root: Path, options: Options | None) -> Project:
    told = options or Options()
    return Project(root, Config(warm_calls=tuple(told.warm_calls), lazy_imports=told.lazy_imports), None)


def _told(environment: Environment) -> list[str]:
    """All that an environment says in few words, for one of another platform that was made from a probed one."""
    plain = (getattr(environment, name) for name in environment.__struct_fields__)
    return [repr(value) for value in plain if isinstance(value, str | int | tuple)]


def _trace(key: _Key, environment: Environment, options: Options, cache: Cache | None, now: Now) -> StartupTrace:
    if cache is None or not environment.fingerprint:
        from importguard.source.cache import ProgramCache

        return _Work(key, environment, options, None, ProgramCache(), now).whole({})[0]
    kept = Kept.load(cache, key.entry)
    changes = changes_since(kept.seen, now) if kept is not None else Changes([], True, {})
    if kept is not None and not changes:
        return kept.trace()
    from importguard.source.cache import ProgramCache

    target = environment.version if environment.version_info[:2] > sys.version_info[:2] else ""
    with ProgramCache(cache.path(PROGRAMS), target) as programs:
        known = kept.after(changes, programs, options.warm_calls) if kept is not None else None
        if known is not None:
            return known
        trace, seen, called = _Work(key, environment, options, cache, programs, now).whole(changes.unchanged)
    if trace.cut is None:
        cache.save(key.entry, msgspec.msgpack.encode(Kept.of(seen, called, trace)))
    return trace


class _Work(NamedTuple):
    """What it takes to work a trace out."""

    key: _Key
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
        run = machine.run_script if self.key.kind is Kind.SCRIPT else machine.run_module
        main = run_deeply(lambda: run(self.key.target))
        seen, called = machine.finder.disk.seen(), machine.called_in()
        if not machine.asked or main.cut is not None:
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
        if self.cache is not None and trace.cut is None:
            told = msgspec.structs.replace(trace, entry_path=place)  # it has no entry, but a search path
            self.cache.save(self._later_entry, msgspec.msgpack.encode(Kept.of(seen, called, told)))
        return trace, seen, called

    @property
    def _later_entry(self) -> str:
        return msgspec.structs.replace(self.key, later=True).entry

    def _machine(self, unchanged: Mapping[str, Mark]) -> Machine:
        from importguard.startup.machine import Machine

        disk = self.now.disk((self.environment.stdlib + os.sep,), unchanged)
        kind, target, root = self.key.kind, self.key.target, self.key.root
        is_script = kind is Kind.SCRIPT
        roots = (os.path.dirname(target),) if is_script else _roots(root, target.partition(".")[0], disk)
        finder = Finder(self.environment, roots, disk)
        return Machine(self.environment, finder, root, self.options, self.programs)


def _roots(root: str, top: str, disk: Disk) -> tuple[str, ...]:
    """The folder of the project's that has the module *top*."""
    for folder in (root, os.path.join(root, "src")):
        inside = os.path.join(folder, top)
        if disk.ask("isdir", folder) and (disk.ask("isdir", inside) or disk.ask("isfile", inside + ".py")):
            return (folder,)
    return ()
