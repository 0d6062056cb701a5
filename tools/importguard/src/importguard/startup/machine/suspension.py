"""Generators that stop at each `yield`: their body runs on a thread of its own, one of the two at a time.

The walk is a recursion of Python functions, so a body that waits in the middle of it needs a stack of its own. Nothing
ever runs at the same time: whoever asks for the next item waits until the body has reached a `yield` or its end.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from importguard.startup.machine.branches import doubt
from importguard.startup.values.base import UNKNOWN, Value
from importguard.startup.values.generators import GeneratorValue
from importguard.startup.values.iterators import END, OPEN, Unsure, pull

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.frames import Frame

MAX_SUSPENDED = 16  # bodies that wait at the same time
_STACK = 32 * 1024 * 1024  # bytes of address space for each


class _Killed(BaseException):
    """The walk is over: a body that waits goes no further."""


class Suspension:
    """The body of one generator function."""

    def __init__(self, machine: MachineState, frame: Frame, run: Callable[[], Value]) -> None:
        self._machine = machine
        self._frame = frame
        self._run = run
        self._go, self._back = threading.Semaphore(0), threading.Semaphore(0)
        self._thread: threading.Thread | None = None
        self._sent: Value | BaseException = None
        self._event: tuple[str, Any] = ("end", None)
        self._context = machine.context(frame)
        self._base: tuple[int, ...] = ()
        self.open = False  # it has yielded where nobody knows whether it does
        self.to_the_end = False  # somebody takes all that it yields
        self.perhaps: list[Value] = []  # what it has yielded there, then

    @property
    def waits(self) -> bool:
        """Whether it waits at a `yield`."""
        return self._thread is not None and self._event[0] == "yield"

    def resume(self, sent: Value | BaseException) -> tuple[str, Any]:
        """Goes on with what is *sent*: ("yield", item) or ("end", value). Raises what the body does."""
        machine = self._machine
        outer = machine.context(machine.frame)
        machine.enter(outer, self._context)
        self._base = machine.possible, machine.escaping
        self._sent = sent
        machine.running.append(self)
        self._go.release()
        self._back.acquire()
        machine.running.pop()
        self._context = machine.leave(outer)
        if self._event[0] != "yield":
            machine.suspended.remove(self)
        if self._event[0] == "raise":
            raise self._event[1]
        return self._event

    def start(self) -> bool:
        """Makes its thread, which waits; False where the system gives none."""
        size = threading.stack_size(_STACK)
        thread = threading.Thread(target=self._body, name="importguard-generator", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            return False
        finally:
            threading.stack_size(size)
        self._thread = thread
        self._machine.suspended.append(self)
        return True

    def _body(self) -> None:
        self._go.acquire()
        try:
            self._event = ("end", self._run())
        except _Killed:
            return
        except BaseException as error:
            self._event = ("raise", error)
        self._back.release()

    def suspend(self, value: Value) -> Value:
        """The body yields *value*: what somebody sends when it goes on. Raises what somebody throws."""
        machine = self._machine
        in_doubt = self._base != (machine.possible, machine.escaping)
        if in_doubt and self.to_the_end:  # what follows runs, whether this item is one or not
            self.open = True
            self.perhaps.append(value)
            return UNKNOWN
        if in_doubt or (self.open and not self.to_the_end):
            self.open = True
            doubt(machine, self._frame)  # whether anybody asks for what follows is not known
            return UNKNOWN
        self._event = ("yield", value)
        self._back.release()
        self._go.acquire()
        if isinstance(self._sent, BaseException):
            raise self._sent
        return self._sent

    def delegate(self, value: Value) -> Value:
        """`yield from value`."""
        if isinstance(value, GeneratorValue):
            return self._pass_on(value)
        try:
            for item in pull(value, self._machine):
                self.suspend(item)
        except Unsure:
            self.open = True
            doubt(self._machine, self._frame)
            return UNKNOWN
        return None

    def _pass_on(self, inner: GeneratorValue) -> Value:
        sent: Value = None
        inner.to_the_end |= self.to_the_end
        while True:
            made = inner.resume(sent, self._machine)
            if made is END:
                return inner.returned
            if made is OPEN:
                self.open = True
                if self.to_the_end:
                    self.perhaps.append(inner.some_item(self._machine))
                    return UNKNOWN
                doubt(self._machine, self._frame)
                return UNKNOWN
            sent = self.suspend(made)

    def kill(self) -> None:
        """The thread ends."""
        self._sent = _Killed()
        self._go.release()
        if self._thread is not None:
            self._thread.join()


def kill_all(suspended: list[Suspension]) -> None:
    """The walk is over."""
    while suspended:
        suspended.pop().kill()
