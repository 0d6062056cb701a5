"""The threads that the analysed program has started, while the walk goes on."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from typing import TYPE_CHECKING

from importguard.source.import_site import ImportSite, Location
from importguard.startup.trace.trace import ForkHazard, LoopImport, PresenceCheck
from importguard.startup.values.base import UNKNOWN, Invocation, Raised, Value
from importguard.startup.values.heap import State, Way

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState


class Threads:
    """All of them, and what concerns them."""

    def __init__(self) -> None:
        self.started: list[RunningThread] = []
        self.current: RunningThread | None = None  # whose code is worked out
        self.loaded: set[str] = set()  # what they may load before the main thread does
        self.presence_checks: dict[PresenceCheck, None] = {}
        self.waited: list[RunningThread] = []  # those that the start waits for, innermost last
        self.until: Value = None  # the event that the start waits for, while what a thread imports till then is its own
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
        if self.coroutines and not self.waited:  # the loop goes on while a coroutine waits for a thread
            self.in_coroutines[place] = LoopImport(place, self.coroutines[-1])


class RunningThread:
    """What a `ThreadStart` says, the *thread* itself, and the *work* that it does: a call of its function.

    `possible`: under how many open conditions it is started. `scope`: the module that defines its function, and the
    function's own scope.
    """

    __slots__ = (
        "after", "answer", "before", "event_sites", "executing", "first", "last", "left", "location", "possible",
        "raised", "scope", "sites", "target", "thread", "waited_for", "waits", "work",
    )  # fmt: skip

    def __init__(
        self,
        thread: Value,
        location: Location,
        target: str,
        scope: tuple[str, tuple[str, ...]],
        machine: MachineState,
        *,
        work: Callable[[], Value],
    ) -> None:
        self.thread, self.location, self.target, self.scope, self.work = thread, location, target, scope, work
        self.executing, self.first, self.possible = tuple(machine.executing), len(machine.edges), machine.possible
        self.last = -1
        self.sites: dict[ImportSite, None] = {}
        self.answer: Value = UNKNOWN  # what its code returns
        self.raised: Raised | None = None  # or the exception that ends it
        self.left: Way = {}  # the objects that it changes, as it leaves them
        self.before: dict[int, State] = {}  # as they are before it,
        self.after: dict[int, State] = {}  # and while nobody knows how far it has come
        self.waits: list[tuple[int, int]] = []  # the imports that are the start's as it waits: from place to place
        self.waited_for: list[Value] = []  # the events that were waited for; None: its end
        self.event_sites: list[tuple[Value, int]] = []  # the events that it sets, each after so many imports

    def end(self, machine: MachineState, event: Value = None, *, limited: bool = False) -> None:
        """The start waits here until it has ended, or sets *event*: what it imports till then is the start's, too.

        *limited*: only for some time. What the start imports after the end finds all that the thread imports.
        """
        if self.last >= 0 or self in machine.threads.waited:
            return
        sure = not limited and machine.possible <= self.possible
        ends = sure and (event is None or self.sets_last(event))
        if not ends and any(one is event for one in self.waited_for):
            return
        self.waited_for.append(event)
        unchanged = {key for key, (value, _) in self.left.items() if value.snapshot() == self.after[key]}
        if ends:
            self.last = len(machine.edges)
            machine.threads.loaded = {name for one in machine.threads.started if one.last < 0 for name in one.loads()}
        if self.sites:
            if ends:
                self._restore(machine, {key: (self.left[key][0], self.before[key]) for key in unchanged})
            self._wait(machine, event, limited=limited, ends=ends)
        if ends:  # nobody else has changed the rest since
            ours = {key: one for key, one in self.left.items() if key in unchanged or key not in self.after}
            self._restore(machine, ours)

    def _wait(self, machine: MachineState, event: Value, *, limited: bool, ends: bool) -> None:
        """Its code again, as code of the start; *ends*: to its end."""
        threads, first, quiet = machine.threads, len(machine.edges), machine.quiet
        outer, threads.until = threads.until, event
        loaded, threads.loaded = threads.loaded, set()  # whoever loads them: the start waits until they are there
        threads.waited.append(self)
        machine.possible += limited
        machine.unended += limited
        try:
            answer, raised, left = self._run(machine)
        finally:
            threads.waited.pop()
            machine.possible -= limited
            machine.unended -= limited
            machine.quiet, threads.until, threads.loaded = quiet, outer, loaded
        self.waits.append((first, len(machine.edges)))
        if ends:
            self.answer, self.raised, self.left = answer, raised, left

    @staticmethod
    def _restore(machine: MachineState, states: Way) -> None:
        for value, state in states.values():
            machine.heap.changing(value)
            value.restore(state)

    def run(self, machine: MachineState) -> None:
        """Its code: each thing that it does may have happened, or not yet. Its exceptions end only the thread."""
        machine.possible += 1
        self.answer, self.raised, self.left = self._run(machine)
        for other in machine.threads.started:
            if other is not self and other.last < 0:  # which of them is the first is not known
                other.left = {key: one for key, one in other.left.items() if key not in self.left}
        self.before = {key: value.snapshot() for key, (value, _) in self.left.items()}
        machine.heap.join([self.left, {}])
        self.after = {key: value.snapshot() for key, (value, _) in self.left.items()}
        machine.possible -= 1

    def run_apart(self, machine: MachineState) -> None:
        """Its code, in another process: nothing that it does is seen here but its answer. Nobody waits for imports."""
        self.answer, self.raised, _ = self._run(machine)
        self.last = self.first

    def _run(self, machine: MachineState) -> tuple[Value, Raised | None, Way]:
        """What its code gives, the exception that ends it, and what it has changed, which is then undone."""
        heap, depth = machine.heap, len(machine.heap.arms)
        catchers, machine.catchers = machine.catchers, [frozenset({"BaseException"})]
        answer: Value = UNKNOWN
        raised: Raised | None = None
        heap.open()
        try:
            answer = self.work()
        except Raised as ending:
            raised = ending
        finally:
            machine.catchers = catchers
            heap.close(depth + 1)
            left = heap.undo()
        return answer, raised, left

    def sets(self, event: Value) -> bool:
        """Whether it sets *event*."""
        return any(one is event for one, _ in self.event_sites)

    def sets_last(self, event: Value) -> bool:
        """Whether it sets *event* and imports nothing after that."""
        return any(one is event and count == len(self.sites) for one, count in self.event_sites)

    def loads(self) -> set[str]:
        """What its own imports may load: each module, and the packages that it is in."""
        return {name for site in self.sites for name in accumulate(site.imported.split("."), "{}.{}".format)}
