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
from importguard.project.collection import NAME as PYTEST
from importguard.project.collection import collection
from importguard.project.policy import Config
from importguard.project.start import Kind, Project, Start
from importguard.session import Session
from importguard.source.import_site import ImportSite
from importguard.startup.options import Options
from importguard.startup.trace.cached import CachedTrace
from importguard.startup.trace.shifted import BodyPlace
from importguard.startup.trace.trace import StartupTrace, Unfinished
from importguard.storage.cache import Cache, checksum_of
from importguard.storage.digests import digest
from importguard.storage.disk import Changes, Disk, Mark, Now, Seen, changes_since
from importguard.storage.own import own_digest
from importguard.target.console_scripts import Command, find_command
from importguard.target.environment import Environment
from importguard.target.finder import Finder, is_archive
from importguard.target.search_path import search_path_of

if TYPE_CHECKING:
    from importguard.source.cache import ProgramCache
    from importguard.startup.machine.machine import Machine

_Result = tuple[StartupTrace, Seen, dict[str, list[BodyPlace]]]

PROGRAMS = "programs.sqlite"


class _Key(msgspec.Struct, frozen=True, array_like=True):
    """All that a trace depends on but the disk."""

    analyser: bytes
    host: str  # its integers are kept as they lie in memory
    environment: list[str]
    root: str
    folder: str
    kind: Kind
    target: str
    args: tuple[str, ...] | None
    command: Command | None  # what *target* stands for, where it is a console script
    warm_calls: list[str]
    lazy_imports: str
    variables: list[tuple[str, str]]
    ready_points: tuple[str, ...] = ()
    made: str = ""  # the program, where that is no file: what collects tests
    incomplete: bool = False
    later: bool = False  # of what is loaded after the main thread's part
    alone: bool = False  # of the main thread's part, without what is loaded after it
    plain: bool = False  # with no argument and no variable but those that the user gives
    disk: str = ""  # which one, where it is not today's

    @classmethod
    def of(cls, start: Start, environment: Environment, session: Session) -> _Key:
        """What the trace of *start* in *environment* depends on, on the disk that *session* sees."""
        root, config = start.project.root, start.config
        command = find_command(start.target, environment, root) if start.kind is Kind.COMMAND else None
        place = own_digest(), sys.version, _told(environment), os.path.abspath(root), os.path.abspath(start.folder)
        begun = start.kind, start.target, start.args, command
        told = sorted(config.warm_calls), config.lazy_imports, sorted(session.variables_of(start).items())
        made = collection(Path(start.folder or root), start.target) if start.kind is Kind.PYTEST else ""
        further = config.ready_points, made, start.incomplete
        return cls(*place, *begun, *told, *further, disk=session.now.identity)

    @property
    def entry(self) -> str:
        """The name of its entry in the cache."""
        return f"trace-{digest(msgspec.msgpack.encode(self)).hex()}"

    @property
    def later_entry(self) -> str:
        """The name of that of what is loaded after the main thread's part."""
        return msgspec.structs.replace(self, later=True).entry

    @property
    def script(self) -> str:
        """The absolute path of the script, links resolved."""
        path = os.path.join(self.folder, self.target)
        return os.path.realpath(path) if not self.disk else os.path.abspath(path)  # a commit has no links

    @property
    def program(self) -> str:
        """The first item of `sys.argv`; empty where it is not known."""
        if self.command is not None:
            return self.command.path
        return self.target if self.kind is Kind.SCRIPT else ""


class Traced(NamedTuple):
    """A trace, and the digest of it as it is kept; empty where it is not, or its lines have moved since."""

    trace: StartupTrace
    identity: bytes = b""


def trace_start(start: Start, session: Session, *, later: bool = True, plain: bool = False) -> StartupTrace:
    """What *start* loads; without *later*, only on its main thread. Raises as `traced` does."""
    return traced(start, session, later=later, plain=plain).trace


def traced(start: Start, session: Session, *, later: bool = True, plain: bool = False) -> Traced:
    """What *start* loads; without *later*, only on its main thread.

    *plain*: as somebody starts it who says nothing: with no argument and no environment variable beside the given ones.

    Raises ConfigError when there is no such script, SourceError when there is no such module or its file is no Python,
    Unfinished when a bound ends the walk.
    """
    if start.kind is Kind.SCRIPT:
        _demand_script(start, session.now)
    environment, config = search_path_of(start, session.environment_of(start)), start.config
    key = msgspec.structs.replace(_Key.of(start, environment, session), alone=not later, plain=plain)
    calls = frozenset(config.warm_calls)
    options = Options(
        calls,
        config.lazy_imports,
        key.program,
        () if plain and start.args is None else start.args,
        start.incomplete,
        key.folder,
        tuple(key.variables),
        plain,
        not later,
        config.ready_points,
    )
    found = _trace(key, environment, options, session.cache, session.now)
    trace = found.trace
    if trace.cut is not None:
        raise Unfinished(start, environment, trace, trace.cut)
    if config.ready_points and trace.ready is None:
        file = start.project.file or start.project.root
        unknown = "; nobody has said its arguments: pass them after --, or -- alone" if start.args is None else ""
        raise ConfigError(str(file), "ready_at", f"the start does not get there: {trace.unreached}{unknown}")
    return found


def _demand_script(start: Start, now: Now) -> None:
    """Raises ConfigError unless Python could run the script of *start*."""
    path = now.resolved(start.path)
    if now.is_folder(path):
        if not now.is_file(os.path.join(path, "__main__.py")):
            raise ConfigError(start.target, "", "the folder has no __main__.py; pass a script, or -m NAME")
    elif not now.is_file(path):
        raise ConfigError(start.target, "", "no such file; pass the script that starts the application")


def is_kept(start: Start, session: Session, *, later: bool = True) -> bool:
    """Whether a trace of *start*, without *later* of its main thread alone, has been kept, old or not."""
    if session.cache is None:
        return False
    key = _Key.of(start, search_path_of(start, session.environment_of(start)), session)
    return os.path.exists(session.cache.path(msgspec.structs.replace(key, alone=not later).entry))


def entry_names(start: Start, session: Session) -> tuple[str, str]:
    """What the cache calls the trace of *start*, and that of what it loads after its main thread's part."""
    key = _Key.of(start, search_path_of(start, session.environment_of(start)), session)
    return key.entry, key.later_entry


def parser_of(environment: Environment) -> str:
    """What a Program depends on beside its source and the analyser: whose parser is asked where ours refuses."""
    return environment.version if environment.version_info[:2] > sys.version_info[:2] else ""


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
    start = _unconfigured(project_root, options).start_of(Kind.SCRIPT, os.path.abspath(script))
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
    return Project(
        root, Config(warm_calls=tuple(told.warm_calls), lazy_imports=told.lazy_imports, env=dict(told.variables)), None
    )


def _told(environment: Environment) -> list[str]:
    """All that an environment says in few words, for one of another platform that was made from a probed one."""
    plain = (getattr(environment, name) for name in environment.__struct_fields__ if name != "why")
    return [repr(value) for value in plain if isinstance(value, str | int | tuple)]


def _trace(key: _Key, environment: Environment, options: Options, cache: Cache | None, now: Now) -> Traced:
    if cache is None or not environment.fingerprint:
        from importguard.source.cache import ProgramCache

        return Traced(_Work(key, environment, options, None, ProgramCache(), now).whole({})[0])
    kept, changes, checksum = _kept(cache, key.entry, now)
    if kept is not None and not changes:
        return Traced(kept.trace(), checksum)
    from importguard.source.cache import ProgramCache

    with ProgramCache(cache.path(PROGRAMS), parser_of(environment), cache.store, key.root) as programs:
        known = kept.after(changes, programs, options.warm_calls) if kept is not None else None
        if known is not None:
            return Traced(known.trace)
        trace, seen, called = _Work(key, environment, options, cache, programs, now).whole(now.read | changes.unchanged)
    now.remember(seen)
    return Traced(trace, CachedTrace.of(seen, called, trace).keep(cache, key.entry) if trace.cut is None else b"")


def _kept(cache: Cache, entry: str, now: Now) -> tuple[CachedTrace | None, Changes, bytes]:
    """The trace *entry* that holds, here or in the store; else an old one; what has changed since; its checksum."""
    content = cache.load(entry)
    kept = CachedTrace.decoded(content) if content is not None else None
    checksum = checksum_of(content) if content is not None else b""
    changes = changes_since(kept.seen, now) if kept is not None else Changes([], True, {})
    if cache.store is None or (kept is not None and not changes):
        return kept, changes, checksum
    for other in CachedTrace.shared(cache.store, entry):
        since = changes_since(other.seen, now)
        if not since:
            return other, since, cache.save(entry, msgspec.msgpack.encode(other))
        if kept is None:
            kept, changes = other, since
    return kept, changes, checksum


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
        from importguard.startup.machine.machine import run_deeply
        from importguard.startup.trace.merged import merge_traces

        kept = CachedTrace.load(self.cache, self._later_entry) if self.cache is not None and unchanged else None
        apart = kept.seen.files if kept is not None else {}
        self.programs.expect([mark.digest for path, mark in unchanged.items() if path not in apart])
        machine = self._machine(unchanged)
        main = run_deeply(lambda: self._run(machine))
        seen, called = machine.finder.disk.seen(), machine.called_in()
        if self.key.alone or not machine.later.apart or main.cut is not None:
            return main, seen, called
        later, also_seen, also_called = self._later(machine.later.apart, machine.search_path(), kept, unchanged)
        for path, places in also_called.items():
            called[path] = [*called.get(path, []), *places]
        return merge_traces(main, later, machine.later.apart), seen.together(also_seen), called

    def _run(self, machine: Machine) -> StartupTrace:
        key = self.key
        if key.command is not None:
            return machine.run_command(key.command)
        if key.kind is Kind.PYTEST:
            return machine.run_made(os.path.join(key.folder, PYTEST), key.made)
        if key.kind is Kind.SCRIPT:
            is_one = os.path.isdir(key.script) or is_archive(key.script)
            return machine.run_folder(key.script) if is_one else machine.run_script(key.script)
        return machine.run_module_as_main(key.target) if key.kind is Kind.RUN_MODULE else machine.run_module(key.target)

    def _later(
        self, asked: list[ImportSite], path: tuple[str, ...], kept: CachedTrace | None, unchanged: Mapping[str, Mark]
    ) -> _Result:
        from importguard.startup.machine.machine import run_deeply
        from importguard.startup.trace.merged import answers

        place = os.pathsep.join(path)
        if kept is not None and kept.entry_path == place:
            changes = changes_since(kept.seen, self.now)
            known = kept.after(changes, self.programs, self.options.warm_calls)
            if known is not None and answers(known.trace, asked):
                return known.trace, known.seen, known.called
            self.programs.expect([mark.digest for mark in changes.unchanged.values()])
        machine = self._machine(unchanged)
        trace = run_deeply(lambda: machine.run_later(asked, path))
        seen, called = machine.finder.disk.seen(), machine.called_in()
        if self.cache is not None and trace.cut is None:
            told = msgspec.structs.replace(trace, entry_path=place)  # it has no entry, but a search path
            CachedTrace.of(seen, called, told).keep(self.cache, self._later_entry)
        return trace, seen, called

    @property
    def _later_entry(self) -> str:
        return self.key.later_entry

    def _machine(self, unchanged: Mapping[str, Mark]) -> Machine:
        from importguard.startup.machine.machine import Machine

        disk = self.now.disk((self.environment.stdlib + os.sep,), unchanged)
        first = self._search_path(disk)
        # A folder is searched where it is named first: `src` before an installed release of the same package.
        behind = tuple(one for one in self.environment.path if one not in first)
        environment = msgspec.structs.replace(self.environment, path=behind)
        return Machine(environment, Finder(environment, first, disk), self.key.root, self.options, self.programs)

    def _search_path(self, disk: Disk) -> tuple[str, ...]:
        """What comes before the environment's own path."""
        key = self.key
        if key.kind is Kind.SCRIPT:
            is_one = disk.ask("isdir", key.script) or is_archive(key.script)
            return (key.script if is_one else os.path.dirname(key.script),)
        if key.kind is Kind.PYTEST:
            return ()
        module = key.target if key.command is None else key.command.module
        # A project's own modules are found although it is not installed.
        own = _roots(key.folder, key.root, module.partition(".")[0], disk) if module else ()
        if key.kind is Kind.RUN_MODULE:
            return own or (key.folder,)
        return own if key.command is None else (os.path.dirname(key.command.path), *own)


def _roots(folder: str, root: str, top: str, disk: Disk) -> tuple[str, ...]:
    """The folder of the project's that has the module *top*; *folder* is where the program runs."""
    for place in dict.fromkeys((folder, root, os.path.join(root, "src"))):
        inside = os.path.join(place, top)
        if disk.ask("isdir", place) and (disk.ask("isdir", inside) or disk.ask("isfile", inside + ".py")):
            return (place,)
    return ()
