"""What the commands share: how an entry is named, its analysis, the console they print on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console

    from importguard.check import Analysis


def entry_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds SCRIPT, --module and --python to *command*."""
    command = click.option("--python", metavar="PY", help="The application's interpreter; default: the active one.")(
        command
    )
    command = click.option("--module", "-m", metavar="NAME", help="Analyse `import NAME` instead of a script.")(command)
    return click.argument("script", required=False, type=click.Path())(command)


def analyse_entry(context: click.Context, script: str | None, module: str | None, python: str | None) -> Analysis:
    """The start that the command line names, else the configured one. Raises UsageError for two entries."""
    from importguard.check import analyse
    from importguard.config import find_project

    if script is not None and module is not None:
        raise click.UsageError("SCRIPT and --module name two entries; pass one of them.")
    explicit = Path(context.obj) if context.obj else None
    return analyse(find_project(Path.cwd(), explicit), script, module, python)


def console() -> Console:
    """Standard output, in colour where the terminal has it."""
    from rich.console import Console

    return Console(highlight=False)
