"""The table of commands, and how an error becomes an exit code. A command's module is imported when it is named."""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import sys

import click

from importguard.cli.examples import epilog
from importguard.cli.start import Line
from importguard.errors import ImportGuardError
from importguard.printable import plain

_WHOLE = 1000  # characters of a sentence
NAMES = (
    "bisect",
    "cache",
    "check",
    "commands",
    "compile",
    "explore",
    "fix",
    "graph",
    "history",
    "init",
    "lock",
    "lsp",
    "manifest",
    "measure",
    "merge",
    "rule",
    "verify",
    "why",
)
_MODULES = {"commands": "subcommands"}  # which are not called as their command


class _Commands(click.Group):
    """Finds the command `name` as `importguard.cli.name.name`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """In the order of the alphabet."""
        return list(NAMES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  click's signature
        """None when there is none of that name. Each takes --config as well, and shows examples."""
        if cmd_name not in NAMES:
            return None
        command: click.Command = getattr(
            importlib.import_module(f"importguard.cli.{_MODULES.get(cmd_name, cmd_name)}"), cmd_name
        )
        if all(parameter.name != "config" for parameter in command.params):
            command.params.append(_CONFIG)
            command.epilog = epilog(cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Suggests a command for one that is mistyped."""
        name = args[0]
        if name not in NAMES and not name.startswith("-") and not ctx.resilient_parsing:
            import difflib

            close = difflib.get_close_matches(name, NAMES, 1)
            hint = f"Did you mean {close[0]}?" if close else f"The commands are {', '.join(NAMES)}."
            ctx.fail(f"No such command {name!r}. {hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Each with its first sentence, whole."""
        found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, one.get_short_help_str(_WHOLE)) for name, one in found if one is not None])


def _configured(context: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    if value is None:
        return
    if isinstance(context.obj, Line):  # behind a command
        context.obj = context.obj._replace(config=value)
    else:
        context.obj = value


_CONFIG = click.Option(
    ["--config"],
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="An importguard.toml; else the nearest upwards. Before or after the command.",
    expose_value=False,
    is_eager=True,
    callback=_configured,
)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 clean, 1 findings, 2 could not check. NO_COLOR switches colours off.\n\n" + epilog(""),
)
@click.version_option(package_name="importguard")
def cli() -> None:
    """What the main thread of a Python application imports at startup, worked out without running it."""


cli.params.append(_CONFIG)


def _complain(text: str) -> None:
    click.echo("\n".join(map(plain, text.split("\n"))), err=True)


def _share() -> None:
    """What was made is written to the store, if one was asked, once the report is out."""
    store = sys.modules.get("importguard.storage.store")
    if store is not None:
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            for note in store.finish_all():
                _complain(f"importguard: {note}.")


def run() -> int:
    """Runs the command that the command line names; the exit code. Raises BrokenPipeError when the reader went away."""
    for stream in (sys.stdout, sys.stderr):  # a name that cannot be encoded is spelled out, not a crash
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    collecting = gc.isenabled()
    gc.disable()  # a run makes many values that live to its end and next to no garbage
    try:
        code = cli.main(standalone_mode=False)
    except click.ClickException as error:
        said = io.StringIO()
        error.show(said)
        _complain(said.getvalue().rstrip())  # it quotes the command line, which may hold anything
        return 2
    except click.Abort:
        return 130
    except SystemExit as ended:
        if ended.code == 1:  # so click ends when the reader of its output went away
            raise BrokenPipeError from ended
        raise
    except ImportGuardError as error:
        _complain(f"importguard: {error}")
        return 2
    finally:
        if collecting:
            gc.enable()
        _share()
    return code if isinstance(code, int) else 0
