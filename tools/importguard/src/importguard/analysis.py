"""Starts worked out: the graph and the manifest of each. Reads the project; judges and prints nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence, Set
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from importguard import manifest
from importguard.costs.measured import FILE, MeasuredCosts, installed_versions, read_costs
from importguard.derived import NOT_KEPT, Derived
from importguard.errors import ConfigError
from importguard.graph import ModuleGraph, PlainStart
from importguard.project.policy import is_listed
from importguard.project.start import Kind, Project, Start
from importguard.seen import Learned, with_seen
from importguard.session import Session
from importguard.startup import is_kept, trace_start
from importguard.startup.trace import Certainty, StartupTrace
from importguard.startup.trace.import_edge import Reach
from importguard.startup.trace.trace import Taken, Unfinished
from importguard.startup.tracing import Traced, entry_names, traced
from importguard.storage.digests import digest
from importguard.storage.own import whole_digest
from importguard.storage.regular_file import read_regular
from importguard.target.environment import Environment
from importguard.warmup import WarmupManifest

if TYPE_CHECKING:
    from importguard.source.import_site import Location
    from importguard.startup.trace.edges import Edges
    from importguard.target.bytecode import Bytecode

_PARSERS = frozenset({"absl.flags", "argparse", "click", "cyclopts", "docopt", "fire", "getopt", "optparse", "typer"})


class Analysis(msgspec.Struct, frozen=True):
    """One start and what it loads. `elapsed_s`: how long that took to work out.

    `environment` is the one that was looked at. `whole`: no configured start is left out beside it. `unmarked` are
    files that were read for it and hold no suppression. `learned`: what of the graph runs have shown.
    """

    start: Start
    graph: ModuleGraph
    manifest: WarmupManifest
    elapsed_s: float
    environment: Environment
    whole: bool = True
    unmarked: Set[str] = frozenset()
    learned: Learned | None = None
    bytecode_there: Bytecode | None = None  # where another machine has worked it out
    derived: Derived = NOT_KEPT

    def __repr__(self) -> str:
        return f"<Analysis of {self.name}: {len(self.graph.eager):,} modules>"

    @property
    def project(self) -> Project:
        """The project that the start belongs to."""
        return self.start.project

    @property
    def wants_arguments(self) -> bool:
        """Whether it hangs on arguments that nobody has named what the start may load."""
        if self.start.args is not None or self.start.kind in {Kind.IMPORT, Kind.PYTEST}:
            return False
        graph = self.graph
        if all(graph.modules[name].certainty is Certainty.CERTAIN for name in graph.eager):
            return False
        return not _PARSERS.isdisjoint(graph.eager) or _mentions_arguments(graph.trace.entry_path)

    def bytecode(self) -> Bytecode:
        """The bytecode of the modules of the start and of its warmup, as it is on disk now."""
        if self.bytecode_there is not None:
            return self.bytecode_there
        from importguard.target.bytecode import bytecode_of

        loaded = (one for one in self.graph.trace.modules if one.reach in {Reach.EAGER, Reach.WARMED})
        sources = (one.path for one in loaded if one.path is not None and one.name != "__main__")
        return bytecode_of(sources, self.environment, {**os.environ, **self.start.config.env})

    @property
    def name(self) -> str:
        """What the configuration calls this start, else its script or module."""
        return self.start.name or self.manifest.entry


def _mentions_arguments(path: str) -> bool:
    try:
        return b"argv" in read_regular(path)
    except OSError:  # in an archive
        return False


def analyse_all(starts: Sequence[Start], session: Session | None = None) -> tuple[Analysis, ...]:
    """Works out *starts* of one project. Raises as `analyse` does."""
    session = session or Session.of_user()
    work_out_together(starts, session)
    return as_whole(tuple(analyse(start, session) for start in starts), starts[0].project)


def as_whole(found: tuple[Analysis, ...], project: Project) -> tuple[Analysis, ...]:
    """*found*, which know that no entry of *project* is missing, if none is."""
    if len(found) > 1 and len(found) == len(project.entries):
        return tuple(msgspec.structs.replace(one, whole=True) for one in found)
    return found


def work_out_together(starts: Sequence[Start], session: Session, *, later: bool = True) -> None:
    """Has those of several starts that nobody has worked out yet worked out side by side, and kept.

    Without *later*, only their main thread's part.
    """
    if session.cache is None or len(starts) < 2:
        return
    jobs: list[Callable[[], object]] = [
        partial(trace_start, start, session, later=later)
        for start in starts
        if not is_kept(start, session, later=later)
    ]
    if len(jobs) > 1:
        from importguard.running.fork_pool import work_out
        from importguard.source.ahead import worthwhile

        if worthwhile():
            if session.cache.store is not None:
                from importguard.storage.store import sharing

                jobs = list(map(sharing, jobs))
            work_out(jobs)


def analyse(start: Start, session: Session | None = None) -> Analysis:
    """Works out what *start* loads, what that costs, and what its warmup should import. Runs nothing of it.

    Raises ConfigError when there is no such script, SourceError when there is no such module, EnvironmentProbeError
    when the target interpreter does not answer.
    """
    began = time.perf_counter()
    session = session or Session.of_user()
    found, known = traced(start, session), _known_costs(start, session)
    environment = session.environment_of(start)
    learned = _learned(found.trace, start, session)
    graph = _graph(learned.trace, start, session, known)
    derived = _derived(found, graph, start, session)
    # Unlike the graph's costs, those of the manifest are the committed ones on every machine: its bytes are committed.
    asked_for = manifest.build(graph, start, known.warmed_us if known else {}, derived)
    elapsed_s = time.perf_counter() - began
    lacking = session.now.lacking
    return Analysis(start, graph, asked_for, elapsed_s, environment, start.whole, lacking, learned, derived=derived)


def analyse_main(start: Start, session: Session) -> Analysis:
    """What *start* loads on its main thread, and what that costs; nothing of a warmup. Raises as `analyse` does."""
    trace = _learned(trace_start(start, session, later=False), start, session).trace
    graph = _costed(trace, start, session, _known_costs(start, session))
    return _without_warmup(start, graph, session.environment_of(start))


def unfinished(error: Unfinished) -> Analysis:
    """What a start loads up to where a bound ended its walk, by estimated costs; nothing of a warmup."""
    return _without_warmup(error.start, ModuleGraph(error.trace), error.environment)


def _without_warmup(start: Start, graph: ModuleGraph, environment: Environment) -> Analysis:
    none = WarmupManifest.of((), entry=start.target)
    return Analysis(start, graph, none, 0.0, environment, False)


def _derived(found: Traced, graph: ModuleGraph, start: Start, session: Session) -> Derived:
    """What is kept beside the trace of *graph*; nothing where that is not the trace as it is kept."""
    if session.cache is None or not found.identity or graph.trace is not found.trace:
        return NOT_KEPT
    entry = f"derived-{entry_names(start, session)[0].removeprefix('trace-')}"
    beside = msgspec.msgpack.encode((sorted(graph.costs.items()), graph.scale, *map(sorted, graph.plain.sets)))
    return Derived(session.cache, entry, digest(whole_digest() + found.identity + beside))


def main_graph(start: Start, session: Session) -> ModuleGraph:
    """The graph of what *start* loads on its main thread alone. Raises as `analyse` does."""
    trace = _learned(trace_start(start, session, later=False), start, session).trace
    return _graph(trace, start, session, _known_costs(start, session))


def _learned(trace: StartupTrace, start: Start, session: Session) -> Learned:
    return with_seen(trace, start, session.environment_of(start), session.now) if session.seen else Learned(trace)


def _known_costs(start: Start, session: Session) -> MeasuredCosts | None:
    file = start.project.root / FILE
    return read_costs(file) if session.costs and file.is_file() else None


def _costed(trace: StartupTrace, start: Start, session: Session, known: MeasuredCosts | None) -> ModuleGraph:
    environment = session.environment_of(start)
    costs = known.valid_in(environment, installed_versions(environment)) if known else {}
    return ModuleGraph(trace, costs, known.scale_in(environment) if known else 1.0)


def _graph(trace: StartupTrace, start: Start, session: Session, known: MeasuredCosts | None) -> ModuleGraph:
    graph = _costed(trace, start, session, known)
    plain = _plain(graph, start, session)
    return ModuleGraph(trace, graph.costs, graph.scale, plain) if plain != PlainStart() else graph


def _plain(graph: ModuleGraph, start: Start, session: Session) -> PlainStart:
    """What happens to the guarded imports when nobody says anything, where these are dear.

    `main()` that imports what `os.environ.get("ENGINE", "polars")` names loads polars for nearly everybody, and
    `if "--plot" in sys.argv: import matplotlib` loads nothing for most. That is found by a walk of its own, so only
    where it can change the verdict.
    """
    config, hanging = start.config, graph.hanging
    dear = graph.cost_us(hanging) > config.heavy_ms * 1000 or any(is_listed(name, config.heavy) for name in hanging)
    known = start.args is not None and all(one.taken is not Taken.OPEN for one in graph.trace.assumptions)
    if not dear or known or start.kind is Kind.PYTEST:
        return PlainStart()
    try:
        edges = trace_start(start, session, later=False, plain=True).edges
    except (ConfigError, Unfinished):  # it ends before it is ready, or the walk does: nothing is known
        return PlainStart()
    return _plain_start(graph, edges, lambda name: is_listed(name, config.heavy))


def _plain_start(graph: ModuleGraph, plain: Edges, listed: Callable[[str], bool]) -> PlainStart:
    """What *plain*, the imports of a plain start, says of the guarded ones of *graph*.

    What leads to a name that is *listed* is not left out: the policy wants it loaded by no path. Nor is what comes
    before an import that the plain start does not get to any more.
    """
    edges = graph.trace.edges
    there = [place for place in range(len(plain)) if plain.eager(place)]
    run, known = plain.locations(place for place in there if not plain.guarded(place)), plain.locations(there)
    left_out: set[Location] = set()
    reached = True
    for place in sorted(graph.own_edges, reverse=True):
        (location,) = edges.locations([place])
        if place not in graph.guarded:
            reached = location in known if edges.eager(place) else reached
        elif reached and location not in known and not any(map(listed, graph.closure(edges[place].imported))):
            left_out.add(location)
    return PlainStart(edges.locations(graph.guarded) & run, frozenset(left_out))
