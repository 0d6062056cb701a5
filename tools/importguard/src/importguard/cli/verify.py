"""`importguard verify`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from importguard.cli.entry import Choice, console

if TYPE_CHECKING:
    from importguard.project.start import Start
    from importguard.session import Session


@click.command()
@click.option("--entry", "entries", multiple=True, metavar="NAME", help="This [[entry]] of the configuration.")
@click.option("--python", metavar="PY", help="The application's interpreter; default: the active one.")
@click.option(
    "--until",
    type=click.Choice(["exit", "ready", "timeout"]),
    help="What ends the run: the program itself, the end of its warmup, or the clock. As configured, else exit.",
)
@click.option("--timeout", type=click.FloatRange(min=0.1), metavar="S", help="Seconds; as configured, else 60.")
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def verify(  # noqa: PLR0917  click passes them by name
    context: click.Context,
    entries: tuple[str, ...],
    python: str | None,
    until: str | None,
    timeout: float | None,
    style: str,
    command: tuple[str, ...],
) -> int:
    """Run the program and compare what its main thread loads and waits for with the graph.

    COMMAND, after --, is a script with its arguments or -m MODULE with its; by default what `[verify]` in
    importguard.toml says, else the entry. Exit code 1: something heavy was loaded or waited for on the main thread, or
    was loaded only after the warmup.
    """
    from importguard.project.config import find_project
    from importguard.verify import verify as run_and_compare

    project = find_project(Path.cwd(), Path(context.obj) if context.obj else None)
    choice = Choice(project, None, entries, python)
    session = choice.session()
    if command:
        choice = choice._replace(start=_start(choice, command, session))
    analysis = choice.analysis("A program is run for one start", session)
    found = run_and_compare(analysis, command, session=session, until=until, timeout_s=timeout)
    if style == "json":
        from importguard.render.verification import render_verification

        click.echo(render_verification(found))
    else:
        from importguard.render.verification import print_verification

        print_verification(found, analysis.project, console())
    return int(found.failed)


def _start(choice: Choice, command: tuple[str, ...], session: Session) -> Start:
    """The start that *command* makes."""
    from importguard.project.start import Kind
    from importguard.target.finder import Finder

    project = choice.project
    if command[0] != "-m":
        return project.start_of(Kind.SCRIPT, command[0])
    if len(command) == 1:
        raise click.UsageError("-m wants a module: importguard verify -- -m package.cli")
    start = project.start_of(Kind.IMPORT, command[1])
    finder = Finder(session.environment_of(start), (str(project.root),))
    found, parts = None, command[1].split(".")
    for depth in range(1, len(parts) + 1):
        found = finder.find(".".join(parts[:depth]), found.locations if found else None)
    is_package = found is not None and found.locations is not None
    return project.start_of(Kind.IMPORT, f"{command[1]}.__main__") if is_package else start
