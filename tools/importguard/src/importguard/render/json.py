"""JSON for programs. The object of `graph` is a stable contract."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from importguard.analysis import Analysis
from importguard.collected import collected
from importguard.findings import Finding, Statement
from importguard.graph import ImportChain, ModuleGraph
from importguard.plan import Cut
from importguard.printable import inert_json
from importguard.project.start import Kind, Project
from importguard.render.collection import collection_object
from importguard.render.indented import indented
from importguard.render.summary import by_package
from importguard.render.target import interpreter
from importguard.rules.eager_import import statements_of
from importguard.startup.trace import LazyUse, Reach
from importguard.startup.trace.waited import waited_modules
from importguard.target.environment import Environment
from importguard.verdict import Report, Verdict

SCHEMA = 1


def render_graph(graph: ModuleGraph, environment: Environment | None = None) -> str:
    """`schema, entry, python, modules, sites, unresolved, stops`: what the main thread loads is `reach: eager`.

    `reach: waited` is what a thread loads while the start waits for it, which the start pays as well.

    With the *environment* that was looked at also `interpreter`.
    """
    return _dump(_graph(graph, environment))


def render_graphs(analyses: Sequence[Analysis]) -> str:
    """`schema, entries`: the object of `render_graph` for each start, by its name."""
    return _dump({"schema": SCHEMA, "entries": {one.name: _graph(one.graph, one.environment) for one in analyses}})


def _graph(graph: ModuleGraph, environment: Environment | None) -> dict[str, Any]:
    trace = graph.trace
    waited = waited_modules(trace)
    modules = [
        {
            "name": module.name,
            "origin": module.origin,
            "path": module.path,
            "reach": "waited" if module.name in waited and module.reach is Reach.EAGER else module.reach,
            "certainty": module.certainty,
            "imported_by": module.loaded_by,
            "line": module.site.location.line if module.site else None,
            "cost_us": graph.cost_of(module.name).self_us,
            **(_lazy_use(graph.lazy_use(module.site.location), None) if module.site else {}),
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
    stops = [
        {"path": stop.location.path, "line": stop.location.line, "reason": stop.reason}
        for stop in sorted(trace.stops, key=lambda stop: stop.location)
    ]
    entry = {"name": trace.entry, "path": trace.entry_path}
    return {
        "schema": SCHEMA,
        "entry": entry,
        "python": trace.python,
        **({"interpreter": interpreter(environment)} if environment is not None else {}),
        "modules": modules,
        "sites": sites,
        "unresolved": unresolved,
        "stops": stops,
        "assumptions": _assumptions(graph),
        **_ready(graph, None),
    }


def _ready(graph: ModuleGraph, project: Project | None) -> dict[str, Any]:
    """`ready`: the place where the start is over, if the program says so, and the code that comes to it."""
    ready = graph.trace.ready
    if ready is None:
        return {}
    path = ready.location.path if project is None else project.relative(ready.location.path)
    return {"ready": {"point": ready.point, "path": path, "line": ready.location.line}}


def render_verdict(verdict: Verdict, against: dict[str, Any] | None = None) -> str:
    """`schema, root, ok, entries, findings, suppressed`, and for a single start also its own `entry, modules, cost_us,
    plan, notes`. A finding is there once and names its `entries`. Paths are relative to `root`. *against* is what
    `check --against` adds.
    """
    entries = [_entry(report) for report in verdict.reports]
    return _dump(
        {
            "schema": SCHEMA,
            "root": str(verdict.project.root),
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
        "interpreter": interpreter(report.analysis.environment),
        "assumptions": _assumptions(graph),
        "plan": _plan(report),
        "notes": list(report.notes),
        **_ready(graph, report.analysis.project),
        **_collection(report),
    }


def _collection(report: Report) -> dict[str, Any]:
    """`collection`: what each file of tests needs, where the start is one of pytest's."""
    if report.analysis.start.kind is not Kind.PYTEST:
        return {}
    return {"collection": collection_object(collected(report.analysis.graph), report.analysis.project)}


def _assumptions(graph: ModuleGraph) -> list[dict[str, Any]]:
    """What was assumed of the environment variables that the start asks for."""
    return [
        {"variable": one.name, "taken": one.taken, "value": one.value, "asked_by": one.module}
        for one in graph.trace.assumptions
    ]


def _plan(report: Report) -> dict[str, Any]:
    """The `steps` in order; `allowed`, `conditional` and `rest`, by package: with the steps they are the start.

    `incomplete`: where own code imports by a name that nobody knows, so that more may load.
    """
    graph, project, plan = report.analysis.graph, report.analysis.project, report.plan

    def part(names: Iterable[str]) -> list[dict[str, Any]]:
        packages = [
            {"subject": name, "cost_us": graph.cost_us(found), "modules": len(found)}
            for name, found in by_package(graph, names).items()
        ]
        return sorted(packages, key=lambda one: -one["cost_us"])

    steps = [
        {
            "subject": step.subject,
            "statements": [
                {"path": project.relative(edge.site.location.path), "line": edge.site.location.line}
                for edge in step.statements
            ],
            "saves_us": graph.cost_us(step.saved),
            "modules": len(step.saved),
            "remains_us": graph.cost_us(step.remains),
            "remains_modules": len(step.remains),
            "shared_by": list(step.sharers),
        }
        for step in plan.steps
    ]
    parts = {"allowed": plan.allowed, "conditional": plan.conditional, "rest": plan.rest}
    unknown = [{"path": project.relative(one.path), "line": one.line} for one in graph.computed]
    return {"steps": steps, **{key: part(names) for key, names in parts.items()}, "incomplete": unknown}


def _finding(finding: Finding, verdict: Verdict) -> dict[str, Any]:
    project = verdict.project
    path = project.relative(finding.location.path)
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
        "statements": [_statement(one, project) for one in finding.statements],
        "chain": _chain(finding.chain, project),
        **({"thread_chain": _chain(finding.thread_chain, project)} if finding.thread_chain is not None else {}),
    }


def _statement(one: Statement, project: Project) -> dict[str, Any]:
    return {
        "path": project.relative(one.location.path),
        "line": one.location.line,
        "saves_us": one.saves_us,
        "modules": one.modules,
        **_lazy_use(one.lazy, project),
        "chain": _chain(one.chain, project),
    }


def _lazy_use(use: LazyUse | None, project: Project | None) -> dict[str, Any]:
    """`lazy`: where the name was bound that the statement uses, and who reads an annotation there. Else nothing."""
    if use is None:
        return {}
    path = use.since.path if project is None else project.relative(use.since.path)
    return {"lazy": {"path": path, "line": use.since.line, "reader": use.reader or None}}


def _chain(chain: ImportChain | None, project: Project) -> list[dict[str, Any]]:
    return [
        {
            "importer": step.importer,
            "imported": step.imported,
            "path": project.relative(step.site.location.path),
            "line": step.site.location.line,
        }
        for step in (chain.steps if chain else ())
    ]


def render_cuts(found: Sequence[tuple[Analysis, str, Sequence[Cut]]], name: str) -> str:
    """`schema, root, name, entries`: of each start how it reaches *name*, and the sets of statements to cut."""
    entries = []
    for analysis, reach, cuts in found:
        graph, project = analysis.graph, analysis.project
        entries.append(
            {
                "entry": analysis.name,
                "reach": reach or None,
                "cuts": [
                    {
                        "statements": [_statement(one, project) for one in statements_of(graph, cut)],
                        "saves_us": graph.cost_us(cut.saved),
                        "modules": len(cut.saved),
                    }
                    for cut in cuts
                ],
            }
        )
    return _dump({"schema": SCHEMA, "root": str(found[0][0].project.root), "name": name, "entries": entries})


def _dump(data: dict[str, Any]) -> str:
    return inert_json(indented(data))  # ASCII: what a terminal would obey becomes an escape
