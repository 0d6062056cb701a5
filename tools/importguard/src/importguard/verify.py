"""The running program beside the graph: what its main thread loaded or waited for that it should not."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from importguard.analysis import Analysis
from importguard.costs import estimate
from importguard.errors import ConfigError
from importguard.project.policy import is_listed
from importguard.project.start import Kind, Start
from importguard.running.process import Frame, Load, Record, Use, Wait, run_recorded
from importguard.session import Session
from importguard.startup.trace import Certainty, LoadedModule, Origin, Reach
from importguard.target.console_scripts import find_command
from importguard.target.environment import Environment

_NAMED = 5  # modules in a sentence


class Surprise(msgspec.Struct, frozen=True):
    """*name* and the *count* modules that came with it, at *at_s*, about *cost_us*; `frames` say who asked."""

    name: str
    count: int
    cost_us: int
    on_main: bool
    at_s: float
    heavy: bool
    frames: tuple[Frame, ...]
    coroutine: str = ""  # in which the import ran


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
    uses: tuple[Use, ...] = ()  # of lazy imports, by the program's own code on the main thread
    jobs: int = 0  # of the manifest
    unwarmed: tuple[str, ...] = ()  # the jobs that nothing had loaded when the run ended, or that were still loading
    light_us: int = 0  # what the main thread loaded unpredicted and light, together
    heavy_us: int = 0  # from where on that is too much
    wanted: tuple[str, ...] = ()  # the places of which the first ends the start
    on_loop: tuple[Surprise, ...] = ()  # heavy, imported in a coroutine after the start
    loop_counts: bool = False  # and that is an error
    after: int = 0  # modules that the main thread loaded after that

    def __repr__(self) -> str:
        return (
            f"<Verification of {self.entry}: {'failed' if self.failed else 'ok'}, {len(self.heavy)} heavy, "
            f"{len(self.waits)} waits, {len(self.unpredicted)} not predicted, {len(self.missing)} missing>"
        )

    @property
    def ok(self) -> bool:
        """No promise is broken."""
        return not self.failed

    @property
    def heavy(self) -> tuple[Surprise, ...]:
        """The heavy ones that the main thread loaded."""
        return tuple(one for one in self.unpredicted if one.heavy)

    @property
    def failed(self) -> bool:
        """An invariant is broken: heavy on the main thread, a wait of it, heavy after the warmup, a job not done."""
        late = any(one.heavy for one in self.lag)
        stopped = self.loop_counts and self.on_loop
        return bool(self.heavy or self.waits or self.record.failed or late or stopped or self.broken)

    @property
    def broken(self) -> tuple[str, ...]:
        """A sentence for each promise that no single module breaks."""
        return tuple(
            filter(None, (self._of_threads(), self._of_the_start(), self._of_the_warmup(), self._of_the_light()))
        )

    def _of_threads(self) -> str:
        if self.record.raced is None:
            return ""
        package, error = self.record.raced
        return (
            f"Two threads were importing one cycle, and one of them got half of {package} ({error}): "
            "`importguard check --select IG305` names both ways into it."
        )

    def _of_the_start(self) -> str:
        if not self.wanted or self.record.arrived_s is not None:
            return ""
        return f"The main thread never came to {' or '.join(self.wanted)}, where its start is over by `ready_at`."

    def _of_the_warmup(self) -> str:
        if not self.unwarmed or self.record.ended == "start":
            return ""
        count = f"{len(self.unwarmed)} of the {self.jobs} modules to warm"
        if self.record.pending is None:
            return (
                f"The program ended without starting its warmup, so {count} were not loaded: run the command that "
                "starts it, with --until ready for a program that does not end."
            )
        return f"The run ended before the warmup did: {count} were not ready ({', '.join(self.unwarmed[:_NAMED])})."

    def _of_the_light(self) -> str:
        if self.light_us < self.heavy_us or not self.light_us:
            return ""
        count = sum(one.count for one in self.unpredicted if not one.heavy)
        together = f"about {self.light_us / 1000:,.0f} ms together, and heavy_ms is {self.heavy_us / 1000:g}"
        return (
            f"The main thread loaded {count:,} modules that are not in the graph, {together}: "
            "name what only the command brings in `[verify] ignore`."
        )

    @property
    def agrees(self) -> bool:
        """The graph and the run say the same of the main thread."""
        return not (self.unpredicted or self.missing)


def verify(
    analysis: Analysis, *, session: Session | None = None, until: str | None = None, timeout_s: float | None = None
) -> Verification:
    """Runs the program of *analysis* and compares. What is not given is taken from the configuration's `[verify]`.

    Raises VerifyError when the run did not come to the end that was asked for, ConfigError for an end that the start
    does not have.
    """
    start, wanted = analysis.start, analysis.start.config.verify
    until = until or wanted.until
    if until == "start" and not start.config.ready_points:
        place = str(start.project.file or start.project.root)
        raise ConfigError(place, "ready_at", "names no place, and the run is to end there; set it, or pass --ready-at")
    session = session or Session.of_user()
    environment = session.environment_of(start)
    configured = wanted.command if start.args == start.config.args else ()  # other arguments are another command line
    record = run_recorded(
        environment.executable,
        configured or _command_line(start, environment),
        start.project.root if configured else Path(start.folder or start.project.root),
        until,
        timeout_s or wanted.timeout_s,
        session.variables_of(start),
        start.config.ready_points,
    )
    return compare(analysis, record)


def _command_line(start: Start, environment: Environment) -> tuple[str, ...]:
    """What follows the interpreter's name."""
    args = start.args or ()
    if start.kind is Kind.SCRIPT:
        return start.target, *args
    if start.kind is Kind.RUN_MODULE:
        return "-m", start.target, *args
    if start.kind is Kind.PYTEST:
        return "-m", "pytest", "--collect-only", "-q", start.target
    if start.kind is Kind.IMPORT:
        return "-c", f"__import__({start.target!r})"
    command = find_command(start.target, environment, start.project.root)
    return ("-c", command.text, command.path, *args) if command.text else (command.path, *args)


def compare(analysis: Analysis, record: Record) -> Verification:
    """What *record* shows of the start that *analysis* predicts."""
    graph, config = analysis.graph, analysis.start.config
    judge = _Judge(analysis, record.loads)
    loads = [one for one in record.loads if one.name in record.loaded and not judge.is_ignored(one.name)]
    over = record.arrived_s if record.arrived_s is not None else record.seconds
    main = [one for one in loads if one.on_main and one.at_s <= over]
    later = [one for one in loads if one.on_main and one.at_s > over]
    start = graph.eager - {"__main__"}  # which is there before anything runs
    certain = {name for name in start if graph.modules[name].certainty is Certainty.CERTAIN}
    surprises = judge.surprises(one for one in main if one.name not in start or judge.is_named_heavy(one))
    if analysis.manifest.jobs:  # what comes after the start is warmed: the main thread loads nothing heavy of it
        surprises += tuple(one for one in judge.surprises(later) if one.heavy)
    own, installed = os.path.join(analysis.project.root, ""), os.path.join(analysis.environment.prefix, "")
    late = [one for one in loads if record.ready_s is not None and one.at_s > record.ready_s]
    return Verification(
        entry=analysis.name,
        record=record,
        on_main=len(main),
        elsewhere=len(loads) - len(main) - len(later),
        unpredicted=surprises,
        missing=tuple(sorted(certain - (record.loaded - {one.name for one in later}) - record.before)),
        lag=judge.surprises(late),
        waits=tuple(wait for wait in record.waits if not is_listed(wait.name, config.verify.ignore)),
        uses=tuple(one for one in record.uses if one.frames and _is_below(one.frames[0].file, own, installed)),
        jobs=len(analysis.manifest.jobs),
        unwarmed=_unwarmed(analysis, record),
        light_us=sum(one.cost_us for one in surprises if not one.heavy),
        heavy_us=round(config.heavy_ms * 1000),
        wanted=config.ready_points,
        on_loop=tuple(
            one
            for one in judge.surprises(one for one in (*later, *main) if one.name not in start or one.at_s > over)
            if one.heavy and one.coroutine
        ),
        loop_counts=config.event_loop,
        after=len(later),
    )


def _is_below(file: str, folder: str, without: str) -> bool:
    """Whether *file* is below *folder*, and not below *without*: an environment is often inside the project."""
    return file.startswith(folder) and not (without.startswith(folder) and file.startswith(without))


def _unwarmed(analysis: Analysis, record: Record) -> tuple[str, ...]:
    """The manifest's modules that were not warm at the end. Those whose job failed are reported there."""
    pending, failed = set(record.pending or ()), {name for name, _ in record.failed}
    return tuple(
        job.module
        for job in analysis.manifest.jobs
        if job.module not in failed and (job.module in pending or job.module not in record.loaded | record.before)
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
        return Surprise(root.name, len(group), cost_us, root.on_main, root.at_s, heavy, root.frames, root.coroutine)

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
