"""A project, and the ways in which its programs begin. Values only; never reads a file's content."""

from __future__ import annotations

import os
from collections.abc import Collection
from enum import StrEnum
from pathlib import Path

import msgspec

from importguard.errors import ConfigError
from importguard.project.policy import Config

_OF_ONE_ENTRY = ("lock", "manifest", "budget_modules", "budget_ms", "deadline_ms")


_OF_PYTEST = ("pytest", "_pytest")  # nobody collects without them


class Kind(StrEnum):
    """How a program begins. The values are the keys of a `[[entry]]` table."""

    SCRIPT = "script"  # `python app.py`, also a folder with a __main__.py and a .pyz
    RUN_MODULE = "run_module"  # `python -m package`
    IMPORT = "import"  # `import package.app`, nothing more
    PYTEST = "pytest"  # the collection of the tests in a file or folder
    COMMAND = "command"  # a console script of the target environment


# The keys of a configuration that name a start, and what they mean.
_KINDS = {
    "entry": Kind.SCRIPT,
    "run_module": Kind.RUN_MODULE,
    "import": Kind.IMPORT,
    "module": Kind.IMPORT,
    "command": Kind.COMMAND,
    "subcommands": Kind.COMMAND,
    "pytest": Kind.PYTEST,
}


def start_keys(config: Config) -> list[str]:
    """The keys of *config* that name a start."""
    return [key for key in _KINDS if _target(config, key) is not None]


def _target(config: Config, key: str) -> str | None:
    value: str | None = getattr(config, "import_" if key == "import" else key)
    return value


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
            ways = "a script, -m NAME, --import NAME or --command NAME"
            raise ConfigError(place, "entry", f'no entry to analyse; pass {ways}, or set entry = "app.py"')
        return tuple(start for start in self.configured if not names or start.name in names)

    def start(self) -> Start:
        """The one configured start. Raises ConfigError when there is none, or more than one."""
        (start, *others) = self.starts()
        if others:
            names = ", ".join(one.name for one in self.configured)
            raise ConfigError(str(self.file or self.root), "entry", f"there are several ({names}); name one of them")
        return start

    def start_of(
        self, kind: Kind, target: str, args: tuple[str, ...] | None = None, folder: Path | None = None
    ) -> Start:
        """The start of *target* with the policy of its entry, else the shared one.

        *args*: what `sys.argv` holds after its first item; None: as configured, else not known. *folder*: where the
        program runs, by default the project's root. What belongs to another entry (its lock, its manifest, its budget)
        is left out of the shared policy.
        """
        asked = Start(
            self, self.config, kind, target, self.config.args if args is None else args, folder=str(folder or self.root)
        )
        if kind is Kind.PYTEST:
            asked = _of_pytest(asked)
        same = [one for one in self.configured if one.is_same_program(asked)]
        for one in sorted(same, key=lambda one: one.args != args):
            config, own = one.config, one.args if args is None else args
            return Start(self, config, kind, target, own, one.name, asked.folder)
        if not self.entries:
            return asked
        config = msgspec.structs.replace(self.config, **dict.fromkeys(_OF_ONE_ENTRY))
        return msgspec.structs.replace(asked, config=config)


class Start(msgspec.Struct, frozen=True):
    """One way in which a program of *project* begins, and the policy for it.

    `target` is a path for a script, else a module's or a command's name. `args` is what `sys.argv` holds after its
    first item; None when nobody has said. `incomplete`: a parser demands more words, which nobody knows. `name` is what
    an `[[entry]]` table calls it, else empty. `folder` is where the program runs.
    """

    project: Project
    config: Config
    kind: Kind
    target: str
    args: tuple[str, ...] | None = None
    name: str = ""
    folder: str = ""
    incomplete: bool = False

    @property
    def path(self) -> str:
        """The script's absolute path, links resolved; empty for the other kinds."""
        return os.path.realpath(os.path.join(self.folder, self.target)) if self.kind is Kind.SCRIPT else ""

    @property
    def whole(self) -> bool:
        """No other start is configured beside it."""
        if len(self.project.entries) > 1:  # to compare each of hundreds with all takes the square of their number
            return False
        return all(one.is_same_program(self) for one in self.project.configured)

    def with_python(self, python: str | None) -> Start:
        """The same start in the environment of *python*, unless the configuration names another one."""
        if self.config.python is not None:
            return self
        return msgspec.structs.replace(self, config=msgspec.structs.replace(self.config, python=python))

    def is_same_program(self, other: Start) -> bool:
        """Whether both begin the same thing in the same way, with any arguments."""
        if self.kind is not other.kind:
            return False
        if self.kind is Kind.PYTEST:
            places = [os.path.realpath(os.path.join(one.folder, one.target)) for one in (self, other)]
            return places[0] == places[1]
        return self.path == other.path if self.kind is Kind.SCRIPT else self.target == other.target


def _start_of(project: Project, entry: Entry) -> Start:
    config, root = entry.config, str(project.root)
    (key,) = start_keys(config)
    start = Start(project, config, _KINDS[key], str(_target(config, key)), config.args, entry.name, root)
    return _of_pytest(start) if start.kind is Kind.PYTEST else start


def _of_pytest(start: Start) -> Start:
    """*start* with pytest itself among what it may load."""
    config = msgspec.structs.replace(start.config, allow=(*start.config.allow, *_OF_PYTEST))
    return msgspec.structs.replace(start, config=config)
