"""One analysis from entry to findings. Reads the project; prints nothing."""

from __future__ import annotations

import re
import time
from pathlib import Path

import msgspec

from importguard import manifest
from importguard.config import Project
from importguard.environment import default_python, probe
from importguard.errors import ConfigError
from importguard.finder import read_source
from importguard.findings import Finding, Severity
from importguard.graph import ModuleGraph
from importguard.rules import RULES, Subject
from importguard.startup import Options, trace_module, trace_script
from importguard.warmup import WarmupManifest

_SUPPRESSION = re.compile(rb"#\s*importguard:\s*ignore\[([A-Z0-9, ]+)\]")


class Analysis(msgspec.Struct, frozen=True):
    """A project's start and how long it took to work out."""

    project: Project
    graph: ModuleGraph
    manifest: WarmupManifest
    elapsed_s: float


class Report(msgspec.Struct, frozen=True):
    """The rules' verdict. `suppressed` are findings that a comment in the code accepts."""

    analysis: Analysis
    findings: tuple[Finding, ...]
    suppressed: tuple[Finding, ...]

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
    graph = ModuleGraph(trace)
    return Analysis(project, graph, manifest.build(graph, project), time.perf_counter() - began)


def check(analysis: Analysis) -> Report:
    """Applies the selected rules, errors first, then by place."""
    config = analysis.project.config
    path = manifest.manifest_path(analysis.project)
    committed = manifest.read(path) if path is not None and path.is_file() else None
    subject = Subject(analysis.project, analysis.graph, analysis.manifest, committed)
    found = [
        finding
        for rule in RULES
        if (not config.select or rule.code in config.select) and rule.code not in config.ignore
        for finding in rule.check(subject)
    ]
    found.sort(key=lambda finding: (finding.severity, finding.code, finding.location))
    suppressed = tuple(finding for finding in found if _is_suppressed(finding))
    return Report(analysis, tuple(finding for finding in found if finding not in suppressed), suppressed)


def _is_suppressed(finding: Finding) -> bool:
    try:
        lines = read_source(finding.location.path).splitlines()
    except OSError:
        return False
    line = lines[finding.location.line - 1] if 0 < finding.location.line <= len(lines) else b""
    match = _SUPPRESSION.search(line)
    return match is not None and finding.code in [code.strip() for code in match[1].decode().split(",")]
