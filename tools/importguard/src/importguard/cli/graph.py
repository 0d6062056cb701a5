"""`importguard graph`."""

from __future__ import annotations

import click

from importguard.cli.entry import Choice, console, entry_options, say_environment
from importguard.cli.start import StartCommand


@click.command(cls=StartCommand)
@entry_options
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json", "html", "dot", "mermaid"]),
    default="text",
    show_default=True,
    help="html is one page without network use: importguard graph --format html > startup.html",
)
@click.option("--depth", type=click.IntRange(min=1), metavar="N", help="dot, mermaid: at most N imports deep.")
@click.option("--collapse", type=click.Choice(["third-party"]), help="dot, mermaid: one node per outside package.")
@click.option("--unfollowed", is_flag=True, help="List the places that could not be followed, and what to do.")
def graph(choice: Choice, style: str, depth: int | None, collapse: str | None, unfollowed: bool) -> int:
    """List what the start loads, in load order, with the import that loads it."""
    if unfollowed:
        return _print_gaps(choice, style)
    if (depth or collapse) and style not in {"dot", "mermaid"}:
        raise click.UsageError("--depth and --collapse are for --format dot and mermaid.")
    if style == "text":
        from importguard.render.text import print_graphs

        analyses = choice.analyses()
        print_graphs(analyses, console())
        say_environment(choice, analyses)
    elif style == "json":
        from importguard.render.json import render_graph, render_graphs

        analyses = choice.analyses()
        click.echo(
            render_graph(analyses[0].graph, analyses[0].environment) if len(analyses) == 1 else render_graphs(analyses)
        )
        say_environment(choice, analyses, beside=True)
    elif style == "html":
        from importguard.render.html import render_page
        from importguard.storage.git import head_of

        analyses = choice.analyses()
        click.echo(render_page(analyses, head_of(choice.project.root)), nl=False)
        say_environment(choice, analyses, beside=True)
    else:
        from importguard.render import diagram

        render = diagram.render_dot if style == "dot" else diagram.render_mermaid
        analysis = choice.analysis("A diagram is of one start")
        click.echo(render(analysis, depth, collapse is not None))
        say_environment(choice, [analysis], beside=True)
    return 0


def _print_gaps(choice: Choice, style: str) -> int:
    from importguard.render.gaps import gap_lines, render_gaps

    if style not in {"text", "json"}:
        raise click.UsageError("--unfollowed is for --format text and json.")
    analyses = choice.analyses()
    click.echo(render_gaps(analyses) if style == "json" else "\n".join(gap_lines(analyses)))
    say_environment(choice, analyses, beside=style == "json")
    return 0
