"""The rules' verdict on starts that have been worked out. Reads what the project commits; prints nothing."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

import msgspec

from importguard import manifest
from importguard.analysis import Analysis
from importguard.errors import ConfigError
from importguard.findings import Finding, Severity
from importguard.graph import ModuleGraph
from importguard.project.lock import SCHEMA, AcceptedFinding, Baseline, read_baseline, read_lock
from importguard.project.start import Project, Start
from importguard.rules import RULES, Rule, Subject
from importguard.rules.grown_set import GrownSet
from importguard.rules.subject import patterns
from importguard.source.import_site import Location
from importguard.source.suppressions import Suppression, read_suppressions
from importguard.startup.trace import Unfinished
from importguard.warmup import WarmupManifest

_OF_WHAT_IS_LOADED = frozenset({"IG101", "IG201", "IG401", "IG501", "IG502"})  # rules that need no whole start


class Report(msgspec.Struct, frozen=True):
    """The rules' verdict. `suppressed` are findings that a comment in the code accepts, `baselined` the old ones."""

    analysis: Analysis
    findings: tuple[Finding, ...]
    suppressed: tuple[Finding, ...]
    baselined: tuple[Finding, ...] = ()
    rules: tuple[Rule, ...] = ()  # those that were applied
    unfinished: str = ""  # why the start was not worked out to its end, where it was not

    @property
    def failed(self) -> bool:
        """An error remains, or nobody knows."""
        return bool(self.unfinished) or any(finding.severity is Severity.ERROR for finding in self.findings)


class Verdict(msgspec.Struct, frozen=True, dict=True):
    """The reports of all starts that were judged together, in the order of the configuration."""

    reports: tuple[Report, ...]

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
    def _concerned(self) -> dict[tuple[str, Location, str], dict[str, None]]:
        found: dict[tuple[str, Location, str], dict[str, None]] = {}
        for report in self.reports:
            for one in (*report.findings, *report.suppressed, *report.baselined):
                found.setdefault(_identity(one), {})[report.analysis.name] = None
        return found


def _identity(finding: Finding) -> tuple[str, Location, str]:
    return finding.code, finding.location, finding.subject


def _once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    first: dict[tuple[str, Location, str], Finding] = {}
    for finding in findings:
        first.setdefault(_identity(finding), finding)
    return tuple(sorted(first.values(), key=_order))


def _order(finding: Finding) -> tuple[Severity, str, Location]:
    return finding.severity, finding.code, finding.location


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
                found[index] += [finding for finding in judged if not exempt[index](finding)]
    return Verdict(
        tuple(
            _report(analysis, subjects[index], sorted(found[index], key=_order), chosen[index], fresh)
            for index, analysis in enumerate(analyses)
        )
    )


def judge_unfinished(error: Unfinished, select: tuple[str, ...], ignore: tuple[str, ...]) -> Verdict:
    """What can be said of a start whose walk a bound has ended: what it loads, not what it does not load."""
    analysis = Analysis(
        error.start, ModuleGraph(error.trace), WarmupManifest.of((), entry=error.start.target), 0.0, False
    )
    config = error.start.config
    rules = selected_rules(select or config.select, ignore or config.ignore)
    chosen = tuple(rule for rule in rules if rule.code in _OF_WHAT_IS_LOADED)
    comments = _comments((analysis,))
    subject = _subject(analysis, chosen, comments)
    exempt = _exemptions(error.start)
    found = [finding for rule in chosen for finding in rule.check(subject) if not exempt(finding)]
    report = _report(analysis, subject, sorted(found, key=_order), chosen, False)
    return Verdict((msgspec.structs.replace(report, unfinished=str(error)),))


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


def _subject(analysis: Analysis, rules: tuple[Rule, ...], comments: Mapping[str, tuple[Suppression, ...]]) -> Subject:
    start, config = analysis.start, analysis.start.config
    path = manifest.manifest_path(start)
    judged = frozenset(rule.code for rule in rules)
    return Subject(
        start=start,
        graph=analysis.graph,
        manifest=analysis.manifest,
        committed=manifest.read(path) if path is not None and path.is_file() else None,
        lock=read_lock(start.project.root / config.lock) if config.lock and GrownSet.code in judged else None,
        suppressions=tuple(one for file in analysis.graph.trace.first_party_files for one in comments[file]),
        judged=judged,
        whole=analysis.whole,
    )


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
        finding.code.startswith(codes) and spec.match_file(project.relative(finding.location.path))
        for spec, codes in exempt
    )


def _report(analysis: Analysis, subject: Subject, found: list[Finding], rules: tuple[Rule, ...], fresh: bool) -> Report:
    project = analysis.project
    today = datetime.date.today()
    accepted = {(one.location, code) for one in subject.suppressions if one.holds(today) for code in one.codes}
    suppressed = tuple(finding for finding in found if (finding.location, finding.code) in accepted)
    baseline = analysis.start.config.baseline
    old = read_baseline(project.root / baseline).findings if baseline and not fresh else ()
    known = {one.fingerprint for one in old}
    baselined = tuple(
        finding
        for finding in found
        if finding not in suppressed and finding.fingerprint(project.relative(finding.location.path)) in known
    )
    left = tuple(finding for finding in found if finding not in suppressed and finding not in baselined)
    return Report(analysis, left, suppressed, baselined, rules)
