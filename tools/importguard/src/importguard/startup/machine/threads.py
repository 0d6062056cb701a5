"""The threads that the analysed program has started, while the walk goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from importguard.source.import_site import ImportSite, Location
from importguard.startup.trace.trace import ForkHazard, LoopImport, PresenceCheck
from importguard.startup.values.base import UNKNOWN, Invocation, Raised, Value
from importguard.startup.values.heap import Way

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState


class Threads:
    """All of them, and what concerns them."""

    def __init__(self) -> None:
        self.started: list[RunningThread] = []
        self.current: RunningThread | None = None  # whose code is worked out
        self.loaded: set[str] = set()  # what they may load before the main thread does
        self.presence_checks: dict[PresenceCheck, None] = {}
        self.hazards: dict[ForkHazard, None] = {}
        self.coroutines: list[str] = []  # whose bodies the main thread runs, innermost last
        self.in_coroutines: dict[Location, LoopImport] = {}

    def note_hazard(self, what: str, call: Invocation) -> None:
        """The main thread does *what* at *call* that a fork afterwards does not go with."""
        machine = call.machine
        if machine.executing and not machine.quiet and not machine.muted:
            place = Location(call.frame.module.found.path or f"<{call.frame.module.name}>", call.line)
            self.hazards.setdefault(ForkHazard(machine.executing[-1], what, place))

    def note_import(self, place: Location) -> None:
        """The main thread runs the import at *place* after its start is over."""
        if self.coroutines:
            self.in_coroutines[place] = LoopImport(place, self.coroutines[-1])


class RunningThread:
    """What a `ThreadStart` says, and the *thread* itself.

    `possible`: under how many open conditions it is started. `scope`: the module that defines its function, and the
    function's own scope.
    """

    __slots__ = (
        "after", "answer", "event_sites", "executing", "first", "last", "left", "location", "possible", "raised",
        "scope", "sites", "target", "thread",
    )  # fmt: skip

    def __init__(
        self, thread: Value, location: Location, target: str, scope: tuple[str, tuple[str, ...]], machine: MachineState
    ) -> None:
        self.thread, self.location, self.target, self.scope = thread, location, target, scope
        self.executing, self.first, self.possible = tuple(machine.executing), len(machine.edges), machine.possible
        self.last = -1
        self.sites: dict[ImportSite, None] = {}
        self.answer: Value = UNKNOWN  # what its code returns
        self.raised: Raised | None = None  # or the exception that ends it
        self.left: Way = {}  # the objects that it changes, as it leaves them
        self.after: dict[int, object] = {}  # and as they are while nobody knows how far it has come
        self.event_sites: list[tuple[Value, int]] = []  # the events that it sets, each after so many imports

    def end(self, machine: MachineState) -> None:
        """What the start imports from here on finds all that the thread imports."""
        if self.last < 0 and machine.possible <= self.possible:
            self.last = len(machine.edges)
            for key, (value, state) in self.left.items():
                if value.snapshot() == self.after[key]:  # nobody else has changed it since
                    machine.heap.changing(value)
                    value.restore(state)

    def run(self, work: Callable[[], Value], machine: MachineState) -> None:
        """Its code: each thing that it does may have happened, or not yet. Its exceptions end only the thread."""
        heap, depth = machine.heap, len(machine.heap.arms)
        catchers, machine.catchers = machine.catchers, [frozenset({"BaseException"})]
        machine.possible += 1
        heap.open()
        try:
            self.answer = work()
        except Raised as raised:
            self.raised = raised
        finally:
            machine.catchers = catchers
            heap.close(depth + 1)
            self.left = heap.undo()
            for other in machine.threads.started:
                if other is not self and other.last < 0:  # which of them is the first is not known
                    other.left = {key: one for key, one in other.left.items() if key not in self.left}
            heap.join([self.left, {}])
            self.after = {key: value.snapshot() for key, (value, _) in self.left.items()}
            machine.possible -= 1

    def sets_last(self, event: Value) -> bool:
        """Whether it sets *event* and imports nothing after that."""
        return any(one is event and count == len(self.sites) for one, count in self.event_sites)
