"""Working out beforehand what later checks will ask for, of distributions that a program may import. Runs nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from importguard.errors import ImportGuardError, SourceError
from importguard.project.requirements import Required
from importguard.project.start import Kind, Project, Start
from importguard.running.fork_pool import work_out
from importguard.session import Session
from importguard.source.ahead import worthwhile
from importguard.source.cache import ProgramCache
from importguard.startup import is_kept, trace_start
from importguard.startup.tracing import PROGRAMS, parser_of
from importguard.storage.cache import Cache
from importguard.storage.digests import digest
from importguard.storage.disk import Disk
from importguard.storage.store import sharing
from importguard.target.choice import normalised
from importguard.target.distributions import Distribution, applies, installed
from importguard.target.environment import Environment
from importguard.target.newer_syntax import newer_parser

if TYPE_CHECKING:
    from packaging.requirements import Requirement

_AT_ONCE = 400  # sources that are read before they are kept
_TESTS = f"{os.sep}tests{os.sep}"  # no start imports the tests that a package brings


class Missing(NamedTuple):
    """A distribution that is required and not there, or there in another version; `by` requires it."""

    name: str
    by: str
    version: str = ""


class Wanted(NamedTuple):
    """The distributions to be warmed: those that are named, and those that they require; and what is missing."""

    named: tuple[Distribution, ...]
    required: tuple[Distribution, ...]
    missing: tuple[Missing, ...]
    unread: tuple[str, ...]  # lines that name a path or an address


class Warmed(NamedTuple):
    """What is warm now: starts that were walked, and the digest of each source that was read."""

    starts: tuple[Start, ...]
    contents: frozenset[bytes]


def wanted(required: Sequence[Required], environment: Environment) -> Wanted:
    """The installed distributions that *required* asks for in *environment*."""
    there = installed(environment)
    named: dict[str, Distribution] = {}
    every: dict[tuple[str, frozenset[str]], None] = {}
    missing: dict[str, Missing] = {}
    pending: list[tuple[Requirement, str]] = [
        (one.requirement, "")
        for one in required
        if one.requirement is not None and applies(one.requirement, (), environment)
    ]
    while pending:
        requirement, by = pending.pop()
        name = normalised(requirement.name)
        found, asked = there.get(name), (name, frozenset(requirement.extras))
        if found is None:
            missing.setdefault(name, Missing(requirement.name, by))
            continue
        if not by:
            named[name] = found
            version = os.path.basename(found.info).removesuffix(".dist-info").partition("-")[2]
            if not requirement.specifier.contains(version, prereleases=True):
                missing[name] = Missing(str(requirement), "", version)
        if asked not in every:
            every[asked] = None
            pending += [(one, name) for one in found.requires(requirement.extras, environment)]
    others = dict.fromkeys(name for name, _ in every if name not in named)
    unread = tuple(one.text for one in required if one.requirement is None)
    return Wanted(
        tuple(named[name] for name in sorted(named)),
        tuple(there[name] for name in sorted(others)),
        tuple(missing[name] for name in sorted(missing)),
        unread,
    )


def warm(distributions: Wanted, project: Project, session: Session, cache: Cache) -> Warmed:
    """Walks what importing each named distribution loads, and reads the sources of all *distributions*.

    *cache* is that of *session*. A module that cannot be worked out is left to whoever asks for it.
    """
    named = [name for one in distributions.named for name in one.modules()]
    starts = tuple(project.start_of(Kind.IMPORT, name, folder=Path(project.root)) for name in named)
    _side_by_side([partial(_walk, start, session) for start in starts if not is_kept(start, session)])
    walked = tuple(start for start in starts if is_kept(start, session))
    files = [
        path
        for one in (*distributions.named, *distributions.required)
        for path in one.sources()
        if _TESTS not in path[len(one.folder) :]
    ]
    environment = session.environment_of(starts[0]) if starts else None
    if environment is None:
        return Warmed(walked, frozenset())
    parts = [files[first : first + _AT_ONCE] for first in range(0, len(files), _AT_ONCE)]
    _side_by_side([partial(_read, part, cache, environment, str(project.root)) for part in parts])
    return Warmed(
        walked, frozenset(content for part in parts for content in _read(part, cache, environment, str(project.root)))
    )


def _side_by_side(jobs: Sequence[Callable[[], object]]) -> None:
    if len(jobs) > 1 and worthwhile():
        work_out([sharing(job) for job in jobs])
    else:
        for job in jobs:
            job()


def _walk(start: Start, session: Session) -> None:
    try:
        trace_start(start, session)
    except ImportGuardError:  # a check of what imports it reports that
        return


def _read(files: Sequence[str], cache: Cache, environment: Environment, root: str) -> list[bytes]:
    """The digests of *files*, whose Programs are kept now."""
    found = []
    disk, parse_newer = Disk(), newer_parser(environment)
    with ProgramCache(cache.path(PROGRAMS), parser_of(environment), cache.store, root) as programs:
        for path in files:
            try:
                source = disk.read(path)
                programs.program(source, path, parse_newer)
            except (OSError, SourceError):
                continue
            found.append(digest(source))
    return found
