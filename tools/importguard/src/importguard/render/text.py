"""Text for people, in colour where the terminal has it (NO_COLOR and FORCE_COLOR are honoured)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from importguard.analysis import Analysis
from importguard.findings import Finding, Severity
from importguard.graph import Cut, ModuleGraph
from importguard.printable import plain
from importguard.project.start import Project
from importguard.render.markup import shown
from importguard.render.summary import notes, summary
from importguard.source.import_site import Location
from importguard.startup.trace import Origin
from importguard.verdict import Verdict
from importguard.watch import Round

_MOST = 200  # findings: nobody reads more, and each takes a millisecond to print


def print_verdict(verdict: Verdict, console: Console, sentences: Sequence[str] = ()) -> None:
    """The findings with their chains, where the time goes, a verdict a start, and *sentences* as notes."""
    for finding in verdict.findings[:_MOST]:
        _print_finding(finding, verdict.project, console)
        concerned = verdict.entries_of(finding)
        if len(concerned) < len(verdict.reports):
            console.print(f"    [dim]in:[/]   {shown(', '.join(concerned))}", soft_wrap=True)
        console.print()
    _print_rest(len(verdict.findings), console)
    for report in verdict.reports:
        for line in summary(report):
            console.print(Text.assemble(*line), soft_wrap=True)
    for line in notes(sentences):
        console.print(Text.assemble(*line), soft_wrap=True)


def print_round(found: Round, console: Console) -> None:
    """What a check says that the one before did not, and its verdict."""
    if found.verdict is None:
        return
    project = found.verdict.project
    print_findings(found.added, project, console)
    for finding in found.gone:
        place, message = shown(_place(finding.location, project)), shown(finding.message)
        console.print(f"[green]gone[/] {place}: {finding.code} {message}", soft_wrap=True)
    for report in found.verdict.reports:
        console.print(Text.assemble(*summary(report)[-1]), soft_wrap=True)


def print_findings(findings: Iterable[Finding], project: Project, console: Console) -> None:
    """The findings, each with its chain, cost and remedy."""
    listed = list(findings)
    for finding in listed[:_MOST]:
        _print_finding(finding, project, console)
        console.print()
    _print_rest(len(listed), console)


def _print_rest(count: int, console: Console) -> None:
    if count > _MOST:
        console.print(f"… and {count - _MOST:,} more findings; --format json has them all.\n")


def _print_finding(finding: Finding, project: Project, console: Console) -> None:
    message = shown(finding.message)
    colour = "red" if finding.severity is Severity.ERROR else "yellow"
    console.print(
        f"[bold]{shown(_place(finding.location, project))}[/]: [bold {colour}]{finding.code}[/] {message}",
        soft_wrap=True,
    )
    for depth, step in enumerate(finding.chain.steps if finding.chain else ()):
        place = _place(step.site.location, project)
        console.print(
            f"    {'  ' * depth}{shown(step.importer)} [dim]→[/] {shown(step.imported)}  [dim]{shown(place)}[/]",
            soft_wrap=True,
        )
    if finding.cost_us is not None:
        console.print(
            f"    [dim]cost:[/] {finding.cost_us / 1000:,.0f} ms {finding.cost_source}, "
            f"{finding.module_count or 0:,} modules"
        )
    console.print(f"    [dim]fix:[/]  {shown(finding.fix_hint)}", soft_wrap=True)


def _place(location: Location, project: Project) -> str:
    """`src/gui_2.py:9`, relative to the project."""
    return f"{plain(project.relative(location.path))}:{location.line}"


def print_cuts(graph: ModuleGraph, name: str, cuts: Iterable[Cut], project: Project, console: Console) -> None:
    """The statements to remove so that the start does not load *name*: each set with its chains and saving."""
    exclusive = graph.exclusive_to(name)
    cost_us, count = graph.cost_us(exclusive), len(exclusive)
    console.print(
        f"[bold]{shown(name)}[/] is loaded at startup; only it brings in {count:,} modules, "
        f"about {cost_us / 1000:,.0f} ms.\n"
    )
    for cut in cuts:
        one = len(cut.edges) == 1
        saving = f"saves {graph.cost_us(cut.saved) / 1000:,.0f} ms, {len(cut.saved):,} modules"
        console.print(f"[bold]Cut {'this statement' if one else f'these {len(cut.edges)} statements'}[/]: {saving}")
        for edge in cut.edges:
            chain = graph.chain_through(edge)
            names = " → ".join((chain.steps[0].importer, *(step.imported for step in chain.steps)))
            place = _place(edge.site.location, project)
            console.print(f"  {shown(place)}  [dim]{shown(names)}[/]", soft_wrap=True)
        console.print()


def print_graphs(analyses: Sequence[Analysis], console: Console) -> None:
    """Counts by origin, then the eager modules in load order, for each start."""
    for one in analyses:
        if len(analyses) > 1:
            console.print(f"[bold]{shown(one.name)}[/]")
        _print_graph(one.graph, console)


def _print_graph(graph: ModuleGraph, console: Console) -> None:
    counts = dict.fromkeys(Origin, 0)
    for module in graph.trace.modules:
        counts[module.origin] += module.name in graph.eager
    summary = ", ".join(f"{count:,} {origin}" for origin, count in counts.items())
    console.print(f"[bold]{len(graph.eager):,}[/] modules at startup: {summary}")
    for module in graph.trace.modules:
        if module.name not in graph.eager:
            continue
        by = f"{module.loaded_by}:{module.site.location.line}" if module.loaded_by and module.site else ""
        doubt = " [yellow]possible[/]" if module.certainty == "possible" else ""
        console.print(f"  {shown(module.name)}{doubt}  [dim]{shown(by)}[/]", soft_wrap=True)
    for one in graph.trace.unresolved:
        if not one.site.optional:
            console.print(f"  [yellow]unresolved[/] {shown(one.name)}: {shown(one.reason)}", soft_wrap=True)
