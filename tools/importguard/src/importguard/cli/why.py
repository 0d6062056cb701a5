"""`importguard why`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from importguard.cli.entry import Choice, console, entry_options, say_environment
from importguard.cli.start import StartCommand
from importguard.printable import plain

if TYPE_CHECKING:
    from importguard.analysis import Analysis
    from importguard.plan import Cut


@click.command(cls=StartCommand)
@click.argument("name", metavar="NAME")
@entry_options
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
def why(choice: Choice, name: str, style: str) -> int:
    """Name the import statements to cut so that the start does not load the module NAME."""
    analyses = choice.analyses()
    if all(name not in one.graph.modules for one in analyses):
        starts = ", ".join(one.name for one in analyses)
        raise click.UsageError(f"{name} is not among the modules that {starts} reaches.")
    if style == "json":
        from importguard.render.json import render_cuts

        click.echo(render_cuts([(one, _reach(one, name), _cuts(one, name)) for one in analyses], name))
        say_environment(choice, analyses, beside=True)
        return 0
    for one in analyses:
        if len(analyses) > 1:
            click.echo(f"{plain(one.name)}:")
        _explain(one, name)
    say_environment(choice, analyses)
    return 0


def _reach(analysis: Analysis, name: str) -> str:
    """`eager`, `warmed`, `lazy` or `deferred`; empty where the start never gets to *name*."""
    found = analysis.graph.modules.get(name)
    if found is None:
        return ""
    return "deferred" if found.reach == "eager" and name not in analysis.graph.start else str(found.reach)


def _cuts(analysis: Analysis, name: str) -> tuple[Cut, ...]:
    from importguard.plan import cuts_of

    return cuts_of(analysis.graph, name) if _reach(analysis, name) == "eager" else ()


def _explain(analysis: Analysis, name: str) -> None:
    reach, shown = _reach(analysis, name), plain(name)
    if not reach:
        click.echo(f"{shown} is not among the modules that it reaches.")
        return
    if reach != "eager":
        click.echo(f"{shown} is not loaded at startup: it is {reach}.")
        return
    cuts = _cuts(analysis, name)
    if not cuts:
        click.echo(f"{shown} is loaded by the start itself; no import statement of the project's brings it in.")
        return
    from importguard.render.text import print_cuts

    print_cuts(analysis.graph, name, cuts, analysis.project, console())
