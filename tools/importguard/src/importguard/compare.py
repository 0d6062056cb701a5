"""What a change does to a start: two graphs beside each other. The earlier one is read from git (`storage.commit`)."""

from __future__ import annotations

from pathlib import Path

import msgspec

from importguard.analysis import Analysis, analyse, environment_of
from importguard.errors import ConfigError, SourceError
from importguard.graph import ModuleGraph
from importguard.project.config import Project, find_project
from importguard.source.import_site import Location
from importguard.storage.commit import Commit
from importguard.storage.git import repository
from importguard.storage.git_objects import Objects
from importguard.storage.past import Past
from importguard.target.environment import Environment


class Cause(msgspec.Struct, frozen=True):
    """A statement of the project's that brings new modules: *module* is the one that costs most with what it loads."""

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


class Comparison(msgspec.Struct, frozen=True):
    """The changes of each start since *base*, the commit where HEAD and *revision* parted.

    `apart`: they have no common commit here, so *base* is *revision* itself. `unread` are paths of the repository that
    were asked for there, with the reason why nothing was read.
    """

    revision: str
    base: str
    apart: bool
    changes: tuple[Change, ...]
    unread: tuple[tuple[str, str], ...] = ()


def compare(name: str, before: ModuleGraph | None, after: ModuleGraph) -> Change:
    """*after* against *before* (None: there was none); the costliest cause first."""
    earlier = before.eager if before is not None else frozenset()
    added = after.eager - earlier - {after.trace.entry}
    removed = earlier - after.eager - {after.trace.entry}
    brought: dict[Location, list[list[str]]] = {}
    for root, names in after.grouped(added).items():
        steps = [step for step in after.chain(root).steps if after.is_first_party(step.site.importer)]
        if steps:
            brought.setdefault(steps[-1].site.location, []).append(names)
    causes = [_cause(after, place, groups) for place, groups in brought.items()]
    causes.sort(key=lambda cause: (-cause.cost_us, cause.location))
    cost_us = after.cost_us(added) - (before.cost_us(removed) if before is not None else 0)
    return Change(name, tuple(sorted(added)), tuple(sorted(removed)), cost_us, tuple(causes), before is None)


def _cause(graph: ModuleGraph, place: Location, groups: list[list[str]]) -> Cause:
    """*groups* are the modules that the statement at *place* brings, each headed by the one that loads the others."""
    dearest = max(groups, key=graph.cost_us)
    names = [name for group in groups for name in group]
    return Cause(place, dearest[0], len(names), graph.cost_us(names))


def compare_all(
    project: Project,
    analyses: tuple[Analysis, ...],
    revision: str,
    *,
    script: str | None = None,
    module: str | None = None,
    python: str | None = None,
) -> Comparison:
    """Each of *analyses* against its start where *revision* and HEAD parted, with today's interpreter and packages.

    *script*, *module* and *python* are what the command line names. Raises ConfigError when there is no git or no such
    revision.
    """
    with repository(project.root) as found, Objects(found) as objects:
        if script is not None and not Path(script).resolve().is_relative_to(found.top):
            raise ConfigError(script, "--against", f"stands outside the repository {found.top}")
        base = found.base(revision)
        commit = Commit(str(found.top), objects, base.commit)
        changes = []
        for one in analyses:
            environment = environment_of(one.project, python)
            past = Past(commit, _folders_of(environment))
            earlier = _earlier(project, past)
            changes.append(compare(one.name, _graph_of(earlier, one, script, module, environment, past), one.graph))
        return Comparison(revision, base.commit, base.apart, tuple(changes), tuple(sorted(commit.unread.items())))


def _folders_of(environment: Environment) -> tuple[str, ...]:
    return environment.prefix, environment.base_prefix, environment.stdlib


def _earlier(project: Project, past: Past) -> Project:
    """The configuration of *past*; today's where that is younger, or is no part of the repository."""
    if project.file is not None and past.inside(str(project.file)) is None:
        return project
    found = find_project(project.root, disk=past.disk())
    return project if found.file is None or past.inside(str(found.file)) is None else found


def _graph_of(  # noqa: PLR0917  what a start is asked for with
    earlier: Project, one: Analysis, script: str | None, module: str | None, environment: Environment, past: Past
) -> ModuleGraph | None:
    """The graph of the start of *one* as it was in *past*; None when there was none."""
    if script is None and module is None:
        program = one.project.config.entry, one.project.config.module
        same = [start for start in earlier.starts() if start.name == one.project.name]
        same += [start for start in earlier.starts() if (start.config.entry, start.config.module) == program]
        if not same:
            return None
        earlier, script, module = same[0], same[0].script, same[0].config.module
    if script is not None and not past.is_file(script):
        return None
    try:
        return analyse(earlier, script, module, environment=environment, now=past).graph
    except SourceError as error:
        if error.path == module:  # there was no such module
            return None
        raise
