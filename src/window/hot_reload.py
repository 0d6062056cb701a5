"""Runs changed modules of the window again while it is open, for developers. Standard library only; watches nothing.

Guarantees
- `note` may be called from any thread; `reload` runs on the main thread, between frames.
- A module that does not run again stays as it was, to the last name: the old code goes on.
- What imports a changed module runs again, too, after it.
"""

from __future__ import annotations

import importlib
import os
import sys
import threading
import traceback
from collections.abc import Iterable
from types import ModuleType
from typing import Any, TypeVar

from src.value import Value

T = TypeVar("T")

# In the order of their imports, lowest first.
RELOADABLE = (
    "src.window.markdown_blocks",
    "src.window.flow",
    "src.theme_2",
    "src.theme_nerv",
    "src.theme_nerv_fx",
    "src.window.fonts",
    "src.window.controls",
    "src.window.markdown_code",
    "src.markdown_table",
    "src.markdown_helper",
    "src.window.dialogs",
    "src.panels.*",
)
_PLAIN = (str, int, float, bool, bytes, type(None))


class Outcome(Value):
    """The modules that ran again, and what is wrong with the one that did not ("" when all ran)."""

    modules: tuple[str, ...]
    error: str


class Reloader:
    """The files that changed and are not loaded yet. `_lock` guards them."""

    def __init__(self, patterns: Iterable[str] = RELOADABLE) -> None:
        self._patterns = tuple(patterns)
        self._lock = threading.Lock()
        self._changed: set[str] = set()

    def note(self, paths: Iterable[str]) -> None:
        """Remembers that these files changed."""
        with self._lock:
            self._changed.update(os.path.realpath(path) for path in paths)

    def reload(self) -> Outcome | None:
        """Runs the modules of the changed files again; None when no reloadable file changed."""
        with self._lock:
            changed, self._changed = self._changed, set()
        if not changed:
            return None
        modules = self._modules()
        wanted = [module for module in modules if os.path.realpath(module.__file__ or "") in changed]
        if not wanted:
            return None
        done: list[ModuleType] = []
        kept = {module.__name__: dict(vars(module)) for module in modules}
        for module in modules:
            if module not in wanted and not any(_imports(module, one, kept) for one in done):
                continue
            error = _run_again(module)
            if error:
                for one in (*done, module):  # together they are of one make; a mixture would be of none
                    _restore(one, kept[one.__name__])
                return Outcome((), error)
            done.append(module)
        return Outcome(tuple(module.__name__ for module in done), "")

    def _modules(self) -> list[ModuleType]:
        found = []
        for pattern in self._patterns:
            if pattern.endswith(".*"):
                names = sorted(name for name in sys.modules if name.startswith(pattern[:-1]))
                found += _in_order([sys.modules[name] for name in names])
            elif pattern in sys.modules:
                found.append(sys.modules[pattern])
        return found


def _restore(module: ModuleType, names: dict[str, Any]) -> None:
    vars(module).update(names)
    for extra in vars(module).keys() - names.keys():
        del vars(module)[extra]


def _in_order(modules: list[ModuleType]) -> list[ModuleType]:
    """*modules* so that each comes after those of them that it imports."""
    kept = {module.__name__: vars(module) for module in modules}
    ordered: list[ModuleType] = []
    waiting = list(modules)
    while waiting:
        ready = [one for one in waiting if not any(_imports(one, other, kept) for other in waiting if other is not one)]
        ordered += ready or waiting
        waiting = [one for one in waiting if one not in ordered]
    return ordered


def _imports(module: ModuleType, other: ModuleType, kept: dict[str, dict[str, Any]]) -> bool:
    """*module* holds *other* or something that *other* made."""
    name = other.__name__
    return any(value is other or getattr(value, "__module__", None) == name for value in kept[module.__name__].values())


def _run_again(module: ModuleType) -> str:
    """Executes *module* again; a sentence with file and line when that fails, "" when it does not."""
    file = module.__file__ or ""
    shown = os.path.relpath(file)
    try:
        with open(file, "rb") as source:
            compile(source.read(), file, "exec", dont_inherit=True)
        importlib.reload(module)
    except SyntaxError as error:
        return f"{shown}:{error.lineno}: {error.msg}. The old code runs on."
    except Exception as error:  # unfinished code may raise anything
        frames = [one for one in traceback.extract_tb(error.__traceback__) if one.filename == file]
        line = frames[-1].lineno if frames else 1
        return f"{shown}:{line}: {type(error).__name__}: {error}. The old code runs on."
    return ""


def carry_over(old: object, new: T) -> T:
    """*new* with the plain state of *old*: what was typed, chosen, opened. Caches and objects are made anew."""
    for name, value in vars(old).items():
        if name in vars(new) and type(value) is type(getattr(new, name)) and _is_plain(value):
            setattr(new, name, value)
    return new


def _is_plain(value: object) -> bool:
    if isinstance(value, dict):
        return all(_is_plain(one) for pair in value.items() for one in pair)
    if type(value) in (list, tuple, set, frozenset):
        return all(_is_plain(one) for one in value)  # type: ignore[attr-defined]
    return isinstance(value, _PLAIN)
