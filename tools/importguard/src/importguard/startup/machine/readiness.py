"""Where the start is over, if the program says so (`ready_at`): from there on what is loaded is loaded later."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from importguard.source.import_site import Location
from importguard.startup.trace.import_edge import Reach
from importguard.startup.trace.trace import Ready
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.functions import Method
from importguard.startup.values.modules import ModuleValue

if TYPE_CHECKING:
    from importguard.startup.machine.state import MachineState
    from importguard.startup.values.base import Value
    from importguard.startup.values.frames import Frame


class Readiness:
    """The places that the walk looks out for. `found`: the first of them that the main thread has come to."""

    def __init__(self, callables: Iterable[tuple[str, str]], lines: Iterable[tuple[str, int]], shown: str) -> None:
        self._callables, self._lines, self._shown = tuple(callables), frozenset(lines), shown
        self._files = {path for path, _ in self._lines}
        self._begun: set[str] = set()  # of these files, the ones with a statement that has run
        self.found: Ready | None = None

    @classmethod
    def of(cls, points: Iterable[str], *folders: str) -> Readiness | None:
        """What looks out for *points*; None without any. A file is in the first of *folders* that has it."""
        callables, lines = [], []
        for point in points:
            name, _, last = point.rpartition(":")
            if last.isdecimal():
                places = [os.path.join(folder, name) for folder in folders]
                there = next((place for place in places if os.path.isfile(place)), places[-1])
                lines += [(os.path.abspath(there), int(last)), (os.path.realpath(there), int(last))]
            else:
                callables.append((name, last))
        return cls(callables, lines, " or ".join(points)) if callables or lines else None

    def at_call(self, machine: MachineState, callee: Value, frame: Frame) -> None:
        """*callee* is about to be called in *frame*."""
        if self._callables and self._watches(machine):
            function = _function(callee)
            for module, name in self._callables:
                if function is not None and function is _function(_named(machine, module, name)):
                    self._reach(machine, f"{module}:{name}", frame)
                    return

    def at_line(self, machine: MachineState, frame: Frame) -> None:
        """The statement on the machine's line is about to run in *frame*."""
        path = frame.module.found.path
        if path in self._files and self._watches(machine):
            self._begun.add(path)
            if (path, machine.line) in self._lines:
                self._reach(machine, f"{os.path.basename(path)}:{machine.line}", frame)

    def _watches(self, machine: MachineState) -> bool:
        return self.found is None and not machine.quiet and not machine.muted and machine.reach is Reach.EAGER

    def _reach(self, machine: MachineState, point: str, frame: Frame) -> None:
        self.found = Ready(point, Location(frame.module.found.path or f"<{frame.module.name}>", machine.line))
        machine.reach = Reach.DEFERRED

    def why_not(self, machine: MachineState) -> str:
        """What kept the walk from all of the places; empty where it has come to one."""
        if self.found is not None:
            return ""
        if " or " in self._shown:
            return f"it comes to none of {self._shown}"
        for path, line in sorted(self._lines):
            if not os.path.isfile(path):
                return f"{path} is no file"
            if not self._begun:
                return f"it runs nothing of {path}"
            return f"no statement that it runs begins on line {line} of {path}"
        module, name = self._callables[0]
        if module not in machine.modules and _script(machine, module) is None:
            return f"it does not load {module}"
        if _named(machine, module, name) is None:
            return f"{module} has no {name}"
        return f"it does not call {name} of {module}, or `importguard graph --unfollowed` names why nobody knows"


def _named(machine: MachineState, module: str, name: str) -> Value:
    """What *name* is in *module*, if that has been loaded; else None."""
    owner = machine.modules.get(module) or _script(machine, module)
    value: Value = None
    for part in name.split("."):
        if isinstance(owner, ModuleValue | ClassValue):
            value = owner.namespace.get(part)
        else:
            return None
        owner = value  # type: ignore[assignment]  # the next part says whether it has names
    return value


def _script(machine: MachineState, name: str) -> ModuleValue | None:
    """The script that runs, by the *name* that others import it by."""
    main = machine.modules.get("__main__")
    return main if main is not None and os.path.basename(main.found.path or "") == f"{name}.py" else None


def _function(value: Value) -> Value:
    return value.function if isinstance(value, Method) else value
