"""`importguard explore`."""

from __future__ import annotations

import signal
import sys
import threading
from typing import TYPE_CHECKING

import click

from importguard.cli.entry import Choice, entry_options
from importguard.cli.start import StartCommand

if TYPE_CHECKING:
    from importguard.analysis import Analysis
    from importguard.session import Session


@click.command(cls=StartCommand)
@entry_options
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port on 127.0.0.1; default: a free one.")
@click.option("--no-browser", is_flag=True, help="Print the address and open nothing.")
def explore(choice: Choice, port: int, no_browser: bool) -> int:
    """Open a page of what the start loads that is worked out again after each save, until Ctrl+C.

    The page is that of `graph --format html`: what to cut first, and the start without what is ticked. It also shows
    what the last save has changed, and another revision beside it. It is for this machine alone.
    """
    from importguard.explore.server import Server
    from importguard.explore.state import State
    from importguard.watch import saves

    def judge() -> tuple[tuple[Analysis, ...], Session]:
        now = choice.anew()
        session = now.session()
        return now.analyses(session), session

    stop = threading.Event()
    changes = saves(choice.project.root, stop)
    next(changes)  # it watches from here on: what is saved during the first round counts
    state = State(judge)
    try:
        server = Server(state, port)
    except OSError as error:
        raise click.UsageError(f"port {port} of 127.0.0.1 cannot be used: {error.strerror or error}.") from error

    def end(*_: object) -> None:
        stop.set()

    before = {one: signal.signal(one, end) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        threading.Thread(target=server.serve_forever, name="importguard-page", daemon=True).start()
        click.echo(f"{server.address}  (Ctrl+C ends it)")
        sys.stdout.flush()
        if not no_browser and sys.stdout.isatty():
            click.launch(server.address)
        state.follow(changes)
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
        state.close()
        server.shutdown()
        server.server_close()
    return 0
