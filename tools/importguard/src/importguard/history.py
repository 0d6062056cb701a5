"""A start over the history of a repository: how many modules it loaded, and what they cost, commit by commit.

Each commit's files are read from git and worked out with today's interpreter and packages, and with today's costs.
"""

from __future__ import annotations

import contextlib
import gc
import tomllib
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from importguard.compare import Change, compare, graph_at
from importguard.errors import ImportGuardError
from importguard.graph import ModuleGraph
from importguard.project.start import Start
from importguard.session import Session
from importguard.storage.commit import Commit
from importguard.storage.git import CommitName, repository
from importguard.storage.git_objects import Objects
from importguard.storage.past import Past
from importguard.target.environment import Environment

_LOCK_FILES = ("uv.lock", "poetry.lock", "pdm.lock")
_MAX_LOCK_FILE = 8 * 1024 * 1024


class Point(msgspec.Struct, frozen=True):
    """The start at one commit. `modules` and `cost_us` (microseconds) are None where it cannot be worked out: `note`.

    `added` and `removed` are packages, `versions` changes in a lock file ("numpy 1.26.4 → 2.1.0"), since
    the point before.
    """

    commit: str
    date: str
    subject: str
    modules: int | None
    cost_us: int | None
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    note: str = ""


class Found(NamedTuple):
    """What a bisection ends with: the first bad commit, the last good one, and what changed between them.

    `unknown` are commits between the two that could not be worked out, so that each of them may be the first bad one.
    """

    bad: CommitName
    good: CommitName
    change: Change
    unknown: tuple[CommitName, ...]


class _State(NamedTuple):
    graph: ModuleGraph | None
    versions: dict[str, str]
    note: str


class History:
    """The commits of the repository around *start*, and the start at each. Use it as a context (`opened`)."""

    def __init__(
        self, start: Start, session: Session, commits: Sequence[CommitName], top: str, objects: Objects
    ) -> None:
        self.start, self.commits = start, commits
        self.environment: Environment = session.environment_of(start)
        self._session, self._top, self._objects = session, top, objects

    def points(self, on_step: Callable[[int, int], None]) -> tuple[Point, ...]:
        """The start at each commit, the oldest first. *on_step* gets how many of how many are done."""
        found: list[Point] = []
        before: _State | None = None
        for number, commit in enumerate(self.commits, 1):
            state = self._at(commit)
            found.append(_point(commit, before, state))
            before = state if state.graph is not None or before is None else before
            gc.collect()  # the command line has switched it off, for one run, and this is many
            on_step(number, len(self.commits))
        return tuple(found)

    def first_bad(self, is_bad: Callable[[ModuleGraph], bool], on_step: Callable[[int, int], None]) -> Found | str:
        """The commit that made the start bad, between the first commit, which is good, and the last, which is bad.

        A sentence where one of the two is not what it should be.
        """
        states: dict[int, _State] = {}
        last, steps = len(self.commits) - 1, len(self.commits).bit_length() + 1

        def verdict(place: int) -> bool | None:
            states[place] = self._at(self.commits[place])
            gc.collect()
            on_step(min(len(states), steps), steps)
            graph = states[place].graph
            return None if graph is None else is_bad(graph)

        for place, wanted in ((0, False), (last, True)):
            said = verdict(place)
            if said is not wanted:
                why = states[place].note or ("is good already" if wanted else "is bad already")
                return f"{self.commits[place].short} {why}"
        low, high, unknown = 0, last, set[int]()
        while (middle := _between(low, high, unknown)) is not None:
            said = verdict(middle)
            if said is None:
                unknown.add(middle)
            elif said:
                high = middle
            else:
                low = middle
        after = states[high].graph
        assert after is not None  # noqa: S101  a bad commit has been worked out
        change = compare(self.start.name or self.start.target, states[low].graph, after)
        open_ones = tuple(self.commits[place] for place in sorted(unknown) if low < place < high)
        return Found(self.commits[high], self.commits[low], change, open_ones)

    def _at(self, commit: CommitName) -> _State:
        environment = self.environment
        files = Commit(self._top, self._objects, commit.name)
        past = Past(files, (environment.prefix, environment.base_prefix, environment.stdlib))
        try:
            graph = graph_at(self.start, past, self._session.within(environment, past))
        except ImportGuardError as error:
            return _State(None, {}, f"cannot be worked out: {error}")
        return _State(graph, _versions(files, past, self.start), "" if graph is not None else "has no such start")


@contextlib.contextmanager
def opened(
    start: Start, session: Session, *, since: str | None, until: str, most: int, every: int = 1
) -> Iterator[History]:
    """The history of *start* up to the revision *until*, from *since* on or of the last *most* commits.

    Follows first parents; takes each *every*-th commit, the last one always. Raises ConfigError.
    """
    with repository(start.project.root) as found, Objects(found) as objects:
        line = found.line(since, until, most)
        kept = [one for place, one in enumerate(line) if place % every == 0]
        yield History(start, session, kept[::-1], str(found.top), objects)


def _between(low: int, high: int, unknown: set[int]) -> int | None:
    """The place nearest to the middle of two others that is not known to be of no use."""
    places = [place for place in range(low + 1, high) if place not in unknown]
    return min(places, key=lambda place: abs(2 * place - low - high), default=None)


def _point(commit: CommitName, before: _State | None, state: _State) -> Point:
    if state.graph is None:
        return Point(*commit, None, None, note=state.note)
    graph = state.graph
    earlier = before.graph if before is not None else None
    added: set[str] = set()
    removed: set[str] = set()
    changed: tuple[str, ...] = ()
    if before is not None and earlier is not None:
        now, then = ({one.package_of(name) for name in one.eager} for one in (graph, earlier))
        added, removed = now - then, then - now
        changed = tuple(_changed(before.versions, state.versions))
    count, cost_us = len(graph.eager), graph.cost_us(graph.eager)
    return Point(*commit, count, cost_us, tuple(sorted(added)), tuple(sorted(removed)), changed)


def _changed(before: dict[str, str], after: dict[str, str]) -> Iterator[str]:
    if not before or not after:
        return
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name, "none"), after.get(name, "none")
        if old != new:
            yield f"{name} {old} → {new}"


def _versions(commit: Commit, past: Past, start: Start) -> dict[str, str]:
    """The versions that a lock file in the project's folder pins at *commit*."""
    folder = past.inside(str(start.project.root))
    for name in _LOCK_FILES:
        path = "/".join(filter(None, (folder, name)))
        if folder is None or not commit.is_file(path) or commit.size(path) > _MAX_LOCK_FILE:
            continue
        with contextlib.suppress(OSError, ValueError, RecursionError, AttributeError, TypeError):
            packages = tomllib.loads(commit.read(path).decode()).get("package", [])
            return {str(one["name"]): str(one.get("version", "")) for one in packages if "name" in one}
    return {}
