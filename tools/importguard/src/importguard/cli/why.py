"""`importguard why`."""

from __future__ import annotations

import click

from importguard.cli.entry import analyse_entry, console, entry_options


@click.command()
@click.argument("name", metavar="NAME")
@entry_options
@click.pass_context
def why(context: click.Context, name: str, script: str | None, module: str | None, python: str | None) -> int:
    """Name the import statements to cut so that the start does not load the module NAME."""
    analysis = analyse_entry(context, script, module, python)
    found = analysis.graph.modules.get(name)
    if found is None:
        raise click.UsageError(f"{name} is not among the modules that {analysis.manifest.entry} reaches.")
    if found.reach != "eager":
        click.echo(f"{name} is not loaded at startup: it is {found.reach}.")
        return 0
    cuts = analysis.graph.cuts(name)
    if not cuts:
        click.echo(f"{name} is loaded by the start itself; no import statement of the project's brings it in.")
        return 0
    from importguard.render.text import print_cuts

    print_cuts(analysis.graph, name, cuts, analysis.project, console())
    return 0
