"""The event loop of a start: its clock, and the tasks that wait. Time passes only while everybody waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from importguard.startup.machine.suspension import MAX_SUSPENDED, Suspension
from importguard.startup.values.base import Raised, Value

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState

MAX_ROUNDS = 400  # of one wait
MAX_NAPS = 5  # of one task in it: what beats for good has then loaded what it loads


class Waiting(Protocol):
    """A task as the loop sees it."""

    def step(self, machine: MachineState, sent: Raised | None = None) -> None:
        """It goes on to its next wait, or to its end."""

    def make_ready(self, machine: MachineState) -> None:
        """It makes a step at the next turn of the loop."""


class TaskBody(Suspension):
    """The body of a task: it stops where it waits, with all that it has called."""

    @property
    def can_wait(self) -> bool:
        """Whether the running code is this body itself, and surely so."""
        machine = self._machine
        sure = self._base == (machine.possible, machine.escaping)
        return sure and bool(machine.running) and machine.running[-1] is self

    def wait(self) -> None:
        """The body stops here until its task makes a step. Raises what that throws."""
        self._event = ("yield", None)
        self._back.release()
        self._go.acquire()
        if isinstance(self._sent, BaseException):
            raise self._sent


class EventLoop:
    """The tasks of a start that wait. `bodies`: those that a running task is in, innermost last."""

    def __init__(self) -> None:
        self.now = 0.0  # seconds since its beginning
        self.stopped = False
        self.value: Value = None  # what the program has of it
        self.sleeping: list[tuple[float, int, Waiting, Raised | None]] = []  # until when, and what is thrown then
        self.tasks: list[tuple[Waiting, TaskBody]] = []  # whose bodies run, innermost last
        self.begun: dict[Waiting, None] = {}  # tasks that have made a step and have not ended
        self._count = 0

    def body(self) -> TaskBody | None:
        """That of the running task, where it can wait."""
        return self.tasks[-1][1] if self.tasks and self.tasks[-1][1].can_wait else None

    def sleep(self, task: Waiting, seconds: float, thrown: Raised | None = None) -> None:
        """*task* makes its next step in so many seconds."""
        self._count += 1
        self.sleeping.append((self.now + seconds, self._count, task, thrown))
        self.sleeping.sort(key=lambda one: one[:2])

    def forget(self, task: Waiting) -> None:
        """Nobody wakes *task* by the clock."""
        self.sleeping = [one for one in self.sleeping if one[2] is not task]

    def drive(self, machine: MachineState, done: Callable[[], bool], until: float | None = None) -> bool:
        """Lets the others run until *done*, or nobody can go on before the time *until*. Whether it is done."""
        naps: Counter[int] = Counter()
        for _ in range(MAX_ROUNDS):
            if done():
                return True
            if machine.tasks and machine.tasks[0][0] >= machine.possible:
                machine.run_tasks()
                continue
            due = next((one for one in self.sleeping if naps[id(one[2])] < MAX_NAPS), None)
            if due is None or machine.possible or (until is not None and due[0] > until):
                return False
            self.now = max(self.now, due[0])
            naps[id(due[2])] += 1
            due[2].step(machine, due[3])
        return False


def body_of(machine: MachineState, run: Callable[[], Value]) -> TaskBody | None:
    """A body for *run* with a stack of its own; None where there are too many."""
    made = TaskBody(machine, machine.frame, run)
    return made if len(machine.suspended) < MAX_SUSPENDED and made.start() else None
