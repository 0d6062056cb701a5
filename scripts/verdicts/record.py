"""The programs whose import statements were really cut, and what went away."""

import tomllib
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
from asking import read_record

HEAVY_US = 30_000  # importguard's default threshold
HEAVY_MODULES = 40  # what a package of this many modules costs is no accident of the machine
LIGHT_US = 10_000

Statement = tuple[str, int]


class Saving(msgspec.Struct, frozen=True, kw_only=True):
    """What the start no longer loads without some statements. With an *error* the program failed without them."""

    saves_us: int = 0
    modules: int = 0
    error: str = ""


class Package(Saving, frozen=True, kw_only=True):
    """What goes with all *statements* that import a package, and with each alone. *own*: what its own modules take."""

    statements: tuple[Statement, ...]
    single: tuple[Saving, ...]
    first_party: bool = False
    own_us: int = 0
    own_modules: int = 0

    @property
    def asks_for_a_finding(self) -> bool:
        """Cutting it saves enough that a verdict has to name it. The program's own package has to be dear itself."""
        if self.first_party and (self.own_us < HEAVY_US or self.own_modules < HEAVY_MODULES):
            return False
        return not self.error and self.saves_us >= HEAVY_US


class Heavy(msgspec.Struct, frozen=True):
    """A name that `heavy` lists: how many of its modules the start loads, and the packages that bring it."""

    modules: int
    removed_by: tuple[str, ...]


class Program(msgspec.Struct, frozen=True, dict=True):
    """A program as text, its configuration and its start, and what cutting its packages really saves."""

    name: str
    files: dict[str, str]
    config: str | None
    entry: dict[str, Any]
    packages: dict[str, Package]
    heavy: dict[str, Heavy]

    @cached_property
    def settings(self) -> dict[str, Any]:
        """Its importguard.toml, read."""
        return tomllib.loads(self.config or "")

    @property
    def allowed(self) -> frozenset[str]:
        """The packages of which nothing is asked."""
        return frozenset(self.settings.get("allow", ()))

    @property
    def starts(self) -> tuple[dict[str, str], ...]:
        """How it is started, each `{"script": path}` or `{"module": name}`."""
        return tuple(self.entry["entries"].values()) if "entries" in self.entry else (self.entry,)

    @property
    def arguments(self) -> tuple[str, ...]:
        """The start as importguard is given it: nothing where the configuration names it."""
        if self.config:
            return ()
        return (self.entry["script"],) if "script" in self.entry else ("--import", self.entry["module"])

    @property
    def demanded(self) -> dict[str, Package]:
        """The packages that a verdict has to name."""
        return {
            name: package
            for name, package in self.packages.items()
            if package.asks_for_a_finding and name not in self.allowed
        }

    @property
    def forbidden(self) -> dict[str, Heavy]:
        """The names of `heavy` that the start loads."""
        return {name: one for name, one in self.heavy.items() if one.modules and name not in self.allowed}


def read_programs() -> list[Program]:
    """The recorded programs."""
    return read_record(Path(__file__).parent / "programs.json.gz", list[Program])
