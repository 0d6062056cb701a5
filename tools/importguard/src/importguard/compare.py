"""What a change does to a start: two graphs beside each other. The earlier one is read from git (`storage.commit`)."""

from __future__ import annotations

import os
from collections.abc import Sequence

import msgspec

from importguard.analysis import Analysis, main_graph
from importguard.errors import ConfigError, SourceError
from importguard.graph import ModuleGraph
from importguard.project.config import find_project
from importguard.project.start import Kind, Project, Start
from importguard.session import Session
from importguard.source.import_site import Location
from importguard.storage.commit import Commit
from importguard.storage.git import repository
from importguard.storage.git_objects import Objects
from importguard.storage.past import Past


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
    """*after* against *before* (None: there was none); the costliest cause first.

    What loads only if a condition holds is in neither, as it is in no verdict.
    """
    earlier = before.start if before is not None else frozenset()
    added = after.start - earlier - {after.trace.entry}
    removed = earlier - after.start - {after.trace.entry}
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


def compare_all(analyses: Sequence[Analysis], revision: str, session: Session) -> Comparison:
    """Each of *analyses* against its start where *revision* and HEAD parted, with today's interpreter and packages.

    Raises ConfigError when there is no git or no such revision.
    """
    with repository(analyses[0].project.root) as found, Objects(found) as objects:
        base = found.base(revision)
        commit = Commit(str(found.top), objects, base.commit)
        changes = []
        for one in analyses:
            environment = session.environment_of(one.start)
            past = Past(commit, (environment.prefix, environment.base_prefix, environment.stdlib))
            then = session.within(environment, past)
            changes.append(compare(one.name, _usable(one.start, past, then), one.graph))
        return Comparison(revision, base.commit, base.apart, tuple(changes), tuple(sorted(commit.unread.items())))


def graph_since(start: Start, revision: str, session: Session) -> tuple[ModuleGraph | None, str]:
    """The graph of *start* where *revision* and HEAD parted, None when there was none; and that commit.

    Raises as `compare_all` does.
    """
    with repository(start.project.root) as found, Objects(found) as objects:
        base = found.base(revision)
        environment = session.environment_of(start)
        commit = Commit(str(found.top), objects, base.commit)
        past = Past(commit, (environment.prefix, environment.base_prefix, environment.stdlib))
        return graph_at(start, past, session.within(environment, past)), base.commit


def graph_at(start: Start, past: Past, session: Session) -> ModuleGraph | None:
    """The graph of *start* as it was in *past*; None when there was none. Raises as `analyse` does."""
    if start.kind is Kind.SCRIPT and past.inside(start.path) is None:
        raise ConfigError(start.target, "--against", f"is outside the repository {past.commit.top}")
    if start.kind is Kind.PYTEST:
        said = "a collection of tests is of the files that are there now, and not compared with a commit"
        raise ConfigError(start.target, "pytest", said)
    then = _earlier_start(_earlier_project(start.project, past), start)
    if then is None or (then.kind is Kind.SCRIPT and not past.is_file(then.target)):
        return None
    try:
        return main_graph(then, session)
    except SourceError as error:
        if error.path == then.target and then.kind is not Kind.SCRIPT:  # there was no such module
            return None
        raise


def _usable(start: Start, past: Past, session: Session) -> ModuleGraph | None:
    """As `graph_at`; None too where the script was no Python then, so that a commit that corrects it can be judged."""
    try:
        return graph_at(start, past, session)
    except SourceError as error:
        if start.kind is Kind.SCRIPT and os.path.abspath(error.path) == start.path:
            return None
        raise


def _earlier_project(project: Project, past: Past) -> Project:
    """The configuration of *past*; today's where that is younger, or is no part of the repository."""
    if project.file is not None and past.inside(str(project.file)) is None:
        return project
    found = find_project(project.root, disk=past.disk())
    return project if found.file is None or past.inside(str(found.file)) is None else found


def _earlier_start(project: Project, start: Start) -> Start | None:
    """The same start in *project*, by name, else by what it begins; None when there was none."""
    then = project.start_of(start.kind, os.path.abspath(start.target) if start.kind is Kind.SCRIPT else start.target)
    if all(one != start for one in start.project.configured):
        return then
    named = [one for one in project.configured if one.name == start.name]
    return next(iter([*named, *(one for one in project.configured if one.is_same_program(then))]), None)
