"""Text for people, in colour where the terminal has it (NO_COLOR and FORCE_COLOR are honoured)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from importguard.analysis import Analysis
from importguard.findings import Finding, Severity, Statement
from importguard.graph import ImportChain, ModuleGraph
from importguard.plan import Cut
from importguard.printable import counted, plain
from importguard.project.repository import from_here
from importguard.project.start import Project
from importguard.render.markup import shown
from importguard.render.summary import notes, summary
from importguard.rules.lazy_uses import said_of
from importguard.source.import_site import Location
from importguard.startup.trace import Origin
from importguard.verdict import Verdict
from importguard.watch import Round

_MOST = 200  # findings: nobody reads more, and each takes a millisecond to print
_STATEMENTS = 10  # of one finding
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}


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
    colour = _COLOURS[finding.severity]
    word = "" if finding.severity is Severity.ERROR else f" {finding.severity}:"
    console.print(
        f"[bold]{shown(_place(finding.location, project))}[/]: [bold {colour}]{finding.code}[/]{word} {message}",
        soft_wrap=True,
    )
    if len(finding.statements) > 1:
        _print_statements(finding, project, console)
    else:
        _print_chain(finding.chain, project, console)
    if finding.thread_chain is not None:
        console.print("    [dim]in the thread:[/]")
        _print_chain(finding.thread_chain, project, console)
    if finding.cost_us is not None:
        console.print(
            f"    [dim]cost:[/] {finding.cost_us / 1000:,.0f} ms {finding.cost_source}, "
            f"{counted(finding.module_count or 0, 'module')}"
        )
    console.print(f"    [dim]fix:[/]  {shown(finding.fix_hint)}", soft_wrap=True)


def _print_statements(finding: Finding, project: Project, console: Console) -> None:
    """Each statement that has to go: its place, what it saves alone, and how the start gets there."""
    for one in finding.statements[:_STATEMENTS]:
        console.print(
            f"    {shown(_place(one.location, project))}  [dim]alone {one.saves_us / 1000:,.0f} ms;[/] "
            f"[dim]{shown(_names(one.chain))}{shown(_lazy(one, project))}[/]",
            soft_wrap=True,
        )
    if len(finding.statements) > _STATEMENTS:
        console.print(f"    [dim]and {len(finding.statements) - _STATEMENTS} more; --format json lists them all[/]")


def _lazy(one: Statement, project: Project) -> str:
    return f"; {said_of(one.lazy, one.location, project)}" if one.lazy is not None else ""


def _print_chain(chain: ImportChain | None, project: Project, console: Console) -> None:
    for depth, step in enumerate(chain.steps if chain else ()):
        place = _place(step.site.location, project)
        console.print(
            f"    {'  ' * depth}{shown(step.importer)} [dim]→[/] {shown(step.imported)}  [dim]{shown(place)}[/]",
            soft_wrap=True,
        )


def _names(chain: ImportChain) -> str:
    """`app → views → pandas`."""
    return " → ".join((chain.steps[0].importer, *(step.imported for step in chain.steps)))


def _place(location: Location, project: Project) -> str:
    """`src/gui_2.py:9`, from the current folder."""
    return f"{plain(from_here(location.path, project))}:{location.line}"


def print_cuts(graph: ModuleGraph, name: str, cuts: Sequence[Cut], project: Project, console: Console) -> None:
    """The statements to remove so that the start does not load *name*: each set with its chains and saving."""
    exclusive = graph.exclusive_to(name)
    cost_us, count = graph.cost_us(exclusive), len(exclusive)
    console.print(
        f"[bold]{shown(name)}[/] is loaded at startup; only it brings in {count:,} module{'s' * (count != 1)}, "
        f"about {cost_us / 1000:,.0f} ms.\n"
    )
    for cut in cuts:
        one = len(cut.statements) == 1
        saving = f"saves {graph.cost_us(cut.saved) / 1000:,.0f} ms, {counted(len(cut.saved), 'module')}"
        console.print(
            f"[bold]Cut {'this statement' if one else f'these {len(cut.statements)} statements'}[/]: {saving}"
        )
        for edge, alone in zip(cut.statements, cut.alone, strict=True):
            place = _place(edge.site.location, project)
            single = "" if one else f"alone {graph.cost_us(alone) / 1000:,.0f} ms; "
            names = _names(graph.chain_through(edge))
            lazy = said_of(graph.lazy_use(edge.site.location), edge.site.location, project)
            names = f"{names}; {lazy}" if lazy else names
            console.print(f"  {shown(place)}  [dim]{single}{shown(names)}[/]", soft_wrap=True)
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
        use = graph.lazy_use(module.site.location) if module.site else None
        by += f", lazy since line {use.since.line}" if use is not None else ""
        doubt = f" [yellow]{module.certainty}[/]" if module.certainty != "certain" else ""
        console.print(f"  {shown(module.name)}{doubt}  [dim]{shown(by)}[/]", soft_wrap=True)
    for one in graph.trace.unresolved:
        if not one.site.optional:
            console.print(f"  [yellow]unresolved[/] {shown(one.name)}: {shown(one.reason)}", soft_wrap=True)
