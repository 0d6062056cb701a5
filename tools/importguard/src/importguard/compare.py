"""What a change does to a start: two graphs beside each other. Reads a git revision into a temporary folder."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from pathlib import Path

import msgspec

from importguard.check import Analysis, analyse
from importguard.config import Project, find_project
from importguard.errors import ConfigError
from importguard.graph import ModuleGraph
from importguard.source.import_site import Location

_GIT_SECONDS = 60


class Cause(msgspec.Struct, frozen=True):
    """A statement of the project's that brings new modules: *module* is the first of them."""

    location: Location
    module: str
    count: int
    cost_us: int


class Change(msgspec.Struct, frozen=True):
    """The difference between two starts; costs in microseconds, of the later minus the earlier one."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    cost_us: int
    causes: tuple[Cause, ...]


def compare(before: ModuleGraph, after: ModuleGraph) -> Change:
    """*after* against *before*; the costliest cause first."""
    added = {name for name in after.eager - before.eager if name != after.trace.entry}
    removed = before.eager - after.eager - {before.trace.entry}
    brought: dict[Location, list[str]] = {}
    for root, names in after.grouped(added).items():
        steps = [step for step in after.chain(root).steps if after.is_first_party(step.site.importer)]
        if steps:
            brought.setdefault(steps[-1].site.location, []).extend(names)
    causes = [Cause(place, names[0], len(names), after.cost_us(names)) for place, names in brought.items()]
    causes.sort(key=lambda cause: (-cause.cost_us, cause.location))
    cost_us = after.cost_us(added) - before.cost_us(removed)
    return Change(tuple(sorted(added)), tuple(sorted(removed)), cost_us, tuple(causes))


def analyse_revision(
    project: Project, revision: str, script: str | None, module: str | None, python: str | None
) -> Analysis:
    """The start as it was in *revision*, with today's interpreter and packages.

    Raises ConfigError when there is no git, no such revision, or no such entry in it.
    """
    top = Path(_git(project.root, "rev-parse", "--show-toplevel").decode().strip())
    _git(project.root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}", said=revision)
    archive = _git(top, "archive", "--format=tar", "--end-of-options", revision, said=revision)
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory).resolve()
        try:
            with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
                opened.extractall(root, filter="data")
        except (tarfile.TarError, OSError) as error:
            raise ConfigError(str(top), "--against", f"{revision} cannot be read into {root}: {error}") from error
        inside = root / project.root.resolve().relative_to(top.resolve())
        earlier = find_project(inside)
        if earlier.file is None:  # the configuration is younger than the revision
            earlier = Project(inside, project.config, None)
        if script is not None:
            place = Path(script).resolve()
            if not place.is_relative_to(top.resolve()):
                raise ConfigError(script, "--against", f"stands outside the repository {top}")
            script = str(root / place.relative_to(top.resolve()))
        return analyse(earlier, script, module, python)


def _git(directory: Path, *arguments: str, said: str = "") -> bytes:
    try:
        done = subprocess.run(["git", *arguments], cwd=directory, capture_output=True, timeout=_GIT_SECONDS, check=True)
    except subprocess.CalledProcessError as error:
        last = (error.stderr or b"").decode(errors="replace").strip().splitlines()[-1:] or [""]
        reason = f"there is no revision {said}" if said else last[0] or "git cannot read this folder"
        raise ConfigError(str(directory), "--against", reason) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ConfigError(str(directory), "--against", f"git cannot be run: {error}") from error
    return done.stdout
