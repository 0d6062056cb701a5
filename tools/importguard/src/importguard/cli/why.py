"""`importguard why`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from importguard.cli.entry import Choice, console, entry_options
from importguard.printable import plain

if TYPE_CHECKING:
    from importguard.analysis import Analysis


@click.command()
@click.argument("name", metavar="NAME")
@entry_options
def why(choice: Choice, name: str) -> int:
    """Name the import statements to cut so that the start does not load the module NAME."""
    analyses = choice.analyses()
    if all(name not in one.graph.modules for one in analyses):
        starts = ", ".join(one.name for one in analyses)
        raise click.UsageError(f"{name} is not among the modules that {starts} reaches.")
    for one in analyses:
        if len(analyses) > 1:
            click.echo(f"{plain(one.name)}:")
        _explain(one, name)
    return 0


def _explain(analysis: Analysis, name: str) -> None:
    found, told = analysis.graph.modules.get(name), plain(name)
    if found is None:
        click.echo(f"{told} is not among the modules that it reaches.")
        return
    if found.reach != "eager":
        click.echo(f"{told} is not loaded at startup: it is {found.reach}.")
        return
    cuts = analysis.graph.cuts(name)
    if not cuts:
        click.echo(f"{told} is loaded by the start itself; no import statement of the project's brings it in.")
        return
    from importguard.render.text import print_cuts

    print_cuts(analysis.graph, name, cuts, analysis.project, console())
