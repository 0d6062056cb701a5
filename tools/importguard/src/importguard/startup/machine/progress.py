"""How far one static start has come: what is loaded, what runs, what is open around it, and what it has spent."""

from __future__ import annotations

import os
from abc import ABC
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from importguard.errors import SourceError
from importguard.source import program as ir
from importguard.source.cache import ProgramCache
from importguard.source.import_site import ImportSite, Location
from importguard.source.reader import read_body
from importguard.startup.machine import bounds
from importguard.startup.machine.context import Context
from importguard.startup.machine.decisions import Decisions
from importguard.startup.machine.idle_calls import IdleCalls
from importguard.startup.machine.lazy_state import LazyState
from importguard.startup.machine.repeated_calls import RepeatedCalls
from importguard.startup.machine.threads import Threads
from importguard.startup.machine.variables import Variables
from importguard.startup.options import Options
from importguard.startup.trace.import_edge import ImportEdge, Reach
from importguard.startup.trace.outline import place_of
from importguard.startup.trace.shifted import BodyPlace
from importguard.startup.trace.trace import LoadedModule, Stop, Unresolved
from importguard.startup.values.base import (
    Exhausted,
    Raised,
    Value,
)
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.frames import Frame
from importguard.startup.values.functions import FunctionValue
from importguard.startup.values.gate import Warmed
from importguard.startup.values.heap import Heap
from importguard.startup.values.lists import ListValue
from importguard.startup.values.modules import ModuleValue
from importguard.target.environment import Environment
from importguard.target.finder import Finder, Form, Found, read_source
from importguard.target.newer_syntax import newer_parser

if TYPE_CHECKING:
    from importguard.startup.machine.readiness import Readiness


NOWHERE = ModuleValue("importlib", Found("importlib", Form.BUILTIN, None), {})  # where no code of the program runs


class Progress(ABC):
    """What a start has done so far."""

    providing: tuple[int, list[tuple[str, ImportSite]]] | None = None  # what `imports_in` collects, and at which depth
    texts = 0  # texts and files that run which no import names, one inside the other
    command: tuple[str, ...] = ()  # of an unknown command line: the words of the sub-command that is worked out
    asked_steps = 0  # of functions of the standard library that are followed because own code calls them
    application: frozenset[str] = frozenset()  # the top-level packages of the installed program that is started
    ready: Readiness | None = None  # watches for the place where the start is over
    decisions: Decisions  # which environment variables decide something
    quiet = 0  # > 0 while what another thread does is worked out: its imports are not the main thread's
    alternatives = 0  # of the open conditions, the ones that are a choice of the program's user
    deadline: float | None = None  # seconds that the innermost time limit leaves; None without one
    waits_unknown = 0  # awaits of which nobody knows how long they take
    reporting = False  # while `sys.excepthook` runs
    writes = False  # the program may have written files: what was not on disk may be there now
    passed = 0  # calls on the program's own way that are not followed as nobody knows what is called
    tried = 0  # steps that such choices have taken
    steps = 0
    noted = 0  # imports, modules, stops and patterns that have been recorded
    imports = 0  # import statements and calls that have run, whatever came of them
    owner: Value = None  # of which an attribute has been read last
    loop: Any = None  # the event loop, where there is one
    unnamed_files: frozenset[str] = frozenset()  # the program's own that have run and are no module of the start
    called_steps = 0  # of the calls that the body of the running module has made
    running_commands = 0  # how many of click's and typer's are under way, one within the other

    def __init__(
        self,
        environment: Environment,
        finder: Finder,
        project_root: str,
        options: Options,
        programs: ProgramCache | None = None,
    ) -> None:
        self.environment = environment
        self.finder = finder
        self.project_root = project_root
        self.options = options
        self.parse_newer = newer_parser(environment)
        self.modules: dict[str, ModuleValue] = {}
        self.parts: dict[str, tuple[str, ...]] = {}  # of a dotted name: the packages above it, then itself
        self.aliases: dict[str, Value] = {}  # what code put into sys.modules itself
        # Importers that analysed code installs stand before or after the interpreter's own.
        self.meta_path = ListValue([])  # `sys` fills it
        self.loaded: dict[str, LoadedModule] = {}  # in load order
        self.edges: dict[tuple[str, str, Location], ImportEdge] = {}
        self.unresolved: dict[tuple[str, Location], Unresolved] = {}
        self.stops: dict[Location, Stop] = {}
        self.broken: dict[str, Stop] = {}
        self.executing: list[str] = []  # modules whose body runs, innermost last
        self.possible = 0  # open conditions that are not known, within the innermost module body
        self.unended = 0  # of these, the ones that say only that nothing has ended or returned before
        self.muted = 0  # > 0 while a module runs that every interpreter has loaded before ours
        self.reach = Reach.EAGER
        self.context_variables: list[Any] = []  # those of `contextvars`
        self.catchers: list[frozenset[str]] = []  # exceptions that the enclosing `try` statements catch
        self.handling: list[Raised] = []  # exceptions whose `except` blocks run, innermost last
        # By hook, kind of exception, module and line: what `sys.excepthook` has been called for, and with.
        self.reported: dict[tuple[int, int, str, int], tuple[Value, Value]] = {}
        self.escaping = 0  # exceptions that may have been raised since, so that the code at hand may not run
        self.own_catchers = 0  # how many of them stand outside the innermost module body
        self.exhausted: set[int] = set()  # functions whose walk reached its bound once, by their body's identity
        self.calls: list[FunctionValue] = []
        self.creating: ClassValue | None = None  # the class whose metaclass runs
        self.limit = bounds.MAX_STEPS
        self.work, self.max_work = 0, bounds.MAX_WORK
        self.nodes = self.source = 0
        self.entry_points: dict[tuple[str, ...], dict[str, list[tuple[str, str]]]] = {}  # by search path
        self.idle_calls, self.repeated_calls = IdleCalls(), RepeatedCalls()
        self.lazy, self.warmed = LazyState.of(options), Warmed()
        self.idle: dict[int, tuple[int, int]] = {}  # by a class hook: its runs that loaded nothing, and their steps
        self.threads = Threads()
        # Bodies of generators and tasks that wait; those that run, innermost last; what an event loop runs next.
        self.suspended, self.running, self.tasks = list[Any](), list[Any](), list[tuple[int, Callable[[], object]]]()
        self.at_exit: list[tuple[Value, Callable[[], Value]]] = []  # what `atexit` runs, each with its function
        self.line = 0
        self.commands: dict[tuple[str, ...], None] = {}  # those that an unknown command line may name
        self.heap = Heap()
        self.frame = Frame(NOWHERE, {}, None, ())  # of the code that runs, where it runs no comprehension
        self.patterns: dict[str, int] = {}  # by module: how much it compiles
        self._compiled: set[str] = set()  # `re` remembers what it has compiled
        self.builtins: dict[str, Value] = {}
        self.programs = programs or ProgramCache()
        self.written: dict[tuple[str, str], bool] = {}  # by file and name: whether the file may define that
        self._read: dict[int, tuple[ir.Body, tuple[ir.Statement, ...]]] = {}  # by the body's identity
        self.variables = Variables(options.variables, environment.os_name, options.others_unset)
        self.called: dict[str, list[BodyPlace]] = {}  # the functions whose bodies have been read, by path

    @property
    def call_steps(self) -> int:
        """How many steps one call made at module level may take: the program's own are its start."""
        return bounds.PROGRAM_STEPS if self.executing == ["__main__"] else bounds.CALL_STEPS

    def is_of_program(self, name: str) -> bool:
        """Whether the module *name* is one of the application that is started."""
        return name.partition(".")[0] in self.application

    @property
    def folder(self) -> str:
        """Where the program runs."""
        return self.options.folder or self.project_root

    def context(self, frame: Frame) -> Context:
        """What is open around the running code."""
        return Context(self.calls, self.catchers, self.handling, frame, self.line, self.limit, self.heap.arms)

    def enter(self, outer: Context, inner: Context) -> None:
        """A body inside *inner* goes on, in code inside *outer*."""
        self.calls = [*outer.calls, *inner.own_calls]
        self.catchers = [*outer.catchers, *inner.own_catchers]
        self.handling = [*outer.handling, *inner.own_handling]
        self.frame = inner.frame
        self.heap.arms = inner.own_arms

    def leave(self, outer: Context) -> Context:
        """The body waits or has ended, the code around it goes on. What is around the body."""
        made = self.context(self.frame)
        made.own_calls = self.calls[len(outer.calls) :]
        made.own_catchers = self.catchers[len(outer.catchers) :]
        made.own_handling = self.handling[len(outer.handling) :]
        made.own_arms = self.heap.leave(outer.arms)
        self.calls, self.catchers, self.handling = outer.calls, outer.catchers, outer.handling
        self.frame, self.line, self.limit = outer.frame, outer.line, max(outer.limit, self.limit)
        return made

    def spend(self, amount: int) -> None:
        """Counts *amount* against MAX_WORK. Raises Exhausted."""
        self.work += amount
        if self.work > self.max_work:
            raise Exhausted

    def spend_nodes(self, amount: int) -> None:
        """Counts *amount* against MAX_NODES. Raises Exhausted."""
        self.nodes += amount
        if self.nodes > bounds.MAX_NODES:
            self._end_walk()

    @property
    def bound(self) -> str:
        """Which bound the start has reached, in words; empty while it has reached none."""
        if self.nodes > bounds.MAX_NODES:
            return f"is made of more than {bounds.MAX_NODES:,} expressions and statements"
        if self.source > bounds.MAX_SOURCE:
            return f"reads more than {bounds.MAX_SOURCE >> 20} MiB of source"
        if self.work > self.max_work or self.steps > bounds.MAX_STEPS:
            return f"takes more than {self.max_work:,} steps to work out"
        return ""

    def statements(self, body: ir.Body, path: str) -> tuple[ir.Statement, ...]:
        """The statements of *body* in the file *path*, read once; none when they cannot be, which breaks the file."""
        known = self._read.get(id(body))
        if known is None:
            self.spend(len(body.text) >> 4)
            try:
                made = read_body(body, path, self.spend_nodes)
            except SourceError as error:
                self.broken[path] = Stop(Location(path, error.line), error.reason)
                made = ()
            known = self._read[id(body)] = body, made
            self.called.setdefault(path, []).append(place_of(body))
        return known[1]

    def read(self, path: str) -> ir.Program:
        """The Program of the file *path*. Raises OSError, SourceError."""

        def beside() -> list[str]:
            names = self.finder.listing(os.path.dirname(path))
            return sorted(name for name in names if name.endswith(".py"))

        content = self.finder.disk.digest(path)
        made = self.programs.known(content) if content is not None else None
        if made is None:
            source = read_source(path, self.finder.disk)
            self._count_source(len(source))
            made = self.programs.program(source, path, self.parse_newer, beside)
        else:
            self._count_source(made.size)
        self.spend_nodes(made.nodes)
        return made

    def _count_source(self, size: int) -> None:
        self.source += size
        if self.source > bounds.MAX_SOURCE:
            self._end_walk()

    def _end_walk(self) -> None:
        """Whatever follows is too much. Raises Exhausted."""
        self.max_work = min(self.max_work, self.work - 1)
        raise Exhausted
