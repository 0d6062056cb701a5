"""JSON for programs. The object of `graph` is a stable contract."""

from __future__ import annotations

import json
from typing import Any

from importguard.check import Analysis, Report
from importguard.findings import Finding
from importguard.graph import ModuleGraph

SCHEMA = 1


def render_graph(graph: ModuleGraph) -> str:
    """`schema, entry, python, modules, sites, unresolved`: what the start loads is `reach: eager`."""
    trace = graph.trace
    modules = [
        {
            "name": module.name,
            "origin": module.origin,
            "path": module.path,
            "reach": module.reach,
            "certainty": module.certainty,
            "imported_by": module.loaded_by,
            "line": module.site.location.line if module.site else None,
            "cost_us": graph.cost_of(module.name).self_us,
        }
        for module in trace.modules
    ]
    sites = [
        {
            "importer": site.importer,
            "imported": site.imported,
            "kind": site.kind,
            "path": site.location.path,
            "line": site.location.line,
            "scope": list(site.scope),
            "optional": site.optional,
        }
        for site in trace.sites
    ]
    unresolved = [
        {
            "name": one.name,
            "path": one.site.location.path,
            "line": one.site.location.line,
            "optional": one.site.optional,
            "reason": one.reason,
        }
        for one in trace.unresolved
    ]
    entry = {"name": trace.entry, "path": trace.entry_path}
    return _dump(
        {
            "schema": SCHEMA,
            "entry": entry,
            "python": trace.python,
            "modules": modules,
            "sites": sites,
            "unresolved": unresolved,
        }
    )


def render_report(report: Report) -> str:
    """`schema, entry, ok, modules, cost_us, elapsed_ms, findings, suppressed`."""
    analysis = report.analysis
    graph = analysis.graph
    return _dump(
        {
            "schema": SCHEMA,
            "entry": analysis.manifest.entry,
            "ok": not report.failed,
            "modules": len(graph.eager),
            "cost_us": graph.cost_us(graph.eager),
            "elapsed_ms": round(analysis.elapsed_s * 1000),
            "findings": [_finding(finding, analysis) for finding in report.findings],
            "suppressed": [_finding(finding, analysis) for finding in report.suppressed],
        }
    )


def _finding(finding: Finding, analysis: Analysis) -> dict[str, Any]:
    project = analysis.project
    path = project.relative(finding.location.path)
    steps = finding.chain.steps if finding.chain else ()
    return {
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "path": path,
        "line": finding.location.line,
        "subject": finding.subject,
        "cost_us": finding.cost_us,
        "cost_source": finding.cost_source,
        "modules": finding.module_count,
        "fix_hint": finding.fix_hint,
        "fingerprint": finding.fingerprint(path),
        "chain": [
            {
                "importer": step.importer,
                "imported": step.imported,
                "path": project.relative(step.site.location.path),
                "line": step.site.location.line,
            }
            for step in steps
        ],
    }


def _dump(data: dict[str, Any]) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False)
