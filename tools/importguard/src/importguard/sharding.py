"""Entries worked out in several jobs, and their results brought together. Judges nothing: the merged ones are judged.

What the rules read of a project they read where the results are merged, in a checkout of the same files; what only the
job could know (the packages, their costs, the interpreter) is in its result.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec

from importguard import manifest
from importguard.analysis import Analysis, as_whole
from importguard.costs.estimate import ModuleCost
from importguard.costs.measured import FILE as COSTS
from importguard.costs.measured import read_costs
from importguard.errors import ConfigError
from importguard.graph import ModuleGraph
from importguard.project.seen import FILE as SEEN
from importguard.project.start import Project, Start
from importguard.seen import Learned
from importguard.startup.trace.cached import CachedTrace
from importguard.storage.disk import Now, Seen
from importguard.storage.pack import Origin, compressed, decompressed
from importguard.storage.regular_file import read_regular
from importguard.storage.replacing import replace_bytes
from importguard.target.bytecode import Bytecode
from importguard.target.environment import Environment

MAX_BYTES = 512 * 1024 * 1024
MAX_SHARDS = 1000
_Item = TypeVar("_Item")
_MAGIC = b"importguard shard 1\n"


class Shard(NamedTuple):
    """One of *total* parts of the entries; the first is number 1."""

    number: int
    total: int

    def __str__(self) -> str:
        return f"{self.number}/{self.total}"

    def share(self, starts: Sequence[_Item]) -> tuple[_Item, ...]:
        """Every *total*th of *starts*: entries beside each other are often alike in size."""
        return tuple(starts[self.number - 1 :: self.total])


class Settings(msgspec.Struct, frozen=True, array_like=True):
    """What the command line and the process said: the same for all shards. The names are the options'."""

    entry: tuple[str, ...]  # the names of all entries that were divided
    python: str | None
    env: tuple[tuple[str, str], ...]
    no_seen: bool
    preset: str | None
    ready_at: tuple[str, ...]
    pythonpath: str


class Worked(msgspec.Struct, frozen=True, array_like=True):
    """One entry, worked out."""

    name: str
    trace: bytes
    environment: Environment
    elapsed_s: float
    costs: dict[str, ModuleCost]
    scale: float
    seen: tuple[str, ...]
    stale: tuple[str, ...]
    bytecode: Bytecode | None


class Result(msgspec.Struct, frozen=True, array_like=True):
    """What one shard has worked out. `files` are those that it rests on, by path; an empty digest: it is not there.

    `own` are those of them that the project has.
    """

    origin: Origin
    shard: Shard
    root: str
    settings: Settings
    files: dict[str, bytes]
    own: frozenset[str]
    worked: tuple[Worked, ...]


def result_of(shard: Shard, analyses: Sequence[Analysis], project: Project, settings: Settings, now: Now) -> Result:
    """The result of *shard*, whose entries are *analyses*."""
    traces = [one.graph.trace for one in analyses]
    own = {str(project.root / name) for name in (COSTS, SEEN)} | {
        one for trace in traces for one in trace.first_party_files
    }
    if project.file is not None:
        own.add(str(project.file))
    loaded = {module.path for trace in traces for module in trace.modules if module.path is not None}
    files = {path: now.digest(path) or b"" for path in sorted(own | loaded)}
    worked = tuple(map(_worked, analyses))
    return Result(Origin.here(), shard, str(project.root), settings, files, frozenset(own), worked)


def _worked(analysis: Analysis) -> Worked:
    graph, config, learned = analysis.graph, analysis.start.config, analysis.learned
    return Worked(
        analysis.name,
        msgspec.msgpack.encode(CachedTrace.of(Seen({}, {}, []), {}, graph.trace)),
        analysis.environment,
        analysis.elapsed_s,
        dict(graph.costs),
        graph.scale,
        tuple(sorted(learned.modules)) if learned is not None else (),
        learned.stale if learned is not None else (),
        analysis.bytecode() if config.bytecode else None,
    )


def write_result(path: Path, result: Result) -> None:
    """Replaces *path* whole. Raises ConfigError."""
    replace_bytes(path, _MAGIC + compressed(msgspec.msgpack.encode(result)))


def read_result(path: Path) -> Result:
    """The result in *path*. Raises ConfigError."""
    try:
        content = read_regular(path, MAX_BYTES)
    except OSError as error:
        raise ConfigError(str(path), "", f"cannot be read: {error.strerror or error}") from error
    if not content.startswith(_MAGIC):
        raise ConfigError(str(path), "", "is no result of a shard; `importguard check --shard 1/2` writes one")
    try:
        block = b"".join(decompressed(memoryview(content)[len(_MAGIC) :]))
        return msgspec.msgpack.decode(block, type=Result)
    except (ValueError, RecursionError) as error:
        raise ConfigError(str(path), "", f"is damaged ({error}); work the shard out again") from error


def merged(
    results: Mapping[str, Result], project: Project, starts: Callable[[Settings], Sequence[Start]]
) -> tuple[Analysis, ...]:
    """The analyses of all entries of *project*, in its order. *starts* are those that some settings choose.

    Raises ConfigError unless *results*, by the name of their file, are all shards of one division, each once, of this
    importguard, this tree, one configuration and one set of packages.
    """
    _demand_same(results, project)
    _demand_all(results)
    settings = next(iter(results.values())).settings
    chosen = {one.name or one.target: one for one in starts(settings)}
    found = {one.name: _analysis(one, chosen[one.name]) for result in results.values() for one in result.worked}
    return as_whole(tuple(found[name] for name in settings.entry), project)


def _demand_same(results: Mapping[str, Result], project: Project) -> None:
    (first_name, first), *_ = results.items()
    known: dict[str, tuple[str, bytes]] = {}
    now = Now()
    for name, one in results.items():
        if one.origin.analyser != Origin.here().analyser:
            raise ConfigError(name, "", "was made by another version of importguard; work all shards out with this one")
        if one.root != str(project.root):
            raise ConfigError(
                name, "", f"is of the project in {one.root}, not in {project.root}; check out in the same place"
            )
        for field in Settings.__struct_fields__:
            ours, theirs = getattr(one.settings, field), getattr(first.settings, field)
            if ours != theirs:
                option = "PYTHONPATH" if field == "pythonpath" else f"--{field.replace('_', '-')}"
                raise ConfigError(name, "", f"was made with another {option} than {first_name}; use the same for all")
        for path, digest in one.files.items():
            where, other = known.setdefault(path, (name, digest))
            if digest != other:
                raise ConfigError(name, "", f"{path} was another one than for {where}; work both out on the same files")
        for path in sorted(one.own):
            if (now.digest(path) or b"") != one.files.get(path, b""):
                raise ConfigError(name, "", f"{path} is another one here; merge in a checkout of the same commit")
    if first.settings.pythonpath != os.environ.get("PYTHONPATH", ""):
        raise ConfigError(first_name, "", f"was made with PYTHONPATH={first.settings.pythonpath}; set it here, too")


def _demand_all(results: Mapping[str, Result]) -> None:
    (first_name, first), *_ = results.items()
    seen: dict[int, str] = {}
    for name, one in results.items():
        if one.shard.total != first.shard.total:
            raise ConfigError(name, "", f"is shard {one.shard}, {first_name} is {first.shard}: of another division")
        if one.shard.number in seen:
            raise ConfigError(name, "", f"is shard {one.shard} like {seen[one.shard.number]}; pass each once")
        seen[one.shard.number] = name
        expected = one.shard.share(one.settings.entry)
        if tuple(worked.name for worked in one.worked) != expected:
            raise ConfigError(name, "", "does not hold the entries of its shard; work it out again")
    missing = [str(number) for number in range(1, first.shard.total + 1) if number not in seen]
    if missing:
        plural = "s" * (len(missing) > 1)
        raise ConfigError(
            first_name, "", f"shard{plural} {', '.join(missing)} of {first.shard.total} not given; pass all"
        )


def _analysis(worked: Worked, start: Start) -> Analysis:
    trace = CachedTrace.decoded(worked.trace)
    if trace is None:
        raise ConfigError(worked.name, "", "its trace is damaged; work its shard out again")
    graph = ModuleGraph(trace.trace(), worked.costs, worked.scale)
    file = start.project.root / COSTS
    known = read_costs(file) if file.is_file() else None
    asked_for = manifest.build(graph, start, known.warmed_us if known else {})
    learned = Learned(graph.trace, frozenset(worked.seen), worked.stale)
    return Analysis(
        start,
        graph,
        asked_for,
        worked.elapsed_s,
        worked.environment,
        start.whole,
        frozenset(),
        learned,
        worked.bytecode,
    )
