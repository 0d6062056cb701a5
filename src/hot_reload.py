"""Reloads the changed modules of one package, for developers at work on a panel. Standard library only."""

from __future__ import annotations

import importlib
import os
import sys
from types import ModuleType


class Reloader:
    """The files of *package* as they were when last looked at."""

    def __init__(self, package: str) -> None:
        self._package = package
        self._seen = {name: _stamp(module) for name, module in self._modules()}

    def reload(self) -> list[str]:
        """Executes the changed modules again; their names. What a module's code raises comes out."""
        changed = []
        for name, module in self._modules():
            stamp = _stamp(module)
            if self._seen.get(name) != stamp:
                importlib.reload(module)
                self._seen[name] = stamp
                changed.append(name)
        return changed

    def _modules(self) -> list[tuple[str, ModuleType]]:
        prefix = f"{self._package}."
        return [(name, module) for name, module in sorted(sys.modules.items()) if name.startswith(prefix)]


def _stamp(module: ModuleType) -> tuple[int, int]:
    found = os.stat(module.__file__) if module.__file__ else None
    return (found.st_mtime_ns, found.st_size) if found else (0, 0)
