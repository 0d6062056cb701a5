"""JSON for programs. The object of `graph` is a stable contract."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from importguard.analysis import Analysis
from importguard.findings import Finding
from importguard.graph import ModuleGraph
from importguard.printable import inert_json
from importguard.verdict import Report, Verdict

SCHEMA = 1


def render_graph(graph: ModuleGraph) -> str:
    """`schema, entry, python, modules, sites, unresolved`: what the start loads is `reach: eager`."""
    return _dump(_graph(graph))


def render_graphs(analyses: Sequence[Analysis]) -> str:
    """`schema, entries`: the object of `render_graph` for each start, by its name."""
    return _dump({"schema": SCHEMA, "entries": {one.name: _graph(one.graph) for one in analyses}})


def _graph(graph: ModuleGraph) -> dict[str, Any]:
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
    return {
        "schema": SCHEMA,
        "entry": entry,
        "python": trace.python,
        "modules": modules,
        "sites": sites,
        "unresolved": unresolved,
    }


def render_verdict(verdict: Verdict, against: dict[str, Any] | None = None) -> str:
    """`schema, ok, entries, findings, suppressed`, and for a single start also its own `entry, modules, cost_us,
    elapsed_ms`. A finding stands once and names its `entries`. *against* is what `check --against` adds.
    """
    entries = [_entry(report) for report in verdict.reports]
    return _dump(
        {
            "schema": SCHEMA,
            **(entries[0] if len(entries) == 1 else {}),
            "ok": not verdict.failed,
            "entries": entries,
            "findings": [_finding(finding, verdict) for finding in verdict.findings],
            "suppressed": [_finding(finding, verdict) for finding in verdict.suppressed],
            **({"against": against} if against is not None else {}),
        }
    )


def _entry(report: Report) -> dict[str, Any]:
    graph = report.analysis.graph
    return {
        "entry": report.analysis.name,
        "ok": not report.failed,
        "modules": len(graph.eager),
        "cost_us": graph.cost_us(graph.eager),
        "elapsed_ms": round(report.analysis.elapsed_s * 1000),
    }


def _finding(finding: Finding, verdict: Verdict) -> dict[str, Any]:
    project = verdict.project
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
        "entries": list(verdict.entries_of(finding)),
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
    return inert_json(json.dumps(data, indent=2))  # ASCII: what a terminal would obey stands as an escape
