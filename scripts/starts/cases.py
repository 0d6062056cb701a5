"""Programs of a few files for one feature of the language each, and what they really load."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from asking import Answer, read_record

# Beside every program: modules of one assignment each, for it to import.
BESIDE = {f"m{number}.py": f"X = {number}\n" for number in range(1, 10)}
# The start itself by its names, and what some installations load at any start.
NEVER_COUNTED = {"__main__", "__mp_main__", "main", "sitecustomize", "usercustomize", "atexit"}


class Case(msgspec.Struct, frozen=True):
    """A program and what its main thread loads, in the version *python*.

    With *compare* "own" only its own modules are compared, else the standard library's too. *aliases*: names that code
    put into `sys.modules`; *gone*: modules that ran and failed. Neither is compared.
    """

    name: str
    files: dict[str, str]
    eager: frozenset[str]
    entry: str = "main.py"
    module: str = ""
    python: str = "3.11"
    compare: str = "all"
    aliases: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()

    @property
    def arguments(self) -> tuple[str, ...]:
        """The start as importguard is given it."""
        return ("--import", self.module) if self.module else (self.entry,)

    @property
    def all_files(self) -> dict[str, str]:
        """Its files and those that stand beside every program."""
        return {**BESIDE, **self.files}

    def compared(self, names: frozenset[str], bare: frozenset[str]) -> frozenset[str]:
        """Those of *names* that count."""
        names -= bare | self.aliases | self.gone | NEVER_COUNTED
        if self.compare != "own":
            return names
        paths = (path for path in self.all_files if path.endswith(".py"))
        return names & {path.removesuffix(".py").replace("/", ".").removesuffix(".__init__") for path in paths}


@dataclass(frozen=True)
class Outcome:
    """How a graph differs from what a case loads. *silent*: something is missed and the graph names no place for it."""

    name: str
    wrong: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    wide: tuple[str, ...] = ()
    silent: bool = False
    told: bool = False
    failure: str = ""

    @property
    def kind(self) -> str:
        """The worst that is to be said."""
        if self.failure:
            return "failure"
        if self.wrong:
            return "wrong-certain"
        if self.missed:
            return "missed"
        return "wide" if self.wide else "right"

    def differences(self) -> str:
        """The modules, in words."""
        parts = {"certain and not loaded": self.wrong, "missed": self.missed, "possible and not loaded": self.wide}
        named = [f"{what}: {', '.join(names)}" for what, names in parts.items() if names]
        return "; ".join([*named, *(["in silence"] if self.silent else []), *([self.failure] if self.failure else [])])


def compare(case: Case, answer: Answer, bare: frozenset[str]) -> Outcome:
    """*answer* is importguard's graph of the case."""
    if answer.failure:
        return Outcome(case.name, failure=answer.failure)
    certainty = {one["name"]: one["certainty"] for one in answer.data["modules"] if one["reach"] == "eager"}
    predicted = case.compared(frozenset(certainty), bare)
    real = case.compared(case.eager, bare)
    certain = {name for name in predicted if certainty[name] == "certain"}
    told = says_more(answer.data)
    return Outcome(
        case.name,
        wrong=tuple(sorted(certain - real)),
        missed=tuple(sorted(real - predicted)),
        wide=tuple(sorted(predicted - certain - real)),
        silent=bool(real - predicted) and not told,
        told=told,
    )


def says_more(graph: Mapping[str, Any]) -> bool:
    """Whether the graph names a place that may load more than it lists."""
    return bool(graph.get("unresolved") or graph.get("stops"))


def summary(outcomes: Sequence[Outcome]) -> str:
    """The figures of all cases, as shares, in one line."""
    number = max(len(outcomes), 1)
    kinds = ("right", "wide", "wrong-certain", "missed", "failure")
    shares = [f"{kind} {sum(one.kind == kind for one in outcomes) / number:.3f}" for kind in kinds]
    silent = sum(one.silent for one in outcomes) / number
    complete = [one for one in outcomes if not one.missed and not one.failure]
    needless = sum(one.told for one in complete) / max(len(complete), 1)
    return "  ".join(
        [f"cases {len(outcomes)}", *shares, f"silent {silent:.3f}", f"named though nothing is missed {needless:.3f}"]
    )


def read_cases() -> list[Case]:
    """The recorded cases, of every version."""
    return read_record(Path(__file__).parent / "cases.json.gz", list[Case])
