"""`pytest`: the plugins that distributions declare, `conftest.py`, and the files that it collects."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterator

from importguard.startup.machine.branches import perhaps
from importguard.startup.machine.state import MachineState
from importguard.startup.models.click_words import Words
from importguard.startup.models.entry_points import declared
from importguard.startup.models.folders import listed
from importguard.startup.models.library import Library
from importguard.startup.trace.trace import Origin
from importguard.startup.values.base import MISSING, Abstract, Invocation, Raised, Value
from importguard.startup.values.lists import ListValue
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.natives import Native

MAX_FILES = 500  # that are collected
_SHOWS = frozenset({"--version", "-V", "--help", "-h"})  # instead of collecting
_NAMES = ("test_*.py", "*_test.py")
_NO_PLUGINS = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"


def _main(call: Invocation, own: Abstract) -> Value:
    """`pytest.main(args)`."""
    machine = call.machine
    words = Words.of(call.get(0, "args"), machine)
    if words.open:
        perhaps(machine, call.frame, lambda: _collect([], call))
    elif not _SHOWS & set(words.items):
        _collect(words.items, call)
    return own.call(call)


def _collect(words: list[str], call: Invocation) -> None:
    machine = call.machine
    if machine.variables.ask(_NO_PLUGINS, Origin.THIRD_PARTY, "_pytest.config") is MISSING:
        for name, target in declared(machine.finder).get("pytest11", ()):
            if f"no:{name}" not in words:
                _load(target.partition(":")[0].strip(), call)
    for folder, name in _files([word for word in words if not word.startswith("-")], machine):
        _put_first(folder, machine)
        _load(name, call)


def _load(name: str, call: Invocation) -> None:
    try:
        call.machine.import_dynamic(name, call)
    except Raised:
        return  # one that fails is reported; the others go on


def _files(given: list[str], machine: MachineState) -> Iterator[tuple[str, str]]:
    """Folder and module name of what is collected: below the paths that are *given*, else below the working folder."""
    places = [os.path.join(machine.folder, one.partition("::")[0]) for one in given]
    there = [place for place in places if machine.finder.disk.ask("exists", place)]
    found = 0
    pending = there or [machine.folder]
    for folder in dict.fromkeys(above for place in there for above in _above(place, machine.folder)):
        if machine.finder.disk.ask("isfile", os.path.join(folder, "conftest.py")):
            yield folder, "conftest"
    while pending and found < MAX_FILES:
        place = pending.pop(0)
        if place.endswith(".py"):
            found += 1
            yield os.path.split(place.removesuffix(".py"))
            continue
        names = listed(place, machine) or []
        if "conftest.py" in names:
            yield place, "conftest"
        for name in names:
            inner = os.path.join(place, name)
            if any(fnmatch.fnmatchcase(name, pattern) for pattern in _NAMES):
                found += 1
                yield place, name.removesuffix(".py")
            elif name in {"test", "tests"} and machine.finder.disk.ask("isdir", inner):
                pending.append(inner)


def _above(place: str, root: str) -> list[str]:
    """The folders from *root* down to the one that *place* is in."""
    parts = os.path.relpath(os.path.dirname(place), root).split(os.sep)
    inside = [] if parts[0] in {".", ".."} else parts
    return [os.path.join(root, *inside[:depth]) for depth in range(len(inside) + 1)]


def _put_first(folder: str, machine: MachineState) -> None:
    """As the import mode `prepend` does."""
    system = machine.modules.get("sys")
    path = system.namespace.get("path") if system is not None else None
    if isinstance(path, ListValue) and folder not in path.items:
        machine.heap.changing(path)
        path.items.insert(0, folder)


def _fill(_machine: MachineState, module: ModuleValue) -> None:
    for name in ("_main", "main"):  # older versions have the second alone
        own = module.namespace.get(name)
        if isinstance(own, Abstract):
            module.namespace[name] = Native(name, lambda call, own=own: _main(call, own))  # type: ignore[misc]
            return


LIBRARY = Library(fill={"_pytest.config": _fill})
