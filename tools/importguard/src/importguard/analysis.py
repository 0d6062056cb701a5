"""One start of a project worked out: its graph, its manifest. Reads the project; judges and prints nothing."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence, Set
from functools import partial
from pathlib import Path

import msgspec

from importguard import manifest
from importguard.costs.measured import FILE, installed_versions, read_costs
from importguard.errors import ConfigError
from importguard.graph import ModuleGraph
from importguard.project.config import Project
from importguard.project.suppressions import MARK
from importguard.startup import Options, is_kept, trace_module, trace_script
from importguard.startup.trace import StartupTrace
from importguard.storage.cache import user_cache
from importguard.storage.disk import Now
from importguard.target.environment import Environment, probe_of
from importguard.target.interpreter import choose
from importguard.warmup import WarmupManifest


class Analysis(msgspec.Struct, frozen=True):
    """One start of a project and how long it took to work out. `whole`: no configured start is left out beside it.

    `unmarked` are files that were read for it and in which no suppression stands.
    """

    project: Project
    graph: ModuleGraph
    manifest: WarmupManifest
    elapsed_s: float
    whole: bool = True
    unmarked: Set[str] = frozenset()

    @property
    def name(self) -> str:
        """What the configuration calls this start, else its script or module."""
        return self.project.name or self.manifest.entry


def analyse_all(
    project: Project,
    script: str | None = None,
    module: str | None = None,
    names: Collection[str] = (),
    python: str | None = None,
    *,
    costs: bool = True,
) -> tuple[Analysis, ...]:
    """Works out *script* or *module*; without either the configured starts called *names*, all by default.

    Raises ConfigError when there is no such start, EnvironmentProbeError when *python* does not answer.
    """
    if script is not None or module is not None:
        return (analyse(project, script, module, python, costs=costs),)
    starts = project.starts(names)
    whole = len(starts) == len(project.starts())
    probed: dict[str | None, Environment] = {}
    for start in starts:
        if start.config.python not in probed:
            probed[start.config.python] = environment_of(start, python)
    placed = [(start, probed[start.config.python]) for start in starts]
    _work_out_together(placed)
    now = Now(MARK)  # what several starts load is read once
    return tuple(
        msgspec.structs.replace(
            analyse(start, start.script, start.config.module, environment=environment, costs=costs, now=now),
            whole=whole,
        )
        for start, environment in placed
    )


def _work_out_together(placed: Sequence[tuple[Project, Environment]]) -> None:
    """Has those of several starts that nobody has worked out yet worked out side by side, and kept."""
    cache = user_cache()
    if cache is None or len(placed) < 2:
        return
    jobs = []
    for start, environment in placed:
        if not is_kept(start.script, start.config.module, environment, start.root, _options(start), cache):
            jobs.append(partial(trace_start, start, start.script, start.config.module, environment))
    if len(jobs) > 1:
        from importguard.running.fork_pool import work_out
        from importguard.source.ahead import worthwhile

        if worthwhile():
            work_out(jobs)


def analyse(
    project: Project,
    script: str | None = None,
    module: str | None = None,
    python: str | None = None,
    *,
    environment: Environment | None = None,
    costs: bool = True,
    now: Now | None = None,
) -> Analysis:
    """Works out the start of *script* or *module*, else of the configured entry.

    *environment* takes the place of what the project and *python* say; without *costs* the committed ones are not read;
    *now* is what the command has seen of the disk.
    Raises ConfigError when there is no entry, EnvironmentProbeError when *python* does not answer.
    """
    began = time.perf_counter()
    if script is None and module is None:
        (start, *others) = project.starts()
        if others:
            names = ", ".join(one.name for one in project.starts())
            raise ConfigError(str(project.file), "entry", f"there are several ({names}); name one of them")
        script, module = start.script, start.config.module
        if script is None and module is None:
            place = str(project.file or project.root)
            raise ConfigError(
                place, "entry", 'no entry to analyse; pass SCRIPT or --module NAME, or set entry = "app.py"'
            )
    else:
        start = project.start(script, module)
    environment = environment or environment_of(start, python)
    now = now or Now(MARK)
    trace = trace_start(start, script, module, environment, now)
    file = start.root / FILE
    known = read_costs(file) if costs and file.is_file() else None
    measured = known.valid_in(environment, installed_versions(environment)) if known else {}
    graph = ModuleGraph(trace, measured, known.scale if known and known.is_of(environment) else 1.0)
    # Unlike the graph's costs, those of the manifest are the committed ones on every machine: its bytes are committed.
    asked_for = manifest.build(graph, start, known.warmed_us if known else {})
    whole = start == project or (start,) == project.entries
    return Analysis(start, graph, asked_for, time.perf_counter() - began, whole, now.lacking)


def environment_of(project: Project, python: str | None = None) -> Environment:
    """The target environment: of *python*, the configured or the active one. Raises EnvironmentProbeError."""
    return probe_of(choose(python, project.config.python, project.root), user_cache())


def trace_start(
    project: Project, script: str | None, module: str | None, environment: Environment, now: Now | None = None
) -> StartupTrace:
    """The trace of *script*, else of *module*, in *environment*. Raises ConfigError when there is no such file."""
    options, cache, root, now = _options(project), user_cache(), project.root, now or Now()
    if script is None:
        return trace_module(str(module), environment, project_root=root, options=options, cache=cache, now=now)
    if not now.is_file(script):
        raise ConfigError(script, "", "no such file; pass the script that starts the application")
    path = Path(now.resolved(script))
    return trace_script(path, environment, project_root=root, options=options, cache=cache, now=now)


def _options(project: Project) -> Options:
    return Options(frozenset(project.config.warm_calls), project.config.lazy_imports)
