"""What a change does to a start: two graphs beside each other. Reads a git revision into a temporary folder."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from importguard.analysis import Analysis, analyse, environment_of
from importguard.errors import ConfigError, SourceError
from importguard.graph import ModuleGraph
from importguard.project.config import Project, find_project
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


def compare_all(
    project: Project,
    analyses: tuple[Analysis, ...],
    revision: str,
    *,
    script: str | None = None,
    module: str | None = None,
    python: str | None = None,
) -> tuple[Change, ...]:
    """Each of *analyses* against the same start in *revision*, with today's interpreter and packages.

    *script*, *module* and *python* are what the command line names. Raises ConfigError when there is no git or no such
    revision.
    """
    with _checked_out(project, revision, script) as (earlier, place):
        return tuple(
            compare(one.name, _graph_of(earlier, one.project, place, module, python), one.graph) for one in analyses
        )


def _graph_of(
    earlier: Project, start: Project, script: str | None, module: str | None, python: str | None
) -> ModuleGraph | None:
    """The graph of *start* as it was in *earlier*; None when there was none."""
    if script is None and module is None:
        program = start.config.entry, start.config.module
        same = [one for one in earlier.starts() if one.name == start.name]
        same += [one for one in earlier.starts() if (one.config.entry, one.config.module) == program]
        if not same:
            return None
        earlier, script, module = same[0], same[0].script, same[0].config.module
    if script is not None and not Path(script).is_file():
        return None
    try:
        return analyse(earlier, script, module, environment=environment_of(start, python)).graph
    except SourceError as error:
        if error.path == module:  # there was no such module
            return None
        raise


@contextmanager
def _checked_out(project: Project, revision: str, script: str | None) -> Iterator[tuple[Project, str | None]]:
    """The project as it was in *revision*, and where *script* was, in a folder that lasts as long as the context."""
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
        earlier = find_project(inside) if inside.is_dir() else Project(inside, project.config, None)
        if earlier.file is None:  # the configuration is younger than the revision
            entries = tuple(msgspec.structs.replace(one, root=inside) for one in project.entries)
            earlier = Project(inside, project.config, None, entries=entries)
        if script is not None:
            place = Path(script).resolve()
            if not place.is_relative_to(top):
                raise ConfigError(script, "--against", f"stands outside the repository {top}")
            script = str(root / place.relative_to(top))
        yield earlier, script


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
