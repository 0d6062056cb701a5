"""The running program beside the graph: what its main thread loaded or waited for that it should not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from importguard.analysis import Analysis
from importguard.costs import estimate
from importguard.project.policy import is_listed
from importguard.project.start import Kind
from importguard.running.process import Frame, Load, Record, Wait, run_recorded
from importguard.session import Session
from importguard.startup.trace import Certainty, LoadedModule, Origin, Reach


class Surprise(msgspec.Struct, frozen=True):
    """*name* and the *count* modules that came with it, at *at_s*, about *cost_us*; `frames` say who asked."""

    name: str
    count: int
    cost_us: int
    on_main: bool
    at_s: float
    heavy: bool
    frames: tuple[Frame, ...]


class Verification(msgspec.Struct, frozen=True):
    """One run, compared. `lag` came after the warmup's end. Counts are modules that the program itself loaded."""

    entry: str
    record: Record
    on_main: int
    elsewhere: int
    unpredicted: tuple[Surprise, ...]  # loaded by the main thread, not in the graph's start
    missing: tuple[str, ...]  # in the graph's start for certain, not loaded
    lag: tuple[Surprise, ...]
    waits: tuple[Wait, ...]

    @property
    def heavy(self) -> tuple[Surprise, ...]:
        """The heavy ones that the main thread loaded."""
        return tuple(one for one in self.unpredicted if one.heavy)

    @property
    def failed(self) -> bool:
        """An invariant is broken: heavy on the main thread, a wait of it, heavy after the warmup, a failed job."""
        return bool(self.heavy or self.waits or self.record.failed or any(one.heavy for one in self.lag))

    @property
    def agrees(self) -> bool:
        """The graph and the run say the same of the main thread."""
        return not (self.unpredicted or self.missing)


def verify(
    analysis: Analysis,
    command: Sequence[str] = (),
    *,
    session: Session | None = None,
    until: str | None = None,
    timeout_s: float | None = None,
) -> Verification:
    """Runs the program of *analysis* and compares. What is not given is taken from the configuration's `[verify]`.

    A *command* runs in the current directory, the configured one in the project's. Raises VerifyError when the run did
    not come to the end that was asked for.
    """
    start, wanted = analysis.start, analysis.start.config.verify
    entry = (start.project.relative(start.target),) if start.kind is Kind.SCRIPT else ("-m", start.target)
    record = run_recorded(
        (session or Session.of_user()).environment_of(start).executable,
        command or wanted.command or entry,
        Path.cwd() if command else start.project.root,
        until or wanted.until,
        timeout_s or wanted.timeout_s,
    )
    return compare(analysis, record)


def compare(analysis: Analysis, record: Record) -> Verification:
    """What *record* shows of the start that *analysis* predicts."""
    graph, config = analysis.graph, analysis.start.config
    judge = _Judge(analysis, record.loads)
    loads = [one for one in record.loads if one.name in record.loaded and not judge.is_ignored(one.name)]
    main = [one for one in loads if one.on_main]
    start = graph.eager - {graph.trace.entry}
    certain = {name for name in start if graph.modules[name].certainty is Certainty.CERTAIN}
    late = [one for one in loads if record.ready_s is not None and one.at_s > record.ready_s]
    return Verification(
        entry=analysis.name,
        record=record,
        on_main=len(main),
        elsewhere=len(loads) - len(main),
        unpredicted=judge.surprises(one for one in main if one.name not in start or judge.is_named_heavy(one)),
        missing=tuple(sorted(certain - record.loaded - record.before)),
        lag=judge.surprises(late),
        waits=tuple(wait for wait in record.waits if not is_listed(wait.name, config.verify.ignore)),
    )


class _Judge:
    """Groups loads by the one that brought them in, and weighs the groups."""

    def __init__(self, analysis: Analysis, loads: Iterable[Load]) -> None:
        self._graph, self._config = analysis.graph, analysis.start.config
        self._jobs = {job.module for job in analysis.manifest.jobs}
        self._importer = {load.name: load.frames[0].module if load.frames else "" for load in loads}

    def is_named_heavy(self, load: Load) -> bool:
        """The configuration calls it heavy, or it is a job of the warmup; and nothing that it allows brought it in."""
        listed = is_listed(load.name, self._config.heavy) or load.name in self._jobs
        return listed and not self._is_allowed(load.name)

    def surprises(self, loads: Iterable[Load]) -> tuple[Surprise, ...]:
        """*loads* in groups, in order; what the configuration allows is left out, and so are parts of the start."""
        kept = {load.name: load for load in loads if not self._is_allowed(load.name)}
        groups: dict[str, list[Load]] = {}
        for load in kept.values():
            root = load.name
            seen = {root}
            while (above := self._importer[root]) in kept and above not in seen:
                root = above
                seen.add(root)
            groups.setdefault(root, []).append(load)
        return tuple(self._surprise(kept[root], group) for root, group in groups.items())

    def _surprise(self, root: Load, group: list[Load]) -> Surprise:
        cost_us = sum(map(self._cost_us, group))
        heavy = cost_us > self._config.heavy_ms * 1000 or any(map(self.is_named_heavy, group))
        return Surprise(root.name, len(group), cost_us, root.on_main, root.at_s, heavy, root.frames)

    def _cost_us(self, load: Load) -> int:
        if load.name in self._graph.modules:
            return self._graph.cost_of(load.name).self_us
        extension = bool(load.file) and not str(load.file).endswith((".py", ".pyc"))
        found = LoadedModule(
            load.name,
            Origin.THIRD_PARTY,
            load.file,
            Reach.DEFERRED,
            Certainty.CERTAIN,
            None,
            None,
            load.size,
            extension,
        )
        return estimate(found).self_us

    def is_ignored(self, name: str) -> bool:
        """Only the command that runs the program brought it in."""
        return self._is_below(name, self._config.verify.ignore)

    def _is_allowed(self, name: str) -> bool:
        return self._is_below(name, self._config.allow)

    def _is_below(self, name: str, listed: Sequence[str]) -> bool:
        """*name* or what brought it in is in *listed*."""
        seen: set[str] = set()
        while name and name not in seen:
            if is_listed(name, listed):
                return True
            seen.add(name)
            name = self._importer.get(name, "")
        return False
