"""`importguard bisect`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from importguard.cli.entry import Choice, console, entry_options
from importguard.cli.history import MOST
from importguard.cli.start import StartCommand
from importguard.printable import plain

if TYPE_CHECKING:
    from importguard.graph import ModuleGraph


@click.command(cls=StartCommand)
@click.argument("good", metavar="GOOD")
@click.argument("bad", metavar="BAD")
@entry_options
@click.option("--module", "wanted", metavar="NAME", help="Bad is a start that loads this module.")
@click.option("--budget", type=click.FloatRange(min=0), metavar="MS", help="Bad is a start that costs more than this.")
def bisect(choice: Choice, good: str, bad: str, wanted: str | None, budget: float | None) -> int:
    """Name the commit between GOOD and BAD that made the start load a module, or cost more than a budget.

    Nothing is checked out or run: the files of a commit are read from git; interpreter, packages and costs are today's.
    """
    if (wanted is None) == (budget is None):
        raise click.UsageError("Say what is bad: pass --module NAME or --budget MS.")
    from importguard.cli.progress import progress
    from importguard.errors import ConfigError
    from importguard.history import opened
    from importguard.render.history import print_found

    def is_bad(graph: ModuleGraph) -> bool:
        if wanted is not None:
            return wanted in graph.eager
        return graph.cost_us(graph.eager) > (budget or 0) * 1000

    starts = choice.starts()
    if len(starts) > 1:
        raise click.UsageError(f"Name one start with --entry: {', '.join(plain(one.name) for one in starts)}.")
    session = choice.session()
    with opened(starts[0], session, since=good, until=bad, most=MOST) as past:
        with progress("Bisecting", steps=True, quiet=choice.quiet) as step:
            found = past.first_bad(is_bad, step)
        if isinstance(found, str):
            raise ConfigError(str(choice.project.root), "", f"{found}; choose another GOOD or BAD")
        print_found(found, choice.project, console())
    return 0


# `--module` says here what is bad; the older name of --import is not known to this command.
bisect.params = [one for one in bisect.params if one.name != "module"]
