"""What has to hold of a verdict, whatever the program: the graph is worked out again without the statements it names.

Nothing runs here. A program's files are written without some statements, `importguard graph` is asked again, and the
difference is what the statements really bring, by the same analysis but without the arithmetic that is judged.
"""

import itertools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from asking import Answer

from verdicts.generated import Generated, Policy
from verdicts.judging import promises_of, statements_of, top, within
from verdicts.record import HEAVY_US, Statement

TOLERANCE = 0.02  # a package may look at what else is loaded, so the second graph can differ a little
LEAST_US = HEAVY_US * (1 + TOLERANCE)

Rework = Callable[[Collection[Statement]], "Start"]
Asked = Mapping[str, frozenset[Statement]]  # the statements of each package that the policy does not allow


@dataclass(frozen=True)
class Start:
    """What a start loads beyond the bare interpreter: the cost of each module in µs.

    *packages*: the top-level names of those that are neither the program's nor the standard library's.
    """

    costs: Mapping[str, int]
    packages: frozenset[str] = frozenset()

    def saved_in(self, smaller: "Start") -> dict[str, int]:
        """The modules, with their cost here, that *smaller* does not load."""
        return {name: us for name, us in self.costs.items() if name not in smaller.costs}

    def loads(self, subject: str) -> bool:
        """Whether *subject* or a module below it is loaded."""
        return any(within(name, subject) for name in self.costs)


@dataclass(frozen=True)
class Broken:
    """An invariant that does not hold."""

    kind: str
    text: str


KINDS = {
    "failure": "no verdict",
    "false green": "cutting a package saves the threshold, and no finding is about it",
    "heavy missed": "a loaded name in `heavy` stays loaded without the statements of all findings",
    "false promise": "cutting a finding's statements does not save what it says, in modules and cost",
    "false alone": "a statement of a finding does not save alone what it says",
    "not gone": "without all statements of a finding its subject is still loaded, though other cuts end that",
    "too many": "without one of a finding's statements its subject is gone already",
    "step": "a step of the plan does not save what it says, after the steps before",
    "sum": "the parts of the plan are not the start",
    "left over": "after the plan a package, alone or with what others share, still saves the threshold",
}


def start_of(graph: Mapping[str, Any]) -> Start:
    """The eager modules of a graph as JSON."""
    modules = [one for one in graph["modules"] if one["reach"] == "eager"]
    costs = {one["name"]: int(one["cost_us"]) for one in modules}
    return Start(costs, frozenset(top(one["name"]) for one in modules if one["origin"] == "third-party"))


def near(promised: float, real: float) -> bool:
    """The same, but for what the second graph may differ."""
    return abs(promised - real) <= max(1.0, TOLERANCE * real)


def keeps(promise: Mapping[str, Any], before: Start, after: Start) -> bool:
    """Whether `modules` and `saves_us` are what *after* no longer loads of *before*."""
    saved = before.saved_in(after)
    return near(promise["modules"], len(saved)) and near(promise["saves_us"], sum(saved.values()))


def difference(promise: Mapping[str, Any], promised_us: int, before: Start, after: Start) -> str:
    """What was promised beside what goes, in words."""
    saved = before.saved_in(after)
    promised = f"{promise['modules']} modules, {promised_us / 1000:.1f} ms"
    return f"promised {promised}, really {len(saved)} modules, {sum(saved.values()) / 1000:.1f} ms"


def examine(program: Generated, policy: Policy, answer: Answer, rework: Rework) -> list[Broken]:
    """Every invariant that the verdict under *policy* breaks. *rework* gives the start without some statements."""
    if answer.failure:
        return [Broken("failure", answer.failure)]
    findings = [finding for finding in answer.data["findings"] if finding["code"] == "IG101"]
    steps = steps_of(answer.data)
    asked = {name: frozenset(at) for name, at in program.statements.items() if name not in policy.allow}
    return [
        *missing_findings(asked, findings, rework),
        *missed_heavy(policy, asked, findings, rework),
        *(broken for finding in findings for broken in examine_finding(finding, asked, program.files, rework)),
        *examine_plan(steps, rework),
        *examine_sum(answer.data),
        *examine_rest(asked, steps, rework),
    ]


def missing_findings(asked: Asked, findings: Iterable[Mapping[str, Any]], rework: Rework) -> list[Broken]:
    """The packages whose cut saves the threshold, and that no finding is about."""
    promises = promises_of(findings)
    found = []
    for package, statements in asked.items():
        if any(within(promise.subject, package) or promise.statements & statements for promise in promises):
            continue
        saved = rework(()).saved_in(rework(statements))
        if sum(saved.values()) >= LEAST_US:
            found.append(Broken("false green", f"{package} {sum(saved.values()) / 1000:.0f} ms, {len(saved)} modules"))
    return found


def missed_heavy(policy: Policy, asked: Asked, findings: Iterable[Mapping[str, Any]], rework: Rework) -> list[Broken]:
    """The names in `heavy` that stay loaded when every finding is followed, unless allowed packages need them."""
    named = frozenset[Statement]().union(*map(statements_of, findings))
    return [
        Broken("heavy missed", name)
        for name in policy.heavy
        if rework(named).loads(name) and not rework(all_of(asked)).loads(name)
    ]


def all_of(asked: Asked) -> frozenset[Statement]:
    """Every statement that may be asked to go. What is loaded without them comes by something else."""
    return frozenset[Statement]().union(*asked.values())


def examine_finding(finding: Mapping[str, Any], asked: Asked, files: Mapping[str, str], rework: Rework) -> list[Broken]:
    """Whether a finding keeps its promise, with no statement too many."""
    subject, statements = str(finding["subject"]), statements_of(finding)
    if any(path not in files for path, _ in statements):
        return [Broken("false promise", f"{subject}: {sorted(statements)} is not the program's own")]
    whole, left = rework(()), rework(statements)
    found = []
    if not keeps({**finding, "saves_us": finding["cost_us"]}, whole, left):
        found.append(Broken("false promise", f"{subject}: {difference(finding, finding['cost_us'], whole, left)}"))
    found += [
        Broken("false alone", f"{subject}: {one['path']}:{one['line']} promises {one['modules']} modules")
        for one in finding.get("statements", ())
        if "modules" in one and not keeps(one, rework(()), rework({(one["path"], one["line"])}))
    ]
    if left.loads(subject) and not rework(all_of(asked)).loads(subject):
        found.append(Broken("not gone", f"{subject} without {sorted(statements)}"))
    if len(statements) > 1:
        needless = (one for one in sorted(statements) if not rework(statements - {one}).loads(subject))
        found += [Broken("too many", f"{subject}: {path}:{line}") for path, line in needless]
    return found


def steps_of(entry: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The steps of the plan of a start; none where there is no plan."""
    steps: Sequence[Mapping[str, Any]] = entry.get("plan", {}).get("steps", ())
    return steps


def examine_plan(steps: Sequence[Mapping[str, Any]], rework: Rework) -> list[Broken]:
    """Whether each step saves what it says after the ones before it."""
    found = []
    gone: set[Statement] = set()
    for step in steps:
        before = rework(gone)
        gone |= statements_of(step)
        after = rework(gone)
        if not keeps(step, before, after):
            found.append(Broken("step", f"{step['subject']}: {difference(step, step['saves_us'], before, after)}"))
    return found


def examine_sum(verdict: Mapping[str, Any]) -> list[Broken]:
    """Whether allowed, conditional, steps and rest are each start, and what remains follows from what a step saves."""
    found = []
    for entry in verdict["entries"]:
        if "plan" not in entry:
            continue
        steps = steps_of(entry)
        parts = {key: entry["plan"][key] for key in ("allowed", "conditional", "rest")}
        for figure, saved in (("cost_us", "saves_us"), ("modules", "modules")):
            sums = {key: sum(int(one[figure]) for one in part) for key, part in parts.items()}
            sums["steps"] = sum(int(step[saved]) for step in steps)
            if sum(sums.values()) != int(entry[figure]):
                listed = " + ".join(f"{key} {number}" for key, number in sums.items())
                found.append(Broken("sum", f"{figure} {entry[figure]}, not {listed}"))
        remains = int(entry["cost_us"]) - sum(int(one["cost_us"]) for one in parts["conditional"])
        for step in steps:
            remains -= int(step["saves_us"])
            if remains != int(step["remains_us"]):
                text = f"{step['subject']}: {step['remains_us']} µs are said to remain, not {remains}"
                found.append(Broken("sum", text))
                remains = int(step["remains_us"])
    return found


def examine_rest(asked: Asked, steps: Sequence[Mapping[str, Any]], rework: Rework) -> list[Broken]:
    """Whether the plan leaves a cut that saves the threshold: one package's, or of what several need together."""
    gone = frozenset[Statement]().union(*map(statements_of, steps))
    base = rework(gone)
    left = {name: statements - gone for name, statements in asked.items() if statements - gone}

    def saved(names: Iterable[str]) -> int:
        return sum(base.saved_in(rework(gone.union(*(left[name] for name in names)))).values())

    own: dict[tuple[str, ...], int] = {(name,): saved((name,)) for name in left}
    if len(left) > 1 and saved(left) - sum(own.values()) >= LEAST_US:
        for size in range(2, len(left) + 1):
            for group in itertools.combinations(left, size):
                smaller = sum(us for names, us in own.items() if set(names) < set(group))
                own[group] = saved(group) - smaller
    return [
        Broken("left over", f"{' and '.join(group)}: {us / 1000:.0f} ms after the plan")
        for group, us in own.items()
        if us >= LEAST_US
    ]
