"""`importguard verify`."""

from __future__ import annotations

import click

from importguard.cli.entry import Choice, console, entry_options, say_environment
from importguard.cli.progress import progress
from importguard.cli.start import WholeLineCommand
from importguard.printable import counted, plain


@click.command(cls=WholeLineCommand)
@entry_options
@click.option(
    "--until",
    type=click.Choice(["exit", "ready", "start", "timeout"]),
    help="What ends the run: the program, the end of its warmup or of its start (ready_at), or the clock.",
)
@click.option("--timeout", type=click.FloatRange(min=0.1), metavar="S", help="Seconds; as configured, else 60.")
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--learn", is_flag=True, help="Write what was loaded and not predicted to importguard.seen.json.")
def verify(choice: Choice, until: str | None, timeout: float | None, style: str, learn: bool) -> int:
    """Run the program and compare what its main thread loads and waits for with the graph.

    Without a start, ARGS are a whole command line: a script with its arguments, or -m MODULE with its. Without both
    the program runs as `[verify]` in importguard.toml says, else as its entry says. Exit code 1: something heavy was
    loaded or waited for on the main thread, or was loaded only after the warmup.

    --learn keeps what the run has shown: from then on it is part of the start, until a package changes.
    """
    from importguard.learning import learn_from_run
    from importguard.project.seen import FILE
    from importguard.verify import verify as run_and_compare

    if learn:  # a damaged file must not keep its own remedy away
        choice = choice._replace(no_seen=True)
    session = choice.session()
    analysis = choice.analysis("A program is run for one start", session)
    with progress(f"Running {plain(analysis.name)}", quiet=choice.quiet):
        found = run_and_compare(analysis, session=session, until=until, timeout_s=timeout)
    if style == "json":
        from importguard.render.verification import render_verification

        click.echo(render_verification(found, analysis.environment))
        say_environment(choice, [analysis], beside=True)
    else:
        from importguard.render.verification import print_verification

        print_verification(found, analysis.project, console())
        say_environment(choice, [analysis])
    if learn:
        count = learn_from_run(analysis, found.record)
        learned = f"{counted(count, 'module')} loaded and not predicted, now in {FILE}" if count else "nothing to learn"
        click.echo(f"importguard: {learned}.", err=True)
    return int(found.failed)
