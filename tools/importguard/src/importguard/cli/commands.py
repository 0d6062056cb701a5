"""The table of commands, and how an error becomes an exit code. A command's module is imported when it is named."""

from __future__ import annotations

import gc
import importlib
import io
import sys

import click

from importguard.errors import ImportGuardError
from importguard.printable import plain

NAMES = ("check", "graph", "init", "lock", "manifest", "measure", "rule", "verify", "why")


class _Commands(click.Group):
    """Finds the command `name` as `importguard.cli.name.name`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """In the order of the alphabet."""
        return list(NAMES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  click's signature
        """None when there is none of that name."""
        if cmd_name not in NAMES:
            return None
        command: click.Command = getattr(importlib.import_module(f"importguard.cli.{cmd_name}"), cmd_name)
        return command


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 clean, 1 findings, 2 could not check. NO_COLOR switches colours off.",
)
@click.version_option(package_name="importguard")
@click.option(
    "--config", type=click.Path(dir_okay=False), metavar="FILE", help="An importguard.toml; else the nearest upwards."
)
@click.pass_context
def cli(context: click.Context, config: str | None) -> None:
    """What the main thread of a Python application imports at startup, worked out without running it."""
    context.obj = config


def run() -> int:
    """Runs the command that the command line names; the exit code."""
    for stream in (sys.stdout, sys.stderr):  # a name that cannot be encoded is spelled out, not a crash
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    collecting = gc.isenabled()
    gc.disable()  # a run makes many values that live to its end and next to no garbage
    try:
        code = cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return 2
    except click.Abort:
        return 130
    except ImportGuardError as error:
        click.echo("\n".join(map(plain, f"importguard: {error}".split("\n"))), err=True)
        return 2
    except BrokenPipeError:
        sys.stderr.close()  # the reader went away, as `| head` does: nothing is left to tell
        return 1
    finally:
        if collecting:
            gc.enable()
    return code if isinstance(code, int) else 0
