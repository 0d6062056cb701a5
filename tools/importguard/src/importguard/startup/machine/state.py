"""The state of one static start, and what values and models ask of it."""

from __future__ import annotations

import collections
from abc import abstractmethod
from collections.abc import Sequence

from importguard.source import program as ir
from importguard.source.import_site import ImportSite
from importguard.startup.machine.bounds import MAX_ASKED_STEPS
from importguard.startup.machine.failures import Failures
from importguard.startup.models.inert import INERT, LOOKING, OPAQUE
from importguard.startup.trace.trace import Origin
from importguard.startup.values.annotate import Texts
from importguard.startup.values.base import MISSING, UNKNOWN, Abstract, Invocation, Items, Value
from importguard.startup.values.builtin_types import PLAIN_TYPES
from importguard.startup.values.constants import behaviour
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.frames import Completion, Frame
from importguard.startup.values.functions import FunctionValue
from importguard.startup.values.lazy_import import LazyImport
from importguard.startup.values.lists import ListValue
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.sets import SetValue
from importguard.target.finder import Found

_PLAIN_CONTAINERS = frozenset({ListValue, DictValue, SetValue})
# What they have; a list may stand for what an iterator gives.
_CONTAINERS: tuple[type, ...] = (list, dict, set, tuple, collections.deque, type(iter([])), type(_ for _ in ()))
_OF_CONTAINERS = frozenset(name for kind in _CONTAINERS for name in dir(kind))


class MachineState(Failures):
    """What a start has done so far."""

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
        found = (value if isinstance(value, Abstract) else behaviour(value)).attribute(name, self, frame)
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
        """`import_module(name)` with a name that is known; *by*: the module whose function does so when called."""

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
