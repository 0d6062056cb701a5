"""`importguard graph`."""

from __future__ import annotations

import click

from importguard.cli.entry import analyse_entry, console, entry_options


@click.command()
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
@click.pass_context
def graph(  # noqa: PLR0917  click passes them by name
    context: click.Context,
    script: str | None,
    module: str | None,
    python: str | None,
    style: str,
    depth: int | None,
    collapse: str | None,
) -> int:
    """List what the start loads, in load order, with the import that loads it."""
    if (depth or collapse) and style not in {"dot", "mermaid"}:
        raise click.UsageError("--depth and --collapse are for --format dot and mermaid.")
    analysis = analyse_entry(context, script, module, python)
    if style == "text":
        from importguard.render.text import print_graph

        print_graph(analysis.graph, console())
    elif style == "json":
        from importguard.render.json import render_graph

        click.echo(render_graph(analysis.graph))
    elif style == "html":
        from importguard.render.html import render_page

        click.echo(render_page(analysis.graph, analysis.project), nl=False)
    else:
        from importguard.render import diagram

        render = diagram.render_dot if style == "dot" else diagram.render_mermaid
        click.echo(render(analysis.graph, depth, collapse is not None))
    return 0
