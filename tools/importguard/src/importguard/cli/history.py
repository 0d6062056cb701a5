"""`importguard history`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from importguard.cli.entry import Choice, console, entry_options
from importguard.cli.start import StartCommand
from importguard.printable import plain

if TYPE_CHECKING:
    from importguard.history import Point

MOST = 1_000  # commits


@click.command(cls=StartCommand)
@entry_options
@click.option("--since", metavar="REV", help="The revision to begin with; default: the last --limit commits.")
@click.option("--limit", type=click.IntRange(1, MOST), default=50, show_default=True, help="Commits without --since.")
@click.option("--every", type=click.IntRange(1), default=1, show_default=True, help="Only each N-th commit.")
@click.option("--format", "style", type=click.Choice(["text", "json", "html"]), default="text", show_default=True)
def history(choice: Choice, since: str | None, limit: int, every: int, style: str) -> int:
    """Show what the start loaded and cost over the commits of the repository, without running any of them.

    The files of each commit are read from git; the interpreter, its packages and the costs are today's.
    """
    from importguard.cli.progress import progress
    from importguard.history import opened
    from importguard.render.history import history_json, history_page, print_history
    from importguard.render.target import looked_at_environment

    session = choice.session()
    found: list[tuple[str, tuple[Point, ...], str]] = []
    for start in choice.starts():
        most = limit if since is None else MOST
        name = start.name or start.target
        with opened(start, session, since=since, until="HEAD", most=most, every=every) as past:
            with progress(f"Working out {plain(name)}", steps=True, quiet=choice.quiet) as step:
                points = past.points(step)
            found.append((name, points, looked_at_environment(past.environment)))
    if style == "json":
        click.echo(history_json(found))
    elif style == "html":
        click.echo(history_page(found))
    else:
        print_history(found, console())
    return 0
