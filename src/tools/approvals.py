"""What a model wants to do and a person has to allow: an edit, a command, a server's tool. No answer in time means no.

Guarantees
- A question is answered once: by a person, by time, or by the end of the reply. Nothing is allowed by itself.
- `_lock` guards the questions.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Literal

from src.value import Value
from src.work.background import Background

LOG = logging.getLogger("approvals")
TIMEOUT_S = 120.0
Kind = Literal["edit", "command", "tool"]


class Approval(Value):
    """A question. `detail` is a unified diff, or what is run or called with all arguments; `deadline_s` is since 1970.

    `hunks` are the titles of the changes of an edit, `refused` the numbers of those that are not wanted; `argv` is the
    command, `tool` the name that a server's tool has for the model.
    """

    id: int
    kind: Kind
    title: str
    detail: str
    deadline_s: float
    hunks: tuple[str, ...] = ()
    refused: frozenset[int] = frozenset()
    argv: tuple[str, ...] = ()
    tool: str = ""


class Approvals:
    """The open questions, oldest first."""

    def __init__(self, background: Background, notify: Callable[[], None], timeout_s: float = TIMEOUT_S) -> None:
        self._background = background
        self._notify = notify
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._open: dict[int, tuple[Approval, Callable[[Approval, bool], None]]] = {}
        self._number = 0

    def snapshot(self) -> tuple[Approval, ...]:
        """The questions now."""
        with self._lock:
            return tuple(approval for approval, _answer in self._open.values())

    def ask(self, kind: Kind, title: str, detail: str, argv: tuple[str, ...] = (), tool: str = "") -> Future[bool]:
        """Asks; the future holds the answer, False once the time is over."""
        answer: Future[bool] = Future()
        asked = Approval(0, kind, title, detail, time.time() + self._timeout_s, argv=argv, tool=tool)
        self._put(asked, lambda _, allowed: answer.set_result(allowed))
        return answer

    def ask_hunks(self, title: str, detail: str, hunks: tuple[str, ...]) -> Future[frozenset[int]]:
        """Asks for an edit of several *hunks*; the future holds the numbers of those that are allowed."""
        answer: Future[frozenset[int]] = Future()
        every = frozenset(range(len(hunks)))

        def end(asked: Approval, allowed: bool) -> None:
            answer.set_result(every - asked.refused if allowed else frozenset())

        self._put(Approval(0, "edit", title, detail, time.time() + self._timeout_s, hunks), end)
        return answer

    def toggle(self, number: int, hunk: int) -> None:
        """The hunk is not wanted, or is wanted again."""
        with self._lock:
            found = self._open.get(number)
            if found is not None and 0 <= hunk < len(found[0].hunks):
                asked = found[0]._replace(refused=found[0].refused ^ {hunk})
                self._open[number] = (asked, found[1])
        self._notify()

    def _put(self, asked: Approval, end: Callable[[Approval, bool], None]) -> None:
        with self._lock:
            self._number += 1
            number = self._number
            self._open[number] = (asked._replace(id=number), end)
        self._background.later(self._timeout_s, partial(self._answer, number, False))
        self._notify()

    def approve(self, number: int) -> bool:
        """Allows it; False when the question is no longer open."""
        return self._answer(number, True)

    def deny(self, number: int) -> bool:
        """Does not allow it; False when the question is no longer open."""
        return self._answer(number, False)

    def deny_all(self) -> None:
        """Denies what is open: the reply that asked has ended."""
        for approval in self.snapshot():
            self._answer(approval.id, False)

    def _answer(self, number: int, allowed: bool) -> bool:
        with self._lock:
            found = self._open.pop(number, None)
        if found is None:
            return False
        found[1](found[0], allowed)
        if not allowed:
            LOG.warning("Not allowed: %s", found[0].title)
        self._notify()
        return True
