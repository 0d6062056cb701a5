"""Whether a verdict is true of a program whose cuts are known."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from asking import Answer

from verdicts.record import HEAVY_MODULES, LIGHT_US, Program, Saving, Statement

Cut = Callable[[Collection[Statement]], Saving]


@dataclass(frozen=True)
class Promise:
    """The findings of one subject: the modules promised, and what cutting all their statements really saves."""

    subject: str
    statements: frozenset[Statement]
    promised: int
    real: Saving | None = None  # None: a statement is not the program's own, so nothing can be cut

    @property
    def cut(self) -> Saving | None:
        """What really goes, where the program runs without the statements."""
        return None if self.real is None or self.real.error else self.real

    @property
    def false_red(self) -> bool:
        """Less than half of the promised modules go."""
        return self.cut is not None and self.cut.modules * 2 < self.promised

    @property
    def deviation(self) -> float:
        """The difference of promised and really gone modules, as a share of the greater."""
        real = self.cut.modules if self.cut else 0
        return abs(self.promised - real) / max(self.promised, real, 1)


@dataclass(frozen=True)
class Judged:
    """What is wrong with one verdict."""

    name: str
    code: int | None
    failure: str = ""
    false_green: bool = False
    promises: tuple[Promise, ...] = ()
    light_red: tuple[Promise, ...] = ()
    missed: tuple[str, ...] = ()
    missed_heavy: tuple[str, ...] = ()
    sums: tuple[str, ...] = ()
    findings: tuple[Mapping[str, Any], ...] = field(default=(), compare=False)

    @property
    def false_red(self) -> tuple[Promise, ...]:
        """The promises that are not half true."""
        return tuple(promise for promise in self.promises if promise.false_red)

    @property
    def right(self) -> bool:
        """Nothing of what is scored is wrong."""
        return not (
            self.failure
            or self.false_green
            or self.false_red
            or self.light_red
            or self.missed
            or self.missed_heavy
            or self.sums
        )

    def marks(self) -> list[str]:
        """What is wrong, in words."""
        return [
            *([f"FAILED {self.failure}"] if self.failure else []),
            *(["FALSE GREEN"] if self.false_green else []),
            *(
                f"FALSE RED {one.subject}: promised {one.promised} modules, really {one.cut and one.cut.modules}"
                for one in self.false_red
            ),
            *(
                f"LIGHT RED {one.subject}: really {(one.cut.saves_us if one.cut else 0) / 1000:.0f} ms"
                for one in self.light_red
            ),
            *(f"MISSED PACKAGE {name}" for name in self.missed),
            *(f"MISSED HEAVY {name}" for name in self.missed_heavy),
            *(f"SUM {text}" for text in self.sums),
        ]


def statements_of(finding: Mapping[str, Any]) -> frozenset[Statement]:
    """Where a finding points: its statements, else its own line."""
    places = finding.get("statements") or [finding]
    return frozenset((str(place["path"]), int(place["line"])) for place in places)


def top(name: str) -> str:
    """The top-level name."""
    return name.partition(".")[0]


def within(name: str, parent: str) -> bool:
    """Whether *name* is *parent* or below it."""
    return name == parent or name.startswith(f"{parent}.")


def promises_of(findings: Iterable[Mapping[str, Any]]) -> list[Promise]:
    """The IG101 findings, those of one subject together."""
    by_subject: dict[str, list[Mapping[str, Any]]] = {}
    for finding in findings:
        if finding["code"] == "IG101":
            by_subject.setdefault(str(finding["subject"]), []).append(finding)
    return [
        Promise(
            subject,
            frozenset().union(*map(statements_of, group)),
            max(int(finding.get("modules") or 0) for finding in group),
        )
        for subject, group in by_subject.items()
    ]


def known_saving(program: Program, statements: Collection[Statement]) -> Saving | None:
    """What the record says of cutting exactly *statements*; None when it does not hold that set."""
    wanted = sorted(statements)
    for package in program.packages.values():
        if package.error:
            continue
        if sorted(package.statements) == wanted:
            return package
        if len(wanted) == 1 and wanted[0] in package.statements:
            single = package.single[package.statements.index(wanted[0])]
            if not single.error:
                return single
    return None


def judge(program: Program, answer: Answer, cut: Cut) -> Judged:
    """Compare a verdict with the record. *cut* makes the cuts that the record does not hold."""
    if answer.failure:
        return Judged(program.name, answer.code, failure=answer.failure)
    findings = tuple(answer.data["findings"])
    promises = promises_of(findings)
    named = {promise.subject: promise.statements for promise in promises}
    missed = tuple(
        name
        for name, package in program.demanded.items()
        if not any(top(subject) == name or at & set(package.statements) for subject, at in named.items())
    )
    missed_heavy = tuple(
        name
        for name, heavy in program.forbidden.items()
        if not any(
            within(subject, name) or at & {one for by in heavy.removed_by for one in program.packages[by].statements}
            for subject, at in named.items()
        )
    )
    many = any(package.modules >= HEAVY_MODULES for package in program.demanded.values())
    judged = tuple(with_cut(promise, program, cut) for promise in promises)
    heavy_names = program.settings.get("heavy", ())
    light = tuple(
        promise
        for promise in judged
        if promise.cut is not None
        and promise.cut.saves_us < LIGHT_US
        and not any(within(promise.subject, name) for name in heavy_names)
    )
    return Judged(
        program.name,
        answer.code,
        false_green=answer.code == 0 and not promises and (many or bool(program.forbidden)),
        promises=judged,
        light_red=light,
        missed=missed,
        missed_heavy=missed_heavy,
        findings=findings,
    )


def with_cut(promise: Promise, program: Program, cut: Cut) -> Promise:
    """*promise* with what cutting its statements really saves."""
    if any(path not in program.files for path, _ in promise.statements):
        return promise
    real = known_saving(program, promise.statements) or cut(promise.statements)
    return Promise(promise.subject, promise.statements, promise.promised, real)


def summary(programs: Sequence[Program], judged: Sequence[Judged]) -> str:
    """The figures of all programs in one line."""
    promises = [promise for one in judged for promise in one.promises]
    cut = [promise for promise in promises if promise.cut is not None]
    deviation = sum(promise.deviation for promise in cut) / len(cut) if cut else 0.0
    right = sum(one.right for one in judged)
    return (
        f"programs {len(judged)}  right {right} ({right / max(len(judged), 1):.3f})"
        f"  failures {sum(bool(one.failure) for one in judged)}"
        f"  false green {sum(one.false_green for one in judged)}"
        f"  false red {sum(len(one.false_red) for one in judged)}"
        f"  light red {sum(len(one.light_red) for one in judged)} of {len(promises)} subjects"
        f" ({len(promises) - len(cut)} not cut)"
        f"  packages missed {sum(len(one.missed) for one in judged)} of {sum(len(one.demanded) for one in programs)}"
        f"  heavy missed {sum(len(one.missed_heavy) for one in judged)} of {sum(len(one.heavy) for one in programs)}"
        f"  promised against cut modules {deviation:.1%}"
    )
