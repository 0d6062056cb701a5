"""When a running program's main thread comes to one of the places that end its start (`ready_at`).

Standard library only, and one file that knows no other: `importguard verify` runs it inside programs whose environment
has no importguard. From Python 3.12 on `sys.monitoring` looks, which costs nothing once it has seen a function; before
that `sys.settrace` does, at every call.
"""

from __future__ import annotations

import os
import sys
from threading import get_ident
from time import perf_counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import CodeType, FrameType

_MONITORING: Any = getattr(sys, "monitoring", None)  # from Python 3.12 on
_TOOLS = (4, 3)  # numbers that debuggers, coverage and profilers leave free
_FUNCTION, _NAMESPACES = type(lambda: None), (type(sys), type)
_INITIALISERS = ("", ".__init__", ".__new__", ".__call__")  # of a class, where that is what is called


class Arrival:
    """Looks out for *points* on the calling thread; `at_s` is perf_counter when it came to the first, and its name."""

    def __init__(self, points: Sequence[str], folder: str, arrived: Callable[[], None]) -> None:
        self._main = get_ident()
        self._arrived = arrived
        self._names: dict[str, str] = {}  # "module:qualified.name" → the point
        self._lines: dict[tuple[str, int], str] = {}
        for point in points:
            name, _, last = point.rpartition(":")
            if last.isdecimal():
                self._lines[os.path.realpath(os.path.join(folder, name)), int(last)] = point
            else:
                self._names.update((f"{name}:{last}{one}", point) for one in _INITIALISERS)
        self._last = {name.rpartition(":")[2].rpartition(".")[2] for name in self._names}
        self._files = {path for path, _ in self._lines}
        self._real: dict[str, str] = {}
        self._tool = -1
        self.at_s: float | None = None
        self.point = ""

    def install(self) -> None:
        """Looks out from now on."""
        if _MONITORING is None:
            sys.settrace(self._trace)
            return
        watch = _MONITORING
        self._tool = next(one for one in _TOOLS if watch.get_tool(one) is None)
        watch.use_tool_id(self._tool, "importguard")
        watch.register_callback(self._tool, watch.events.PY_START, self._on_start)
        watch.register_callback(self._tool, watch.events.LINE, self._on_line)
        watch.set_events(self._tool, watch.events.PY_START)

    def remove(self) -> None:
        """Looks no more."""
        if _MONITORING is None:
            if sys.gettrace() == self._trace:
                sys.settrace(None)
        elif self._tool >= 0:
            _MONITORING.free_tool_id(self._tool)
            self._tool = -1

    def _on_start(self, code: CodeType, _offset: int) -> object:
        if self._has_line(code):
            _MONITORING.set_local_events(self._tool, code, _MONITORING.events.LINE)
        if code.co_name not in self._last:
            return _MONITORING.DISABLE
        self._look_at(code, sys._getframe(1).f_globals)
        return None

    def _on_line(self, code: CodeType, line: int) -> object:
        point = self._lines.get((self._place(code), line))
        if point is None:
            return _MONITORING.DISABLE
        self._note(point)
        return None

    def _trace(self, frame: FrameType, event: str, _argument: Any) -> Callable[..., Any] | None:
        if event == "call":
            code = frame.f_code
            if code.co_name in self._last:
                self._look_at(code, frame.f_globals)
            return self._trace if self._has_line(code) else None
        if event == "line":
            point = self._lines.get((self._place(frame.f_code), frame.f_lineno))
            if point is not None:
                self._note(point)
        return self._trace

    def _has_line(self, code: CodeType) -> bool:
        return bool(self._files) and self._place(code) in self._files

    def _place(self, code: CodeType) -> str:
        name = code.co_filename
        if name not in self._real:
            self._real[name] = os.path.realpath(name)
        return self._real[name]

    def _look_at(self, code: CodeType, names: dict[str, Any]) -> None:
        module = names.get("__name__")
        qualified = getattr(code, "co_qualname", code.co_name)
        for name in (module, _stem(names)) if module == "__main__" else (module,):
            point = self._names.get(f"{name}:{qualified}")
            if point is not None:
                self._note(point)
                return
        for name, point in self._names.items():
            if _code_of(name) is code:  # the module has it from another one
                self._note(point)
                return

    def _note(self, point: str) -> None:
        if self.at_s is None and get_ident() == self._main:
            self.at_s, self.point = perf_counter(), point
            self.remove()
            self._arrived()


def _code_of(name: str) -> object:
    """The code of "module:qualified.name" as that is now; nothing of the program runs for it."""
    module, _, path = name.partition(":")
    value: object = sys.modules.get(module)
    for part in path.split("."):
        value = vars(value).get(part) if isinstance(value, _NAMESPACES) else None
    return getattr(value, "__code__", None) if type(value) is _FUNCTION else None


def _stem(names: dict[str, Any]) -> str:
    """The name by which others import the script that runs."""
    spec = names.get("__spec__")
    name: str = spec.name if spec is not None else os.path.basename(str(names.get("__file__", "")))
    return name.removesuffix(".py")
