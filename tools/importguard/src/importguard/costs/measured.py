"""The committed costs file: what imports were measured to take, and in which environment. Reads and writes JSON.

Numbers are rounded to two significant digits, so that measuring again changes only the lines that matter.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import msgspec

from importguard.costs.estimate import ModuleCost
from importguard.project.committed_file import read_document, replace_file
from importguard.target.choice import normalised
from importguard.target.environment import Environment

FILE = "importguard.costs.json"
SCHEMA = 1


class Package(msgspec.Struct, frozen=True):
    """A distribution as it was when measured, and the top-level modules that it ships."""

    version: str
    modules: tuple[str, ...]


class MeasuredCosts(msgspec.Struct, frozen=True):
    """Self times in microseconds by module: the median of *runs* fresh processes.

    `scale` is this machine's one number: what its modules took together over their estimate. It multiplies the estimate
    of whatever is not measured, or not any more, with every Python on its platform.
    """

    schema: int
    python: str
    platform: str
    bytecode: bool
    runs: int
    packages: dict[str, Package]
    self_us: dict[str, int]
    warmed_us: dict[str, dict[str, int]] = {}  # by entry and job: what it adds to the start and the jobs before it

    scale: float = 1.0

    def scale_in(self, environment: Environment) -> float:
        """What the estimate is multiplied by there; 1.0 on another platform."""
        return self.scale if self.platform == environment.platform else 1.0

    def valid_in(self, environment: Environment, installed: Mapping[str, str]) -> dict[str, ModuleCost]:
        """The costs that still hold: none on another platform, none of a package that has changed.

        With another Python minor version they are estimates, and better ones than those by size.
        """
        if self.platform != environment.platform:
            return {}
        same = self.python.split(".")[:2] == environment.version.split(".")[:2]
        source = "measured" if same else "estimated"
        stale = {
            module
            for name, package in self.packages.items()
            if installed.get(name) != package.version
            for module in package.modules
        }
        return {
            name: ModuleCost(us, source) for name, us in self.self_us.items() if name.partition(".")[0] not in stale
        }


def rounded(us: float) -> int:
    """*us*, microseconds, to two significant digits."""
    return int(float(f"{us:.1e}"))


def machine_scale(measured: Mapping[str, int], estimated: Mapping[str, int]) -> float:
    """What *measured* takes over what is *estimated*, both in µs by module; 1.0 when there is nothing to compare.

    A module more than ten times off sleeps, compiles or looks for hardware: it says nothing of the machine.
    """
    pairs = [(us, estimated[name]) for name, us in measured.items() if estimated.get(name)]
    usual = [(us, expected) for us, expected in pairs if expected <= us * 10 and us <= expected * 10]
    total = sum(expected for _, expected in usual)
    return float(f"{sum(us for us, _ in usual) / total:.2g}") if total else 1.0


def read_costs(path: Path) -> MeasuredCosts:
    """Raises ConfigError."""
    return read_document(path, MeasuredCosts, SCHEMA, "importguard measure")


def write_costs(path: Path, costs: MeasuredCosts) -> None:
    """Replaces *path* atomically. Raises ConfigError."""
    replace_file(path, json.dumps(msgspec.to_builtins(costs), indent=1, sort_keys=True) + "\n", "costs")


def installed_versions(environment: Environment) -> dict[str, str]:
    """Version by normalised distribution name, from the names of the metadata folders alone."""
    found: dict[str, str] = {}
    for directory in environment.path:
        try:
            names = [entry.name for entry in Path(directory).iterdir() if entry.name.endswith(".dist-info")]
        except OSError:
            continue
        for name in names:
            distribution, _, version = name.removesuffix(".dist-info").partition("-")
            found.setdefault(normalised(distribution), version)
    return found
