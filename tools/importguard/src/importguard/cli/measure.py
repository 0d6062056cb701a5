"""`importguard measure`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from importguard.cli.entry import analyse_entry, entry_options

if TYPE_CHECKING:
    from importguard.check import Analysis
    from importguard.costs.measured import MeasuredCosts


@click.command()
@entry_options
@click.option("--runs", type=click.IntRange(1, 99), default=5, show_default=True, help="Fresh processes; their median.")
@click.option("--timeout", type=click.FloatRange(min=1), default=120.0, show_default=True, help="Seconds for each.")
@click.pass_context
def measure(  # noqa: PLR0917  click passes them by name
    context: click.Context, script: str | None, module: str | None, python: str | None, runs: int, timeout: float
) -> int:
    """Measure what the start and the warmup import, in the target interpreter: this runs those modules.

    Writes importguard.costs.json beside importguard.toml. A script itself is not run, only the modules it imports are.
    """
    import msgspec
    from rich.console import Console
    from rich.progress import Progress

    from importguard.costs.measured import FILE, write_costs
    from importguard.costs.measuring import measure as measure_imports
    from importguard.environment import default_python, probe

    analysis = analyse_entry(context, script, module, python)
    project, graph = analysis.project, analysis.graph
    names = [one.name for one in graph.trace.modules if one.reach in ("eager", "warmed") and one.name != "__main__"]
    environment = probe(python or project.config.python or default_python())
    errors = Console(stderr=True)
    with Progress(console=errors, transient=True) as progress:
        task = progress.add_task("Measuring", total=runs + 1)
        costs, faults = measure_imports(
            environment,
            names,
            [str(project.root)],
            runs=runs,
            timeout_s=timeout,
            on_run=lambda done: progress.update(task, completed=done),
        )
    for fault in faults:
        errors.print(f"importguard: {fault}", markup=False, soft_wrap=True)
    costs = msgspec.structs.replace(costs, warmed_us=_warmed_us(analysis, costs))
    write_costs(project.root / FILE, costs)
    total = sum(costs.self_us.get(name, 0) for name in graph.eager) / 1000
    click.echo(f"Wrote {FILE}: {len(costs.self_us):,} of {len(names):,} modules; the start takes {total:,.0f} ms here.")
    return 0


def _warmed_us(analysis: Analysis, costs: MeasuredCosts) -> dict[str, int]:
    from importguard.costs.measured import rounded

    loaded, found = set(analysis.graph.eager), {}
    for job in analysis.manifest.jobs:
        added = analysis.graph.closure(job.module) - loaded
        loaded |= added
        found[job.module] = rounded(sum(costs.self_us.get(name, 0) for name in added))
    return found
