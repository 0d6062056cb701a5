"""`importguard measure`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from importguard.cli.entry import Choice, entry_options, say, say_environment
from importguard.cli.progress import progress
from importguard.cli.start import StartCommand
from importguard.printable import counted, plain

if TYPE_CHECKING:
    from importguard.analysis import Analysis
    from importguard.costs.measured import MeasuredCosts


@click.command(cls=StartCommand)
@entry_options
@click.option("--runs", type=click.IntRange(1, 99), default=5, show_default=True, help="Fresh processes; their median.")
@click.option("--timeout", type=click.FloatRange(min=1), default=120.0, show_default=True, help="Seconds for each.")
def measure(choice: Choice, runs: int, timeout: float) -> int:
    """Measure what the start and the warmup import, in the target interpreter: this runs those modules.

    Writes importguard.costs.json beside importguard.toml. A script itself is not run, only the modules it imports are.
    """
    import msgspec
    from rich.console import Console

    from importguard.costs.measured import FILE, machine_scale, write_costs
    from importguard.costs.measuring import measure as measure_imports
    from importguard.learning import learn_from_imports
    from importguard.project.seen import FILE as SEEN

    session = choice.session(costs=False)  # a damaged file must not keep its own remedy away
    analyses = choice.analyses(session)
    environments = {session.environment_of(one.start).executable for one in analyses}
    if len(environments) > 1:
        raise click.UsageError(f"{FILE} is of one interpreter: pass --python, or --entry with one of the starts.")
    environment = session.environment_of(analyses[0].start)
    names = dict.fromkeys(
        module.name
        for one in analyses
        for module in one.graph.trace.modules
        if module.reach in ("eager", "warmed") and module.name != "__main__"
    )
    errors = Console(stderr=True)
    with progress("Measuring", steps=True, quiet=choice.quiet) as step:
        costs, faults, importers = measure_imports(
            environment,
            tuple(names),
            [str(choice.project.root), *(str(choice.project.root / one) for one in choice.project.config.paths)],
            runs=runs,
            timeout_s=timeout,
            on_run=lambda done: step(done, runs + 1),
        )
    for fault in faults:
        errors.print(f"importguard: {plain(fault)}", markup=False, soft_wrap=True)
    warmed = {one.manifest.entry: _warmed_us(one, costs) for one in analyses}
    estimated = {name: one.graph.cost_of(name).self_us for one in analyses for name in one.graph.modules}
    scale = machine_scale(costs.self_us, estimated)
    write_costs(choice.project.root / FILE, msgspec.structs.replace(costs, warmed_us=warmed, scale=scale))
    say(choice, f"Wrote {FILE}: {len(costs.self_us):,} of {len(names):,} modules; {scale:g} times the estimate.")
    if not costs.bytecode:
        errors.print("importguard: not all of it has bytecode, which cannot be written here: a usual start is faster.")
    for one in analyses:
        count = learn_from_imports(one, importers)
        if count:
            say(choice, f"Wrote {SEEN}: {plain(one.name)} loads {counted(count, 'module')} not predicted.")
        total = sum(costs.self_us.get(name, 0) for name in one.graph.eager) / 1000
        say(choice, f"The start of {plain(one.name)} takes {total:,.0f} ms here.")
    say_environment(choice, analyses, beside=True)
    return 0


def _warmed_us(analysis: Analysis, costs: MeasuredCosts) -> dict[str, int]:
    from importguard.costs.measured import rounded

    loaded, found = set(analysis.graph.eager), {}
    for job in analysis.manifest.jobs:
        added = analysis.graph.closure(job.module) - loaded
        loaded |= added
        found[job.module] = rounded(sum(costs.self_us.get(name, 0) for name in added))
    return found
