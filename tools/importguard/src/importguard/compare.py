"""What a change does to a start: two graphs beside each other. Reads a git revision into a temporary folder."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec

from importguard.analysis import Analysis, analyse
from importguard.errors import ConfigError, SourceError
from importguard.graph import ModuleGraph
from importguard.project.config import find_project
from importguard.project.start import Kind, Project, Start
from importguard.session import Session
from importguard.source.import_site import Location

_GIT_SECONDS = 60


class Cause(msgspec.Struct, frozen=True):
    """A statement of the project's that brings new modules: *module* is the first of them."""

    location: Location
    module: str
    count: int
    cost_us: int


class Change(msgspec.Struct, frozen=True):
    """The difference between two starts of the program *name*; costs in microseconds, of the later minus the earlier.

    `new`: there was no such start before.
    """

    name: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    cost_us: int
    causes: tuple[Cause, ...]
    new: bool = False


def compare(name: str, before: ModuleGraph | None, after: ModuleGraph) -> Change:
    """*after* against *before* (None: there was none); the costliest cause first."""
    earlier = before.eager if before is not None else frozenset()
    added = after.eager - earlier - {after.trace.entry}
    removed = earlier - after.eager - {after.trace.entry}
    brought: dict[Location, list[str]] = {}
    for root, names in after.grouped(added).items():
        steps = [step for step in after.chain(root).steps if after.is_first_party(step.site.importer)]
        if steps:
            brought.setdefault(steps[-1].site.location, []).extend(names)
    causes = [Cause(place, names[0], len(names), after.cost_us(names)) for place, names in brought.items()]
    causes.sort(key=lambda cause: (-cause.cost_us, cause.location))
    cost_us = after.cost_us(added) - (before.cost_us(removed) if before is not None else 0)
    return Change(name, tuple(sorted(added)), tuple(sorted(removed)), cost_us, tuple(causes), before is None)


def compare_all(analyses: Sequence[Analysis], revision: str, session: Session) -> tuple[Change, ...]:
    """Each of *analyses* against the same start in *revision*, with today's interpreter and packages.

    Raises ConfigError when there is no git or no such revision.
    """
    with _checked_out(analyses[0].project, revision) as checkout:
        return tuple(compare(one.name, _graph_in(checkout, one.start, session), one.graph) for one in analyses)


class _Checkout(NamedTuple):
    """A project as it was in a revision, in the folder *root*, which stands for the repository's folder *top*."""

    project: Project
    root: Path
    top: Path

    def place(self, path: str) -> str:
        """Where *path* of the repository is in the checkout. Raises ConfigError for one that is outside of it."""
        if not Path(path).is_relative_to(self.top):
            raise ConfigError(path, "--against", f"stands outside the repository {self.top}")
        return str(self.root / Path(path).relative_to(self.top))

    def start(self, start: Start) -> Start | None:
        """The same start as it was, by name, else by what it begins; None when there was none."""
        configured = any(one == start for one in start.project.configured)
        target = start.target if start.kind is not Kind.SCRIPT else self.place(start.path)
        then = self.project.start_of(start.kind, target)
        if not configured:
            return then
        starts = self.project.configured
        named = [one for one in starts if one.name == start.name]
        return next(iter([*named, *(one for one in starts if one.is_same_program(then))]), None)


def _graph_in(checkout: _Checkout, start: Start, session: Session) -> ModuleGraph | None:
    """The graph of *start* as it was in *checkout*; None when there was none."""
    then = checkout.start(start)
    if then is None or (then.kind is Kind.SCRIPT and not Path(then.target).is_file()):
        return None
    try:
        return analyse(then, session.within(session.environment_of(start))).graph
    except SourceError as error:
        if error.path == then.target:  # there was no such module
            return None
        raise


@contextmanager
def _checked_out(project: Project, revision: str) -> Iterator[_Checkout]:
    """*project* as it was in *revision*, in a folder that lasts as long as the context."""
    top = Path(_git(project.root, "rev-parse", "--show-toplevel").decode().strip()).resolve()
    wanted = "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
    commit = _git(project.root, "rev-parse", *wanted, said=revision).decode().strip()
    archive = _archive(project.root, commit)
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory).resolve()
        try:
            with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
                opened.extractall(root, filter="data")
        except (tarfile.TarError, OSError) as error:
            raise ConfigError(str(top), "--against", f"{revision} cannot be read into {root}: {error}") from error
        inside = root / project.root.resolve().relative_to(top)
        earlier = find_project(inside) if inside.is_dir() else None
        if earlier is None or earlier.file is None:  # the configuration is younger than the revision
            earlier = Project(inside, project.config, None, project.entries)
        yield _Checkout(earlier, root, top)


def _archive(directory: Path, commit: str) -> bytes:
    """A tar file of *commit*, made in a repository of our own that borrows the objects.

    `git archive` runs what the repository's own configuration names as filters.
    """
    names = "--show-object-format", "--path-format=absolute", "--git-path", "objects"
    form, objects = os.fsdecode(_git(directory, "rev-parse", *names)).splitlines()
    with tempfile.TemporaryDirectory() as own:
        _git(directory, f"--git-dir={own}", "init", "--quiet", "--bare", "--template=", f"--object-format={form}")
        return _git(directory, f"--git-dir={own}", "archive", "--format=tar", commit, GIT_OBJECT_DIRECTORY=objects)


def _git(directory: Path, *arguments: str, said: str = "", **variables: str) -> bytes:
    # Nothing is fetched: a transport is a program that the repository's configuration names.
    closed = {**os.environ, "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none", **variables}
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=directory, env=closed, capture_output=True, timeout=_GIT_SECONDS, check=True
        )
    except subprocess.CalledProcessError as error:
        last = (error.stderr or b"").decode(errors="replace").strip().splitlines()[-1:] or [""]
        reason = f"there is no revision {said}" if said else last[0] or "git cannot read this folder"
        raise ConfigError(str(directory), "--against", reason) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ConfigError(str(directory), "--against", f"git cannot be run: {error}") from error
    return done.stdout
