"""What a start loads, in load order, with the statement that loaded each module. Values only."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from importguard.errors import SourceError
from importguard.source.import_site import ImportSite, Location
from importguard.startup.trace.import_edge import Reach

if TYPE_CHECKING:
    from importguard.project.start import Start
    from importguard.startup.trace.edges import Edges
    from importguard.target.environment import Environment


class Origin(StrEnum):
    """Who ships a module."""

    FIRST_PARTY = "first-party"
    THIRD_PARTY = "third-party"
    STDLIB = "stdlib"
    BUILTIN = "builtin"


class Certainty(StrEnum):
    """`possible` hangs on a condition that cannot be decided statically; `seen`: a run has shown it."""

    CERTAIN = "certain"
    POSSIBLE = "possible"
    SEEN = "seen"


class LoadedModule(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A module of the trace. `loaded_by` is the module whose execution ran `site`; both None for the entry."""

    name: str
    origin: Origin
    path: str | None
    reach: Reach
    certainty: Certainty
    loaded_by: str | None
    site: ImportSite | None
    size: int = 0  # bytes of source, or of the extension file
    extension: bool = False
    package: bool = False
    patterns: int = 0  # characters of the regular expressions that its body compiles, and some for each


class Unresolved(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An import whose module is not in the target environment, or whose name cannot be worked out.

    *reach* and *guarded* as of an `ImportEdge`: what runs the import first, and whether only under a condition.
    """

    name: str
    site: ImportSite
    reason: str
    reach: Reach = Reach.EAGER
    guarded: bool = False

    @property
    def computed(self) -> bool:
        """The name is not known."""
        return self.name == "?"


class Stop(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A place where a bound ended the walk."""

    location: Location
    reason: str


class LazyBy(StrEnum):
    """Why an import statement binds lazily."""

    KEYWORD = "keyword"  # `lazy import`
    LIST = "list"  # `__lazy_modules__`
    MODE = "mode"  # -X lazy_imports=all, sys.set_lazy_imports


class LazyStatement(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An import statement that has bound names lazily (PEP 810)."""

    location: Location
    by: LazyBy


class LazyUse(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A name that an import has bound lazily at *since* is used at *location*, which loads *module*.

    `reader`: who uses it by reading an annotation, in words; empty where code names it.
    """

    module: str
    location: Location
    since: Location
    reader: str = ""


class ThreadStart(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A thread that the program's own code starts at *location*, to run the function *target*.

    `sites`: the imports that its code runs itself, in order. `executing`: the modules whose bodies run at its start,
    outermost first. While it runs the start makes the imports of the trace's `edges` from place `first` to before
    `last`; -1: nobody waits for it.
    """

    location: Location
    target: str
    sites: tuple[ImportSite, ...]
    executing: tuple[str, ...]
    first: int
    last: int = -1
    waits: tuple[tuple[int, int], ...] = ()


class PresenceCheck(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """First-party code asks at *location* whether `sys.modules` has *module*, which it has before it is ready."""

    module: str
    location: Location


class Ready(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The main thread is at *point*, one of `ready_at`, when the code at *location* runs: there the start is over."""

    point: str
    location: Location


class LoopImport(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The import at *location* runs in *coroutine*, "module.name": in its body, or in a function that it calls."""

    location: Location
    coroutine: str


class ForkHazard(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """While *module* is imported, the code at *location* does *what* a fork afterwards does not go with."""

    module: str
    what: str
    location: Location


class Taken(StrEnum):
    """What was assumed of an environment variable."""

    GIVEN = "given"  # the configuration or the command line says its value
    OPEN = "open"  # set or not: both ways are possible
    UNSET = "unset"


class Assumption(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What was assumed of the environment variable *name*, which *module* is the first to ask for."""

    name: str
    taken: Taken
    value: str | None
    module: str


class StartupTrace(msgspec.Struct, frozen=True):
    """The start of *entry*: modules in load order (the entry first, bare interpreter's modules left out).

    `sites` are all import sites, of every kind, in the first-party files that were reached.
    Modules with reach WARMED are what the `_require_warmed` targets add to the eager ones, LAZY and DEFERRED likewise.
    `entry` is the entry's module name: `__main__` for a script (its `entry_path` tells which).
    """

    entry: str
    entry_path: str
    python: str  # target version, "3.11.7"
    platform: str
    modules: tuple[LoadedModule, ...]
    edges: Edges
    sites: tuple[ImportSite, ...]
    unresolved: tuple[Unresolved, ...]
    stops: tuple[Stop, ...]
    broken: tuple[Stop, ...] = ()  # files that cannot be parsed
    raw_threads: tuple[Location, ...] = ()  # `threading.Thread(...)` in first-party files
    first_party_files: tuple[str, ...] = ()
    assumptions: tuple[Assumption, ...] = ()  # on environment variables, by name
    lazy_uses: tuple[LazyUse, ...] = ()
    lazy_statements: tuple[LazyStatement, ...] = ()
    thread_starts: tuple[ThreadStart, ...] = ()
    presence_checks: tuple[PresenceCheck, ...] = ()  # in code that the start runs
    commands: tuple[tuple[str, ...], ...] = ()  # the sub-commands that an unknown command line may name, by their words
    shipped: tuple[str, ...] = ()  # the top-level packages of the distribution that a console script is of
    in_coroutines: tuple[LoopImport, ...] = ()
    hazards: tuple[ForkHazard, ...] = ()
    ready: Ready | None = None  # where it is over, if the program says so
    unreached: str = ""  # why it does not get there
    cut: Stop | None = None  # the bound that ended the walk before its end


class Unfinished(SourceError):  # noqa: N818  an answer, too
    """A bound ended the walk of *start* in *environment*; `trace` is what was found until then."""

    def __init__(self, start: Start, environment: Environment, trace: StartupTrace, stop: Stop) -> None:
        super().__init__(stop.location.path, stop.location.line, stop.reason)
        self.start, self.environment, self.trace = start, environment, trace
