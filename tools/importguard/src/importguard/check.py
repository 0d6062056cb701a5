"""One analysis from entry to findings. Reads the project; prints nothing."""

from __future__ import annotations

import datetime
import time
from pathlib import Path

import msgspec

from importguard import manifest
from importguard.config import Project
from importguard.costs.measured import FILE, installed_versions, read_costs
from importguard.environment import default_python, probe
from importguard.errors import ConfigError
from importguard.findings import Finding, Severity
from importguard.graph import ModuleGraph
from importguard.lock import read_baseline, read_lock
from importguard.rules import RULES, Rule, Subject
from importguard.startup import Options, trace_module, trace_script
from importguard.suppressions import read_suppressions
from importguard.warmup import WarmupManifest


class Analysis(msgspec.Struct, frozen=True):
    """A project's start and how long it took to work out."""

    project: Project
    graph: ModuleGraph
    manifest: WarmupManifest
    elapsed_s: float


class Report(msgspec.Struct, frozen=True):
    """The rules' verdict. `suppressed` are findings that a comment in the code accepts, `baselined` the old ones."""

    analysis: Analysis
    findings: tuple[Finding, ...]
    suppressed: tuple[Finding, ...]
    baselined: tuple[Finding, ...] = ()
    rules: tuple[Rule, ...] = ()  # those that were applied

    @property
    def failed(self) -> bool:
        """An error remains."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)


def analyse(
    project: Project, script: str | None = None, module: str | None = None, python: str | None = None
) -> Analysis:
    """Works out the start of *script* or *module*, else of the configured entry.

    Raises ConfigError when there is no entry, EnvironmentProbeError when *python* does not answer.
    """
    began = time.perf_counter()
    config = project.config
    if script is None and module is None:
        script = str(project.root / config.entry) if config.entry else None
        module = config.module
        if script is None and module is None:
            place = str(project.file or project.root)
            raise ConfigError(
                place, "entry", 'no entry to analyse; pass SCRIPT or --module NAME, or set entry = "app.py"'
            )
    environment = probe(python or config.python or default_python())
    options = Options(frozenset(config.warm_calls), config.lazy_imports)
    root = project.root
    if script is not None:
        path = Path(script)
        if not path.is_file():
            raise ConfigError(script, "", "no such file; pass the script that starts the application")
        trace = trace_script(path.resolve(), environment, project_root=root, options=options)
    else:
        trace = trace_module(str(module), environment, project_root=root, options=options)
    file = root / FILE
    costs = read_costs(file) if file.is_file() else None
    measured = costs.valid_in(environment, installed_versions(environment)) if costs else {}
    graph = ModuleGraph(trace, measured)
    # Unlike the graph's costs, those of the manifest are the committed ones on every machine: its bytes are committed.
    asked_for = manifest.build(graph, project, costs.warmed_us if costs else None)
    return Analysis(project, graph, asked_for, time.perf_counter() - began)


def selected_rules(select: tuple[str, ...], ignore: tuple[str, ...]) -> tuple[Rule, ...]:
    """The rules whose code begins with one of *select* (all, when that is empty) and with none of *ignore*.

    Raises ConfigError for a code that no rule has.
    """
    for key, codes in (("select", select), ("ignore", ignore)):
        for code in codes:
            if not any(rule.code.startswith(code) for rule in RULES):
                raise ConfigError("rules", key, f"no rule has the code {code}; `importguard rule` lists them")
    return tuple(rule for rule in RULES if rule.code.startswith(select or ("",)) and not rule.code.startswith(ignore))


def check(
    analysis: Analysis, select: tuple[str, ...] = (), ignore: tuple[str, ...] = (), *, fresh: bool = False
) -> Report:
    """Applies the rules, errors first, then by place. *select* and *ignore* take the place of the configured ones.

    *fresh* leaves the baseline aside. Raises ConfigError for a committed file that cannot be used.
    """
    config = analysis.project.config
    rules = selected_rules(select or config.select, ignore or config.ignore)
    project, graph = analysis.project, analysis.graph
    path = manifest.manifest_path(project)
    committed = manifest.read(path) if path is not None and path.is_file() else None
    lock = read_lock(project.root / config.lock) if config.lock else None
    suppressions = tuple(one for file in graph.trace.first_party_files for one in read_suppressions(file))
    judged = frozenset(rule.code for rule in rules)
    subject = Subject(project, graph, analysis.manifest, committed, lock, suppressions, (), judged)
    found: list[Finding] = []
    for rule in rules:
        found += rule.check(msgspec.structs.replace(subject, findings=tuple(found)))
    found.sort(key=lambda finding: (finding.severity, finding.code, finding.location))
    today = datetime.date.today()
    accepted = {(one.location, code) for one in suppressions if one.holds(today) for code in one.codes}
    suppressed = tuple(finding for finding in found if (finding.location, finding.code) in accepted)
    old = read_baseline(project.root / config.baseline).findings if config.baseline and not fresh else ()
    known = {one.fingerprint for one in old}
    baselined = tuple(
        finding
        for finding in found
        if finding not in suppressed and finding.fingerprint(project.relative(finding.location.path)) in known
    )
    left = tuple(finding for finding in found if finding not in suppressed and finding not in baselined)
    return Report(analysis, left, suppressed, baselined, rules)
