"""`importguard commands`."""

from __future__ import annotations

import click

from importguard.cli.entry import Choice, entry_options, say_environment
from importguard.cli.start import StartCommand


def _budgets(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, float]:
    found: dict[str, float] = {}
    for value in values:
        name, _, limit = value.rpartition("=")
        try:
            found[name] = float(limit)
        except ValueError:
            name = ""
        if not name or not found[name] >= 0:
            raise click.BadParameter(f"{value!r} is no NAME=MS, 'db migrate=300' for example.")
    return found


@click.command(cls=StartCommand)
@entry_options
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "--budget",
    "budgets",
    multiple=True,
    metavar="NAME=MS",
    callback=_budgets,
    help="What a sub-command or --help may cost, * for each other one; may be repeated.",
)
def commands(choice: Choice, style: str, budgets: dict[str, float]) -> int:
    """Show what each sub-command of a program loads: commands by packages, with --help.

    The program parses its command line with click, typer, argparse or fire. Exits with 1 when one costs more than its
    budget, with 2 when the walk of one was too long to be finished.
    """
    from importguard.cli.progress import progress
    from importguard.printable import plain
    from importguard.render.subcommands import budget_lines, matrix_lines, render_matrix, unfinished_lines
    from importguard.subcommands import subcommands

    starts = choice.starts()
    if len(starts) > 1:
        names = ", ".join(start.name for start in starts)
        raise click.UsageError(f"The sub-commands are of one program: name one of {names} with --entry.")
    (start,) = starts
    with progress(f"Working out {plain(start.name or start.target)}", quiet=choice.quiet):
        rows = subcommands(start, choice.session(), {**start.config.command_budgets, **budgets})
    over, cut = budget_lines(rows), unfinished_lines(rows)
    click.echo(render_matrix(rows) if style == "json" else "\n".join([*matrix_lines(rows), *cut, *over]))
    say_environment(choice, [rows[0].analysis], beside=style == "json")
    return 1 if over else 2 if cut else 0
