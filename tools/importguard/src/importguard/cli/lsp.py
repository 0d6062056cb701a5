"""`importguard lsp`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from importguard.cli.entry import Choice, entry_options
from importguard.cli.start import StartCommand
from importguard.errors import ImportGuardError

if TYPE_CHECKING:
    from importguard.project.start import Start
    from importguard.session import Session


@click.command(cls=StartCommand)
@entry_options
def lsp(choice: Choice) -> int:
    """Serve an editor over standard input and output: costs at import lines, findings, and the fix for a statement.

    It is for programs that speak the Language Server Protocol, and needs the extra `lsp`.
    """
    import importlib.util

    if importlib.util.find_spec("pygls") is None:
        raise ImportGuardError("`lsp` speaks by pygls, which is not installed; run: pip install 'importguard[lsp]'")
    from importguard.lsp.server import Server
    from importguard.watch import saves

    def choose(root: Path | None) -> tuple[tuple[Start, ...], Session]:
        if root is not None:
            os.chdir(root)
        now = choice.anew()
        return now.starts(), now.session()

    Server(choose, saves).start_io()
    return 0
