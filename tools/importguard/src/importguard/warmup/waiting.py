"""Says when the main thread waits for a module that a warmup loads: a name bound by `lazy import` waits in silence.

Guarantees
- Imports are looked at from the chain's begin to its end only. Before and after it `builtins.__import__` is what it
  was, and using a warmed name costs what it costs without a guard.
- Only the main thread is looked at. A report comes before the wait; it neither shortens nor lengthens it.
- What a report raises reaches the code that used the name. The name can be used again later.
"""

from __future__ import annotations

import builtins
import sys
import threading
from threading import get_ident
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from importguard.warmup.status import NotWarmedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import ModuleType

    from importguard.warmup.status import WarmupStatus

_LEVELS = 2  # frames between the program's code and what looks at its import


class Waiting(NamedTuple):
    """The main thread uses *module* at a place. `state`: "running" when it waits for it, "pending" when it loads it."""

    module: str
    state: Literal["running", "pending"]
    file: str
    line: int
    function: str

    def __str__(self) -> str:
        does = "waits for" if self.state == "running" else "loads"
        return f"{self.file}:{self.line}: {self.function} {does} {self.module}, which is still warming up"


if TYPE_CHECKING:
    Report = Literal["log", "raise"] | Callable[[Waiting], object]


class Guard:
    """What `Warmup.guard` sets up. *status* asks the warmup; the chain calls `install` and `remove`."""

    def __init__(self, report: Report, status: Callable[[], WarmupStatus]) -> None:
        self._tell = {"log": _log, "raise": _refuse}[report] if isinstance(report, str) else report
        self._status = status
        self._main: int | None = None
        self._loader: dict[str, int] = {}  # the thread that began to load a module
        self._import: Any = None
        self._wrapper: Any = None
        self._telling = False

    def install(self) -> None:
        """The chain begins."""
        self._main = threading.main_thread().ident
        self._import, self._wrapper = builtins.__import__, self._wrapped(builtins.__import__)
        sys.meta_path.insert(0, self)
        builtins.__import__ = self._wrapper

    def remove(self) -> None:
        """The chain has ended. A second call does nothing."""
        self._main = None
        if self in sys.meta_path:
            sys.meta_path.remove(self)
        if builtins.__import__ is self._wrapper:  # else somebody has wrapped the wrapper: it hands through
            builtins.__import__ = self._import
        self._loader.clear()

    def find_spec(self, name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None) -> None:
        """Notes who loads *name*, and finds nothing."""
        self._loader[name] = get_ident()

    def _wrapped(self, original: Callable[..., ModuleType]) -> Callable[..., ModuleType]:
        def import_(
            name: str,
            globals: Mapping[str, object] | None = None,  # noqa: A002  the name of __import__'s own parameter
            locals: Mapping[str, object] | None = None,  # noqa: A002
            fromlist: Sequence[str] | None = (),
            level: int = 0,
        ) -> ModuleType:
            if get_ident() == self._main and not self._telling:
                self._look_at(_absolute(name, globals, level))
            return original(name, globals, locals, fromlist or (), level)

        return import_

    def _look_at(self, name: str) -> None:
        state = self._state(name)
        if state is None:
            return
        frame = sys._getframe(_LEVELS)
        waiting = Waiting(name, state, frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)
        self._telling = True
        try:
            self._tell(waiting)
        finally:
            self._telling = False

    def _state(self, name: str) -> Literal["running", "pending"] | None:
        """Whether another thread loads *name* or a package of it, or a job that has not begun would."""
        parts = name.split(".")
        names = [".".join(parts[: depth + 1]) for depth in range(len(parts))]
        for one in names:
            module = sys.modules.get(one)
            if module is not None and not getattr(getattr(module, "__spec__", None), "_initializing", False):
                continue
            if module is None:
                break
            if self._loader.get(one, self._main) != self._main:
                return "running"
        if name in sys.modules:
            return None
        pending = set(self._status().pending)
        return "pending" if pending.intersection(names) else None


def _absolute(name: str, globals_: Mapping[str, Any] | None, level: int) -> str:
    if level == 0:
        return name
    package = str((globals_ or {}).get("__package__") or "")
    base = package.rsplit(".", level - 1)[0] if level > 1 else package
    return f"{base}.{name}" if name else base


def _log(waiting: Waiting) -> None:
    import logging  # a program that never waits does not pay for it

    logging.getLogger("importguard.warmup").warning("%s", waiting)


def _refuse(waiting: Waiting) -> None:
    raise NotWarmedError(str(waiting))
