"""A project, and the ways in which its programs begin. Values only; never reads a file's content."""

from __future__ import annotations

import os
from collections.abc import Collection
from enum import StrEnum
from pathlib import Path

import msgspec

from importguard.errors import ConfigError
from importguard.project.policy import Config

_OF_ONE_ENTRY = ("lock", "manifest", "budget_modules", "budget_ms")


class Kind(StrEnum):
    """How a program begins."""

    SCRIPT = "script"  # `python app.py`
    IMPORT = "import"  # `import package.cli`, nothing more


class Entry(msgspec.Struct, frozen=True):
    """A configured start: its name (empty where the file has no `[[entry]]` tables) and the policy for it."""

    name: str
    config: Config


class Project(msgspec.Struct, frozen=True):
    """A folder with its policy. `file` is where the policy was read; None when there is no such file.

    `config` holds the shared keys. `entries` are the configured starts, none when the file names no start.
    """

    root: Path
    config: Config
    file: Path | None
    entries: tuple[Entry, ...] = ()

    def relative(self, path: str) -> str:
        """*path* below the root with forward slashes; unchanged elsewhere."""
        try:
            return Path(path).relative_to(self.root).as_posix()
        except ValueError:
            return path

    @property
    def configured(self) -> tuple[Start, ...]:
        """The starts that the configuration names, in its order."""
        return tuple(_start_of(self, entry) for entry in self.entries)

    def starts(self, names: Collection[str] = ()) -> tuple[Start, ...]:
        """The configured starts called *names*, all of them without names.

        Raises ConfigError for an unknown name, and when nothing is configured.
        """
        place, called = str(self.file or self.root), [entry.name for entry in self.entries if entry.name]
        for name in names:
            if name not in called:
                there = f"the entries are {', '.join(called)}" if called else "there are no [[entry]] tables"
                raise ConfigError(place, "entry", f"none is called {name}; {there}")
        if not self.entries:
            raise ConfigError(
                place, "entry", 'no entry to analyse; pass SCRIPT or --module NAME, or set entry = "app.py"'
            )
        return tuple(start for start in self.configured if not names or start.name in names)

    def start(self) -> Start:
        """The one configured start. Raises ConfigError when there is none, or more than one."""
        (start, *others) = self.starts()
        if others:
            names = ", ".join(one.name for one in self.configured)
            raise ConfigError(str(self.file or self.root), "entry", f"there are several ({names}); name one of them")
        return start

    def start_of(self, kind: Kind, target: str) -> Start:
        """The start of *target*, a path or a module's name, with the policy of its entry, else the shared one.

        What belongs to another entry (its lock, its manifest, its budget) is left out of the shared one.
        """
        asked = Start(self, self.config, kind, target)
        for one in self.configured:
            if one.is_same_program(asked):
                return msgspec.structs.replace(one, target=target)
        if not self.entries:
            return asked
        return msgspec.structs.replace(
            asked, config=msgspec.structs.replace(self.config, **dict.fromkeys(_OF_ONE_ENTRY))
        )


class Start(msgspec.Struct, frozen=True):
    """One way in which a program of *project* begins, and the policy for it.

    `target` is a path for a script, else a module's name; `name` what an `[[entry]]` table calls it, else empty.
    """

    project: Project
    config: Config
    kind: Kind
    target: str
    name: str = ""

    @property
    def path(self) -> str:
        """The script's absolute path, links resolved; empty for a module."""
        return os.path.realpath(self.target) if self.kind is Kind.SCRIPT else ""

    @property
    def whole(self) -> bool:
        """No other start is configured beside it."""
        configured = self.project.configured
        return not configured or (len(configured) == 1 and configured[0].is_same_program(self))

    def is_same_program(self, other: Start) -> bool:
        """Whether both begin the same thing in the same way."""
        if self.kind is not other.kind:
            return False
        return self.path == other.path if self.kind is Kind.SCRIPT else self.target == other.target


def _start_of(project: Project, entry: Entry) -> Start:
    config = entry.config
    if config.entry is not None:
        return Start(project, config, Kind.SCRIPT, str(project.root / config.entry), entry.name)
    return Start(project, config, Kind.IMPORT, str(config.module), entry.name)
