"""Starts of real programs: console scripts, `python -m`, servers, windows, and what their main thread loaded."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import msgspec
from asking import Answer, read_record
from benchmark_accuracy import Row, Truth, eager, score

from starts.cases import says_more

HERE = Path(__file__).parent
NEVER_COUNTED = {"__main__", "__mp_main__", "sitecustomize", "usercustomize"}
NOWHERE = "empty"  # the folder of a start that has none


class Start(msgspec.Struct, frozen=True, dict=True):
    """How a program was started, and what it loaded: a module's own time in µs, None for an alias.

    *gone*: tried and not kept. *other_threads*: what only they imported, which is neither asked for nor wrong.
    *waits*: the program was left waiting (a server, a window); else it ended.
    """

    kind: Literal["script", "import", "run_module", "command"]
    name: str
    args: tuple[str, ...]
    cwd: str
    waits: bool
    modules: dict[str, int | None]
    gone: dict[str, int | None]
    other_threads: frozenset[str]

    @property
    def folder(self) -> str:
        """Where importguard is asked, below the folder of the programs."""
        if self.cwd or self.kind != "script":
            return self.cwd or NOWHERE
        return str(PurePosixPath(self.name).parent)

    def arguments(self, *, with_args: bool) -> list[str]:
        """The start as importguard is given it, and after `--` what `sys.argv` holds."""
        option = {"import": ["--import"], "run_module": ["-m"], "command": ["--command"], "script": []}[self.kind]
        name = str(PurePosixPath(self.name).relative_to(self.folder)) if self.kind == "script" else self.name
        return [*option, name, *(["--", *self.args] if with_args and self.args else [])]

    @cached_property
    def truth(self) -> Truth:
        """The record in the form that predictions are scored against."""
        own = {name: float(us) for name, us in self.modules.items() if us is not None}
        return Truth(own, {}, sorted(self.modules.keys() - own.keys()))


class Record(msgspec.Struct, frozen=True):
    """All starts, in one environment. *bare*: what the interpreter loads for nothing; more under `python -m`."""

    python: str
    bare: frozenset[str]
    bare_run_module: frozenset[str]
    starts: dict[str, Start]

    def prices(self) -> dict[str, float]:
        """A module's own time, the median over the starts that tried it."""
        seen: dict[str, list[int]] = {}
        for start in self.starts.values():
            for name, us in (*start.modules.items(), *start.gone.items()):
                if us is not None:
                    seen.setdefault(name, []).append(us)
        return {name: float(statistics.median_high(values)) for name, values in seen.items()}

    def not_counted(self, start: Start) -> frozenset[str]:
        """The modules that are nobody's: the interpreter's, other threads', the script itself."""
        names = self.bare | NEVER_COUNTED | start.other_threads
        if start.kind == "run_module":
            names |= self.bare_run_module
        return names | {PurePosixPath(start.name).stem} if start.kind == "script" else names


@dataclass(frozen=True)
class Scored:
    """One start: its scores, and what is missed or wrongly predicted, dearest first.

    *silent*: modules missed although the graph names no place that may load more; *hushed*: missed while all that it
    names are optional imports that are not found.
    """

    row: Row
    missed: tuple[str, ...]
    false: tuple[str, ...]
    silent: int
    hushed: int
    failure: str


def score_start(name: str, record: Record, answer: Answer, prices: Mapping[str, float]) -> Scored:
    """*answer* is importguard's graph of the start *name*. Without one everything is missed."""
    start = record.starts[name]
    graph: Mapping[str, Any] = answer.data if not answer.failure else {"modules": []}
    ignored = record.not_counted(start)
    both = eager(dict(graph), possible=True) - ignored
    certain = eager(dict(graph), possible=False) - ignored
    truth = start.truth
    missed = truth.self_us.keys() - both
    false = both - start.modules.keys()
    quiet = all(map(is_missing_option, [*graph.get("unresolved", ()), *graph.get("stops", ())]))
    told = bool(answer.failure) or says_more(graph)
    known = dict(prices)
    row = Row(
        name,
        score(certain, truth, known),
        score(both, truth, known),
        sum(truth.self_us.values()),
        sum(one["cost_us"] for one in graph["modules"] if one["name"] in both),
    )
    return Scored(
        row,
        missed=tuple(sorted(missed, key=lambda one: (-truth.self_us[one], one))),
        false=tuple(sorted(false, key=lambda one: (-known.get(one, 0.0), one))),
        silent=0 if told else len(missed),
        hushed=len(missed) if quiet and not answer.failure else 0,
        failure=answer.failure,
    )


def is_missing_option(place: Mapping[str, Any]) -> bool:
    """Whether an unresolved entry is an optional import that is not there, which explains nothing."""
    return bool(place.get("optional")) and "not found" in str(place.get("reason"))


def summary(scored: Sequence[Scored]) -> str:
    """What the averages do not show, in one line."""
    silent = [one.silent for one in scored if one.silent]
    hushed = [one.hushed for one in scored if one.hushed]
    return (
        f"starts {len(scored)}  failures {sum(bool(one.failure) for one in scored)}"
        f"  missed {sum(len(one.missed) for one in scored)}"
        f"  silent {sum(silent)} in {len(silent)} starts  hushed {sum(hushed)} in {len(hushed)}"
    )


def read_truth() -> Record:
    """The recorded starts."""
    return read_record(HERE / "truth.json.gz", Record)


def read_programs() -> dict[str, str]:
    """The programs that no package brings, and other files that starts look for: texts by path."""
    return read_record(HERE / "programs.json.gz", dict[str, str])
