"""The rules' verdict on starts that have been worked out. Reads what the project commits; prints nothing."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import cached_property

import msgspec

from importguard import manifest, plan
from importguard.analysis import Analysis, unfinished
from importguard.errors import ConfigError
from importguard.findings import Finding, Severity, Statement
from importguard.graph import ModuleGraph
from importguard.plan import Plan
from importguard.project.lock import SCHEMA, AcceptedFinding, Baseline, lines_of, read_baseline, read_lock
from importguard.project.repository import from_here
from importguard.project.start import Project, Start
from importguard.rules import RULES, Rule, Subject
from importguard.rules.bytecode import MissingBytecode
from importguard.rules.eager_import import EagerImport
from importguard.rules.grown_set import GrownSet
from importguard.rules.stale_suppression import StaleSuppression, unmatched
from importguard.rules.subject import patterns, policy
from importguard.source.import_site import Location
from importguard.source.suppressions import Suppression, read_suppressions
from importguard.startup.trace.trace import Unfinished
from importguard.unfollowed import unfollowed

_OF_WHAT_IS_LOADED = frozenset({"IG101", "IG201", "IG401", "IG501", "IG502"})  # rules that need no whole start


class Report(msgspec.Struct, frozen=True):
    """The rules' verdict, and the plan without what a comment in the code accepts.

    `suppressed` are findings that such a comment accepts, `baselined` the old ones.
    """

    analysis: Analysis
    plan: Plan
    findings: tuple[Finding, ...]
    suppressed: tuple[Finding, ...]
    baselined: tuple[Finding, ...] = ()
    rules: tuple[Rule, ...] = ()  # those that were applied
    notes: tuple[str, ...] = ()  # what fails nothing and is worth knowing
    unfinished: str = ""  # why the start was not worked out to its end, where it was not

    def __repr__(self) -> str:
        return f"<Report of {self.analysis.name}: {'failed' if self.failed else 'ok'}, {len(self.findings)} findings>"

    @property
    def failed(self) -> bool:
        """An error remains, or nobody knows."""
        return bool(self.unfinished) or any(finding.severity is Severity.ERROR for finding in self.findings)


class Verdict(msgspec.Struct, frozen=True, dict=True):
    """The reports of all starts that were judged together, in the order of the configuration."""

    reports: tuple[Report, ...]

    def __repr__(self) -> str:
        counts = ", ".join(
            f"{len(found)} {what}"
            for found, what in ((self.findings, "findings"), (self.suppressed, "suppressed"), (self.baselined, "old"))
        )
        return f"<Verdict: {'failed' if self.failed else 'ok'}, {counts}>"

    @property
    def ok(self) -> bool:
        """No error remains."""
        return not self.failed

    @property
    def failed(self) -> bool:
        """An error remains in one of them."""
        return any(report.failed for report in self.reports)

    @property
    def project(self) -> Project:
        """The project of all the starts."""
        return self.reports[0].analysis.project

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What any report finds: the same thing at the same place once, as the first report tells it."""
        return _once(finding for report in self.reports for finding in report.findings)

    @property
    def suppressed(self) -> tuple[Finding, ...]:
        """What a comment accepts, each once."""
        return _once(finding for report in self.reports for finding in report.suppressed)

    @property
    def baselined(self) -> tuple[Finding, ...]:
        """What the baseline accepts, each once."""
        return _once(finding for report in self.reports for finding in report.baselined)

    def entries_of(self, finding: Finding) -> tuple[str, ...]:
        """The names of the starts that *finding* is about."""
        return tuple(self._concerned.get(_identity(finding), {}))

    @cached_property
    def _concerned(self) -> dict[_Identity, dict[str, None]]:
        found: dict[_Identity, dict[str, None]] = {}
        for report in self.reports:
            for one in (*report.findings, *report.suppressed, *report.baselined):
                found.setdefault(_identity(one), {})[report.analysis.name] = None
        return found


_Identity = tuple[str, Location, str, tuple[Location, ...]]


def _identity(finding: Finding) -> _Identity:
    return finding.code, finding.location, finding.subject, tuple(one.location for one in finding.statements)


def _once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    first: dict[_Identity, Finding] = {}
    for finding in findings:
        first.setdefault(_identity(finding), finding)
    return tuple(sorted(first.values(), key=_order))


def _order(finding: Finding) -> tuple[int, str, Location, str]:
    return finding.severity.rank, finding.code, finding.location, finding.subject


def selected_rules(select: tuple[str, ...], ignore: tuple[str, ...]) -> tuple[Rule, ...]:
    """The rules whose code begins with one of *select* (all, when that is empty) and with none of *ignore*.

    Raises ConfigError for a code that no rule has.
    """
    for key, codes in (("select", select), ("ignore", ignore)):
        for code in codes:
            demand_rule(code, "rules", key)
    return tuple(rule for rule in RULES if rule.code.startswith(select or ("",)) and not rule.code.startswith(ignore))


def demand_rule(code: str, place: str, key: str) -> None:
    """Raises ConfigError unless a rule's code is *code* or begins with it."""
    if not any(rule.code.startswith(code) for rule in RULES):
        raise ConfigError(place, key, f"no rule has the code {code}; `importguard rule` lists them")


def check(
    *analyses: Analysis, select: tuple[str, ...] = (), ignore: tuple[str, ...] = (), fresh: bool = False
) -> Verdict:
    """The rules' verdict on *analyses* of one project: the configured rules, narrowed by *select* and *ignore*.

    *fresh*: as if there were no baseline. Raises ConfigError for a code that no rule has, and for a committed file that
    cannot be read.
    """
    policies = [analysis.start.config for analysis in analyses]
    for analysis in analyses:
        for code in analysis.start.config.error:
            demand_rule(code, str(analysis.project.file), "error")
    chosen = [selected_rules(select or config.select, ignore or config.ignore) for config in policies]
    comments = _comments(analyses)
    subjects = [_subject(analysis, rules, comments) for analysis, rules in zip(analyses, chosen, strict=True)]
    exempt = [_exemptions(analysis.start) for analysis in analyses]
    found: list[list[Finding]] = [[] for _ in analyses]
    for rule in RULES:
        # A comment in a file of two starts is of use when one of them needs it.
        before = tuple(finding for each in found for finding in each)
        for index, subject in enumerate(subjects):
            if rule in chosen[index]:
                judged = rule.check(msgspec.structs.replace(subject, findings=before))
                severe = policies[index].error
                found[index] += [_raised(finding, severe) for finding in judged if not exempt[index](finding)]
    if not fresh:
        _add_unmatched(analyses, found, chosen)
    return Verdict(
        tuple(
            _report(analysis, subjects[index], sorted(found[index], key=_order), chosen[index], fresh)
            for index, analysis in enumerate(analyses)
        )
    )


def judge_unfinished(error: Unfinished, select: tuple[str, ...], ignore: tuple[str, ...]) -> Verdict:
    """What can be said of a start whose walk a bound has ended: what it loads, not what it does not load."""
    analysis = unfinished(error)
    config = error.start.config
    rules = selected_rules(select or config.select, ignore or config.ignore)
    chosen = tuple(rule for rule in rules if rule.code in _OF_WHAT_IS_LOADED)
    comments = _comments((analysis,))
    subject = _subject(analysis, chosen, comments)
    exempt = _exemptions(error.start)
    judged = [finding for rule in chosen for finding in rule.check(subject) if not exempt(finding)]
    found = [_raised(finding, config.error) for finding in judged]
    report = _report(analysis, subject, sorted(found, key=_order), chosen, False)
    return Verdict((msgspec.structs.replace(report, unfinished=str(error)),))


def _add_unmatched(
    analyses: Sequence[Analysis], found: list[list[Finding]], chosen: Sequence[tuple[Rule, ...]]
) -> None:
    """To the first start of each baseline a warning for every entry that none of its starts has, if all are judged."""
    sharing: dict[str, list[int]] = {}
    for index, analysis in enumerate(analyses):
        if analysis.start.config.baseline:
            sharing.setdefault(analysis.start.config.baseline, []).append(index)
    for name, indices in sharing.items():
        project = analyses[indices[0]].project
        judged = {rule.code for rule in chosen[indices[0]]}
        if StaleSuppression.code not in judged or not all(analyses[index].whole for index in indices):
            continue
        path = project.root / name
        there = [_named(one, project) for index in indices for one in found[index]]
        gone = [one for one in read_baseline(path).unmatched(there) if one.code in judged]
        lines = dict(lines_of(path)) if gone else {}
        found[indices[0]] += [
            unmatched(Location(str(path), lines.get(one.fingerprint, 1)), name, one.code, one.subject, one.path)
            for one in gone
        ]


def _named(finding: Finding, project: Project) -> tuple[str, str, str, set[str]]:
    """What a baseline knows *finding* by: fingerprint, code, subject, the files that it is about."""
    files = {project.relative(place.path) for place in _places(finding)}
    return finding.fingerprint(project.relative(finding.location.path)), finding.code, finding.subject, files


def _raised(finding: Finding, severe: tuple[str, ...]) -> Finding:
    """*finding* as an error, if `error` lists its code."""
    if not finding.code.startswith(severe or ("-",)):
        return finding
    return msgspec.structs.replace(finding, severity=Severity.ERROR)


def baseline_of(verdict: Verdict, findings: Iterable[Finding]) -> Baseline:
    """The baseline that accepts *findings* of *verdict*."""
    paths = ((one, verdict.project.relative(one.location.path)) for one in findings)
    accepted = {AcceptedFinding(path, one.code, one.subject, one.fingerprint(path)) for one, path in paths}
    return Baseline(SCHEMA, tuple(sorted(accepted)))


def _comments(analyses: tuple[Analysis, ...]) -> dict[str, tuple[Suppression, ...]]:
    """The suppressions in each of the project's files, which is read once at most."""
    found: dict[str, tuple[Suppression, ...]] = {}
    for analysis in analyses:
        for file in analysis.graph.trace.first_party_files:
            if file not in found:
                found[file] = () if file in analysis.unmarked else read_suppressions(file)
    return found


def plan_of(analysis: Analysis) -> Plan:
    """The plan of *analysis* as a report has it: without what a comment in the code accepts."""
    config = analysis.start.config
    comments = [one for found in _comments((analysis,)).values() for one in found]
    return plan.build(analysis.graph, policy(config), _eager_of(_accepted(comments)))


def _accepted(suppressions: Iterable[Suppression]) -> frozenset[tuple[Location, str]]:
    """The places and the codes that *suppressions* accept today."""
    today = datetime.date.today()
    return frozenset(
        (one.location, rule.code) for one in suppressions if one.holds(today) for rule in RULES if one.names(rule.code)
    )


def _eager_of(accepted: Iterable[tuple[Location, str]]) -> frozenset[Location]:
    return frozenset(place for place, code in accepted if code == EagerImport.code)


def _subject(analysis: Analysis, rules: tuple[Rule, ...], comments: Mapping[str, tuple[Suppression, ...]]) -> Subject:
    start, config = analysis.start, analysis.start.config
    path = manifest.manifest_path(start)
    judged = frozenset(rule.code for rule in rules)
    return Subject(
        start=start,
        graph=analysis.graph,
        plan=_plan(analysis),
        manifest=analysis.manifest,
        committed=manifest.read(path) if path is not None and path.is_file() else None,
        lock=read_lock(start.project.root / config.lock) if config.lock and GrownSet.code in judged else None,
        suppressions=tuple(one for file in analysis.graph.trace.first_party_files for one in comments[file]),
        judged=judged,
        codes=frozenset(rule.code for rule in RULES),
        bytecode=analysis.bytecode() if config.bytecode and MissingBytecode.code in judged else None,
        whole=analysis.whole,
    )


def _plan(analysis: Analysis) -> Plan:
    graph, wanted = analysis.graph, policy(analysis.start.config)
    return analysis.derived.value("plan", wanted, Plan, lambda: plan.build(graph, wanted))


def _exemptions(start: Start) -> Callable[[Finding], bool]:
    """Whether `per-path` leaves a finding out. Raises ConfigError for a pattern or a code that is none."""
    project, config = start.project, start.config
    if not config.per_path:
        return lambda _: False
    exempt = []
    for pattern, codes in config.per_path.items():
        for code in codes:
            demand_rule(code, str(project.file), f'per-path."{pattern}"')
        exempt.append((patterns(project, (pattern,), f'per-path."{pattern}"'), codes))
    return lambda finding: any(
        finding.code.startswith(codes) and all(spec.takes(project.relative(place.path)) for place in _places(finding))
        for spec, codes in exempt
    )


def _places(finding: Finding) -> list[Location]:
    """Where its statements are; else its one place."""
    return [one.location for one in finding.statements] or [finding.location]


def _report(analysis: Analysis, subject: Subject, found: list[Finding], rules: tuple[Rule, ...], fresh: bool) -> Report:
    project, config = analysis.project, analysis.start.config
    accepted = _accepted(subject.suppressions)
    old = read_baseline(project.root / config.baseline) if config.baseline and not fresh else None

    def is_suppressed(finding: Finding) -> bool:
        return all((place, finding.code) in accepted for place in _places(finding))

    def is_old(finding: Finding) -> bool:
        return old is not None and old.accepts(*_named(finding, project))

    suppressed = tuple(filter(is_suppressed, found))
    baselined = tuple(finding for finding in found if not is_suppressed(finding) and is_old(finding))
    left = [finding for finding in found if not is_suppressed(finding) and not is_old(finding)]
    left = sorted((_without(finding, accepted, analysis.graph) for finding in left), key=_order)
    eager = _eager_of(accepted)
    cut = {edge.site.location for step in subject.plan.steps for edge in step.statements}
    made = plan.build(analysis.graph, policy(config), eager) if cut & eager else subject.plan
    notes = (*_near(analysis.graph, made, config.heavy_ms), *_incomplete(analysis), *_stale(analysis), *_gaps(analysis))
    if old is not None and old.outdated:
        renew = "importguard check --write-baseline"
        notes += (f"{config.baseline} is of an earlier form; it holds, and `{renew}` renews it.",)
    return Report(analysis, made, tuple(left), suppressed, baselined, rules, notes)


def _without(finding: Finding, accepted: Set[tuple[Location, str]], graph: ModuleGraph) -> Finding:
    """*finding* with a promise that leaves its *accepted* statements where they are."""
    stay = [one for one in finding.statements if (one.location, finding.code) in accepted]
    if not stay:
        return finding
    go: tuple[Statement, ...] = tuple(one for one in finding.statements if one not in stay)
    saved = graph.saved_by({one.location for one in go})
    first = min(go, key=lambda one: one.location)
    cost_us = graph.cost_us(saved)
    return msgspec.structs.replace(
        finding,
        message=f"{finding.message}; a comment accepts {len(stay)} of the statements, without them "
        f"{cost_us / 1000:.0f} ms are saved",
        location=first.location,
        chain=first.chain,
        cost_us=cost_us,
        module_count=len(saved),
        statements=go,
    )


def _gaps(analysis: Analysis) -> Iterator[str]:
    """How many places could not be followed."""
    count = len(unfollowed(analysis.graph))
    if count:
        yield f"{count:,} place{'s' * (count != 1)} could not be followed: `importguard graph --unfollowed`."


def _stale(analysis: Analysis) -> tuple[str, ...]:
    """What runs have shown and does not hold any more."""
    return analysis.learned.stale if analysis.learned is not None else ()


def _incomplete(analysis: Analysis) -> Iterator[str]:
    """That more may load than the plan knows, where own code imports by names that nobody knows."""
    places = [f"{from_here(one.path, analysis.project)}:{one.line}" for one in analysis.graph.computed]
    if places:
        more = f" and {len(places) - 2} more" if len(places) > 2 else ""
        yield (
            f"the plan may be incomplete: {', '.join(places[:2])}{more} imports by a name that is computed, and what "
            "that loads is in no figure. `importguard verify` shows it."
        )


def _near(graph: ModuleGraph, made: Plan, heavy_ms: float) -> Iterator[str]:
    """What is estimated to cost nearly too much, where it has not been measured."""
    near = [
        f"{name} ({graph.cost_us(saved) / 1000:.0f} ms)"
        for name, saved in sorted(made.near, key=lambda one: -graph.cost_us(one[1]))
        if graph.cost_source(saved) == "estimated"
    ]
    if near:
        yield (
            f"near the limit of {heavy_ms:g} ms by estimate: {', '.join(near[:3])}. "
            "`importguard measure` gives real costs."
        )
