"""What is in folders on disk, as the program would find it. Models of several libraries share it."""

from __future__ import annotations

import fnmatch
import os

from importguard.startup.machine.state import MachineState
from importguard.startup.models.io import path_of
from importguard.startup.values.base import MAX_ITEMS, Value

MAX_FOLDERS = 500  # below one that is walked


def names_in(value: Value, machine: MachineState) -> tuple[str, list[str]] | None:
    """The folder that *value* names, and the names in it; None where there is none."""
    path = path_of(value, machine)
    found = listed(path, machine) if path is not None else None
    return None if path is None or found is None else (path, found)


def listed(path: str, machine: MachineState) -> list[str] | None:
    """The names in the folder *path*, sorted; None where it cannot be read or holds too much."""
    machine.spend(100)
    answer = machine.finder.disk.ask("names", path)
    if not isinstance(answer, str):
        return None
    names = answer.split("/") if answer else []
    return names if len(names) <= MAX_ITEMS else None


def matching(pattern: str, machine: MachineState) -> list[str] | None:
    """The paths that the glob *pattern* stands for; None where that is too much to walk."""
    pieces = pattern.split("/")
    found = [pieces[0] + "/" if pattern.startswith("/") else ""]
    for place, piece in enumerate(pieces[1:] if pattern.startswith("/") else pieces):
        last = place == len(pieces) - (2 if pattern.startswith("/") else 1)
        following: list[str] = []
        for base in found:
            if piece == "**":
                below = _below(base, machine)
                if below is None:
                    return None
                following += below
                continue
            if not any(letter in piece for letter in "*?["):
                following.append(os.path.join(base, piece))
                continue
            names = listed(os.path.join(machine.folder, base), machine) or []
            hidden = piece.startswith(".")
            following += [
                os.path.join(base, name)
                for name in names
                if fnmatch.fnmatchcase(name, piece) and (hidden or not name.startswith("."))
            ]
        found = [one for one in following if _exists(one, machine, folder=not last)]
        if len(found) > MAX_ITEMS:
            return None
    return found


def _exists(path: str, machine: MachineState, *, folder: bool) -> bool:
    machine.spend(10)
    question = "isdir" if folder else "exists"
    return path in {"", "/"} or bool(machine.finder.disk.ask(question, os.path.join(machine.folder, path)))


def _below(base: str, machine: MachineState) -> list[str] | None:
    """*base* and the folders below it."""
    found: list[str] = []
    pending = [base]
    while pending:
        if len(found) >= MAX_FOLDERS:
            return None
        folder = pending.pop(0)
        found.append(folder)
        names = listed(os.path.join(machine.folder, folder), machine) or []
        inside = [os.path.join(folder, name) for name in names if not name.startswith(".")]
        pending += [one for one in inside if _exists(one, machine, folder=True)]
    return found
