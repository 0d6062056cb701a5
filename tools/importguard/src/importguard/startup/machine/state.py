"""The state of one static start, what it records, and what values and models ask of it."""

from __future__ import annotations

import collections
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from importguard.errors import SourceError
from importguard.source import program as ir
from importguard.source.cache import ProgramCache
from importguard.source.import_site import ImportKind, ImportSite, Location
from importguard.source.reader import read_body
from importguard.startup.machine.decisions import Decisions
from importguard.startup.machine.idle_calls import IdleCalls
from importguard.startup.machine.lazy_state import LazyState
from importguard.startup.machine.repeated_calls import RepeatedCalls
from importguard.startup.machine.threads import Threads
from importguard.startup.machine.variables import Variables
from importguard.startup.models.inert import INERT, LOOKING, OPAQUE
from importguard.startup.options import Options
from importguard.startup.trace.import_edge import ImportEdge, Reach
from importguard.startup.trace.outline import place_of
from importguard.startup.trace.shifted import BodyPlace
from importguard.startup.trace.trace import LoadedModule, Origin, Stop, Unresolved
from importguard.startup.values.annotate import Texts
from importguard.startup.values.base import (
    MISSING,
    UNKNOWN,
    Abstract,
    Exhausted,
    Invocation,
    Items,
    Raised,
    Value,
)
from importguard.startup.values.builtin_types import PLAIN_TYPES
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.constants import behaviour
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.exceptions import BROAD, Guard
from importguard.startup.values.frames import Completion, Frame
from importguard.startup.values.functions import FunctionValue
from importguard.startup.values.heap import Arm, Heap
from importguard.startup.values.lazy_import import LazyImport
from importguard.startup.values.lists import ListValue
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.sets import SetValue
from importguard.target.environment import Environment
from importguard.target.finder import Finder, Form, Found, read_source
from importguard.target.newer_syntax import newer_parser

if TYPE_CHECKING:
    from importguard.startup.machine.readiness import Readiness

MAX_CALL_DEPTH = 40  # calls inside calls, imports not counted
CALL_STEPS = 60_000  # of one call made at module level
PROGRAM_STEPS = 200_000  # of one that the program's own main file makes there
MAX_STEPS = 10_000_000  # of the whole start, some seconds; the largest of 242 recorded starts takes 0.7 million
# Of the whole start, in expressions, turns of loops and items made or walked: what bounds its time and its memory.
MAX_WORK = 12_000_000  # the largest of the recorded starts takes 2.9 million
# Of the calls that the body of one installed module makes, after which it makes no more that are followed.
MODULE_STEPS = 300_000  # those of what it imports not counted
MAX_ASKED_STEPS = 200_000  # of functions of the standard library that are followed only because own code calls them
MAX_NODES = 4_000_000  # of all programs together: what bounds the time and the memory that reading them takes
MAX_SOURCE = 128 * 1024 * 1024  # bytes of all files together
MAX_NAME = 4_000  # characters of a module's name: more than a path may have
MAX_IMPORT_DEPTH = 500  # imports inside imports: three times what Python's own limit allows
MAX_STOPS = 200  # reported ones
_EACH_PATTERN = 8  # characters that a regular expression costs more than it has

_PLAIN_CONTAINERS = frozenset({ListValue, DictValue, SetValue})
# What they have; a list may stand for what an iterator gives.
_CONTAINERS: tuple[type, ...] = (list, dict, set, tuple, collections.deque, type(iter([])), type(_ for _ in ()))
_OF_CONTAINERS = frozenset(name for kind in _CONTAINERS for name in dir(kind))


class Context:
    """What is open around running code. `own_…`: what a generator's body has opened itself when it waits."""

    __slots__ = (
        "arms", "calls", "catchers", "frame", "handling", "limit", "line", "own_arms", "own_calls", "own_catchers",
        "own_handling",
    )  # fmt: skip

    def __init__(  # noqa: PLR0917  each is a part of the state
        self,
        calls: list[FunctionValue],
        catchers: list[frozenset[str]],
        handling: list[Raised],
        frame: Frame,
        line: int,
        limit: int,
        arms: list[Arm],
    ) -> None:
        self.calls, self.catchers, self.handling = calls, catchers, handling
        self.frame, self.line, self.limit, self.arms = frame, line, limit, arms
        self.own_calls: list[FunctionValue] = []
        self.own_catchers: list[frozenset[str]] = []
        self.own_handling: list[Raised] = []
        self.own_arms: list[Arm] = [{}]


COMMAND_ENDS = frozenset({"Exit", "Abort"})  # what ends a command of click's or typer's and not the program
NOWHERE = ModuleValue("importlib", Found("importlib", Form.BUILTIN, None), {})  # where no code of the program runs


class MachineState(ABC):
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
    failed_files: frozenset[str] = frozenset()  # the program's own, whose import has failed
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
        self.limit = MAX_STEPS
        self.work, self.max_work = 0, MAX_WORK
        self.nodes = self.source = 0
        self.entry_points: dict[tuple[str, ...], dict[str, list[tuple[str, str]]]] = {}  # by search path
        self.idle_calls, self.repeated_calls = IdleCalls(), RepeatedCalls()
        self.lazy = LazyState.of(options)
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
        return PROGRAM_STEPS if self.executing == ["__main__"] else CALL_STEPS

    def is_of_program(self, name: str) -> bool:
        """Whether the module *name* is one of the application that is started."""
        return name.partition(".")[0] in self.application

    @property
    def folder(self) -> str:
        """Where the program runs."""
        return self.options.folder or self.project_root

    # What a generator's body has around it

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
        if self.nodes > MAX_NODES:
            self._end_walk()

    @property
    def bound(self) -> str:
        """Which bound the start has reached, in words; empty while it has reached none."""
        if self.nodes > MAX_NODES:
            return f"is made of more than {MAX_NODES:,} expressions and statements"
        if self.source > MAX_SOURCE:
            return f"reads more than {MAX_SOURCE >> 20} MiB of source"
        if self.work > self.max_work or self.steps > MAX_STEPS:
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
        if self.source > MAX_SOURCE:
            self._end_walk()

    def _end_walk(self) -> None:
        """Whatever follows is too much. Raises Exhausted."""
        self.max_work = min(self.max_work, self.work - 1)
        raise Exhausted

    # What values and models ask of a machine

    def run_tasks(self) -> None:
        """The event loop gets its turn: the tasks that wait run."""
        for _ in range(len(self.tasks)):  # what becomes ready meanwhile has its turn after that
            if not self.tasks or self.tasks[0][0] < self.possible:  # what is sure to run is not run in doubt
                return
            self.tasks.pop(0)[1]()

    def call(self, callee: Value, args: list[Value], keywords: dict[str, Value], frame: Frame, complete: bool) -> Value:
        """`callee(*args, **keywords)`; not `complete` where more arguments may be passed."""
        if not isinstance(callee, Abstract):
            return UNKNOWN
        if self.ready is not None:
            self.ready.at_call(self, callee, frame)
        return callee.call(Invocation(self, frame, args, keywords, self.line, complete))

    def bind(self, frame: Frame, name: str, value: Value) -> None:
        """`name = value` in the code that *frame* runs."""
        frame.bind(name, value, self.heap)

    def invoke(self, callee: Value, *args: Value) -> Value:
        """What the running code gets when it calls *callee* without saying so: a special method, a callback."""
        return self.call(callee, list(args), {}, self.frame, complete=True)

    def attribute(self, value: Value, name: str, frame: Frame) -> Value:
        """`value.name`: MISSING when there is surely no such thing, UNKNOWN when that cannot be worked out."""
        found = behaviour(value).attribute(name, self, frame)
        if found is UNKNOWN and type(value) in _PLAIN_CONTAINERS and name not in _OF_CONTAINERS:
            return MISSING if self.frame.module.origin == Origin.FIRST_PARTY else UNKNOWN
        if found is UNKNOWN and not isinstance(value, Abstract):
            members = PLAIN_TYPES[type(value).__name__].members if type(value).__name__ in PLAIN_TYPES else None
            return UNKNOWN if members is None or name in members else MISSING
        return found

    def items_of(self, value: Value) -> Items | None:
        """What iterating *value* gives, and whether that is all; None when nothing is known."""
        return behaviour(value).iterate(self)

    @abstractmethod
    def evaluate(self, node: ir.Expression, frame: Frame) -> Value:
        """The value of an expression; its side effects happen."""

    @abstractmethod
    def run_block(self, body: tuple[ir.Statement, ...], frame: Frame) -> Completion:
        """Executes statements in order until one leaves."""

    @abstractmethod
    def call_function(
        self, function: FunctionValue, args: list[Value], keywords: dict[str, Value], complete: bool
    ) -> Value:
        """Binds arguments to parameters and runs the body."""

    @abstractmethod
    def compare(self, left: Value, op: str, right: Value) -> Value:
        """`left op right` for one operator of a chain of comparisons."""

    @abstractmethod
    def may_call(self, callee: Value) -> None:
        """*callee* is handed to code that is not followed, which may call it."""

    @abstractmethod
    def name_template(self, name: str, receiver: Value) -> None:
        """The method *name* of *receiver* is not followed."""

    @abstractmethod
    def call_perhaps(self, callee: Value, args: list[Value]) -> None:
        """It is possible that *callee* is called with *args*."""

    @abstractmethod
    def call_one_of(self, callees: Sequence[Value], call: Invocation) -> Value:
        """One of *callees* is called, and nobody knows which."""

    @abstractmethod
    def load(self, name: str, site: ImportSite) -> Value:
        """What `sys.modules[name]` holds after importing it. Raises Raised(ModuleNotFoundError)."""

    @abstractmethod
    def find(self, name: str, parent: ModuleValue | None) -> Found | None:
        """Where the module *name* is: on the search path, or on its package's."""

    @abstractmethod
    def search_path(self) -> tuple[str, ...]:
        """`sys.path` as the analysed code has left it."""

    @abstractmethod
    def run_source(self, module: ModuleValue, path: str) -> None:
        """Runs the body of *module* from the file *path*."""

    @abstractmethod
    def record_made(self, name: str, made: Value, site: ImportSite) -> None:
        """The module *made*, which no import statement has loaded, is one that the start has loaded."""

    @abstractmethod
    def run_text(self, call: Invocation) -> Value:
        """`exec(text, globals, locals)`."""

    @abstractmethod
    def value_of_text(self, call: Invocation) -> Value:
        """`eval(text, globals, locals)`."""

    @abstractmethod
    def import_dynamic(self, name: str, call: Invocation, by: str = "") -> Value:
        """`import_module(name)` with a name that is known; *by*: the module whose function does so when it is called."""

    @abstractmethod
    def computed_import(self, call: Invocation) -> Value:
        """`import_module(…)` with a name that is not known."""

    @abstractmethod
    def absolute(self, module: str | None, level: int, frame: Frame) -> str | None:
        """The module a `from` statement names; None when it leaves the top package."""

    @abstractmethod
    def member(self, module: Value, base: str, name: str, frame: Frame, line: int) -> Value:
        """`from base import name`: the attribute, else the submodule, else an ImportError."""

    @abstractmethod
    def annotations_of(self, value: Value, reader: str, texts: Texts = Texts.KEPT) -> DictValue:
        """The annotations of *value* as *reader* gets them, its own only; open where they are not all known."""

    @abstractmethod
    def reify(self, lazy: LazyImport, frame: Frame) -> Value:
        """What a PEP 810 name holds once it is used."""

    def enters(self, module: ModuleValue) -> bool:
        """Whether calls of what *module* defines can load anything: a stdlib module without such code cannot.

        Unless the project's own code calls it: then it may call back, and what it answers may decide what is loaded.
        """
        if module.origin != Origin.STDLIB or module.name == "__main__":
            return True
        if module.program is None:
            return False
        if module.program.imports_in_functions and module.name not in INERT:
            return True
        return self.asks(self.frame) and module.name not in OPAQUE

    def asks(self, frame: Frame) -> bool:
        """Whether *frame* runs the project's own code, or what that has called in the standard library."""
        own = frame.asked or frame.module.origin == Origin.FIRST_PARTY
        return own and self.asked_steps < MAX_ASKED_STEPS

    @staticmethod
    def calls_back(module: ModuleValue) -> bool:
        """Whether functions of *module*, which are not followed, may call what they get."""
        return module.name not in LOOKING

    @staticmethod
    def open_named_module(args: list[Value], frame: Frame) -> None:
        """A call that is not followed and gets the module's name or names may add to them (`_convert_`)."""
        namespace = frame.module.namespace
        for value in args:
            if value == frame.module.name or (isinstance(value, DictValue) and value.items is namespace):
                frame.module.open = True

    def set_alias(self, name: str, value: Value) -> None:
        """`sys.modules[name] = value`."""
        self.spend(20)
        if name not in self.modules or value is not self.modules[name]:
            self.noted += 1
            self.aliases[name] = value

    # Recording

    def site(self, frame: Frame, imported: str, line: int, kind: ImportKind | None = None) -> ImportSite:
        """The import of *imported* at *line* of the code that *frame* runs."""
        if kind is None:
            in_function = frame.function is not None
            kind = ImportKind.DEFERRED if in_function else ImportKind.EAGER
        location = Location(frame.module.found.path or f"<{frame.module.name}>", line)
        return ImportSite(frame.module.name, imported, kind, location, frame.scope, bool(self.catchers))

    def catches(self, *names: str) -> bool:
        """Whether an enclosing `try` handles one of the exceptions *names*."""
        return any(name in caught for caught in self.catchers for name in names)

    def catches_here(self, *names: str) -> bool:
        """Whether a `try` within the innermost module body does.

        What a module does not expect itself is more likely a value that was not worked out than an error.
        """
        return any(name in caught for caught in self.catchers[self.own_catchers :] for name in names)

    def believes(self, names: tuple[str, ...], *, proven: bool) -> bool:
        """Whether we assume that an exception *names* of the running code reaches the `try` that catches it.

        What the walk has worked out of an installed package may be wrong, and packages that people analyse do load.
        So one that would leave the import of such a package must be *proven*.
        """
        if self.running_commands and not COMMAND_ENDS.isdisjoint(names):
            return True  # whoever runs the command catches it: `ctx.exit()` after `--version`
        if proven or self.frame.module.origin == Origin.FIRST_PARTY:
            return self.catches(*names)
        return self.catches_here(*names)

    def expects(self, *names: str) -> bool:
        """Whether an exception that the interpreter itself raises is taken as one.

        In the program's own modules it is wherever somebody catches it.
        """
        return self.believes(names, proven=False)

    def fail(self, kind: type[BaseException], *args: Value) -> Value:
        """The analysed program surely makes a mistake: its exception where it is expected, else unknown."""
        raised = Raised.of(kind, *args)
        raised.proven = self.frame.module.origin == Origin.FIRST_PARTY
        if self.expects(*raised.names):
            raise raised
        if raised.proven:
            self.uncaught(UNKNOWN)
        return UNKNOWN

    def mistake(self, kind: type[BaseException], *args: Value) -> Value:
        """As `fail`, where only the project's own code is believed to make it: anybody else's does start."""
        return self.fail(kind, *args) if self.frame.module.origin == Origin.FIRST_PARTY else UNKNOWN

    def uncaught(self, value: Value) -> None:
        """An exception leaves the program: `sys.excepthook` gets it, where the program has set one.

        That ends a program: where the walk goes on, and the same line fails again, the hook does not get it again.
        """
        system = self.modules.get("sys")
        hook = system.namespace.get("excepthook", UNKNOWN) if system is not None else UNKNOWN
        if hook is UNKNOWN or self.quiet or self.reporting:  # what a hook raises does not go to it
            return
        kind = behaviour(value).type_of()
        failure = id(hook), id(kind), self.frame.module.name, self.line
        if failure in self.reported:
            return
        self.reported[failure] = hook, kind  # as long as they are there, nothing else has their ids
        self.reporting = True
        try:
            self.call_perhaps(hook, [kind, value, UNKNOWN])
        finally:
            self.reporting = False

    def end(self, raised: Raised, code: Value = UNKNOWN) -> None:
        """The program ends with the SystemExit *raised*: what follows does not run, if this surely does.

        What installed packages work out may be wrong, and programs that people analyse do start: after them the
        rest is possible. So it is where a condition leads here and *code* is that of a success: `--version` was asked
        for. A program that ends with a failure there is not used like that. Of a library's code, one condition counts.
        """
        caught, module = self.catches(*raised.names), self.frame.module
        own = module.origin == Origin.FIRST_PARTY or self.is_of_program(module.name)
        succeeds = code is None or (isinstance(code, int) and code == 0)
        if succeeds and (self.possible == 1 or (self.possible and own)):
            self.may_end()
        raised.ends = not (self.possible or self.escaping or caught or self.frame.module.origin != Origin.FIRST_PARTY)
        if self.possible or caught or raised.ends:
            raise raised
        self.escaping += 1

    def may_end(self) -> None:
        """The program may end here, for its arguments may ask for help: what follows is only possible."""
        names = Raised.of(SystemExit).names
        if self.catches(*names):
            self.risk(names)
        else:
            self.escaping += 1

    def risk(self, names: tuple[str, ...]) -> None:
        """An exception *names* may be raised here: the handler may run, and what follows may not."""
        own = self.frame.module.origin == Origin.FIRST_PARTY
        for caught in reversed(self.catchers if own else self.catchers[self.own_catchers :]):
            if not caught.isdisjoint(names):
                if isinstance(caught, Guard) and not self._is_for_other_builds(caught.frame, names):
                    caught.risks.add(names)
                    caught.escaping += 1
                    self.escaping += 1
                return

    @staticmethod
    def _is_for_other_builds(frame: Frame, names: tuple[str, ...]) -> bool:
        """Whether the body of a module of the standard library provides for *names*, as `hashlib` does for a hash that
        its build lacks: its own modules load without.
        """
        own = frame.function is None and frame.module.origin == Origin.STDLIB
        return own and "ImportError" not in names

    def doubt_success(self, *names: str) -> None:
        """Something is not followed here that may raise an exception *names*, or any where there are none."""
        own = bool(names) and self.frame.module.origin == Origin.FIRST_PARTY
        for caught in reversed(self.catchers if own else self.catchers[self.own_catchers :]):
            if not isinstance(caught, Guard) or not caught.guesses or names in caught.risks:
                return
            if caught.may_catch(names):
                caught.risks.add(names)
                in_doubt = caught.frame is self.frame or caught.isdisjoint(BROAD)
                caught.escaping += in_doubt
                self.escaping += in_doubt

    def record_edge(self, imported: str, site: ImportSite) -> None:
        """*site* ran (or may have run) while the innermost module body executed."""
        if self.muted or not self.executing or imported in self.environment.bare:
            return
        importer = self.executing[-1]
        if importer == imported:
            return
        if self.providing is not None and self.providing[0] == len(self.executing):
            self.providing[1].append((imported, site))
        if self.ready is not None and self.reach is not Reach.EAGER:
            self.threads.note_import(site.location)
        key = (importer, imported, site.location)
        known = self.edges.get(key)
        certain = self.possible == 0 and self.escaping == 0 and imported not in self.threads.loaded
        guarded = self.possible > self.unended
        # What a later phase runs for certain says nothing of the start.
        surer = known is None or (certain, not guarded) > (known.certain, not known.guarded)
        if known is None or (surer and known.reach is self.reach):
            self.spend(10)
            self.noted += 1
            self.edges[key] = ImportEdge(importer, imported, site, certain, self.reach, guarded)

    def imports_in(self, work: Callable[[], Value]) -> tuple[Value, list[tuple[str, ImportSite]]]:
        """What *work* gives, and what it imports itself: whoever asks for the same later imports that again."""
        outer, found = self.providing, list[tuple[str, ImportSite]]()
        self.providing = (len(self.executing), found)
        try:
            return work(), found
        finally:
            self.providing = outer
            if outer is not None and outer[0] == len(self.executing):
                outer[1].extend(found)

    def record_unresolved(self, name: str, site: ImportSite, reason: str) -> None:
        """An import that finds nothing. What the standard library tries and catches is nobody's concern."""
        importer = self.modules.get(site.importer)
        expected = site.optional and importer is not None and importer.origin == Origin.STDLIB
        self.imports += 1
        if not self.muted and not expected:
            self.spend(50)
            self.noted += (name, site.location) not in self.unresolved
            found = Unresolved(name, site, reason, self.reach, self.possible > self.unended)
            known = self.unresolved.setdefault((name, site.location), found)
            if known.guarded and not found.guarded and known.reach is self.reach:
                self.noted += 1
                self.unresolved[name, site.location] = found

    def record_pattern(self, function: FunctionValue, args: list[Value]) -> None:
        """A call of *function*: where that is one of `re`'s, the executing module compiles a regular expression."""
        if function.frame.module.name != "re" or not args or not self.executing or self.muted:
            return
        pattern = args[0]
        if isinstance(pattern, str) and pattern not in self._compiled and function.name != "escape":
            self.noted += 1
            self._compiled.add(pattern)
            module = self.executing[-1]
            self.patterns[module] = self.patterns.get(module, 0) + len(pattern) + _EACH_PATTERN

    def record_stop(self, frame: Frame, reason: str) -> None:
        """A bound ended a part of the walk here."""
        if len(self.stops) < MAX_STOPS:
            location = self._location_in(frame)
            self.noted += location not in self.stops
            self.stops.setdefault(location, Stop(location, reason))

    def has_stopped(self, frame: Frame) -> bool:
        """Whether `record_stop` would add nothing here."""
        return len(self.stops) >= MAX_STOPS or self._location_in(frame) in self.stops

    def _location_in(self, frame: Frame) -> Location:
        return Location(frame.module.found.path or f"<{frame.module.name}>", self.line)
