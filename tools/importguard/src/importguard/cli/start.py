"""How a command line names a start: a path, -m NAME, --import NAME or --command NAME, and its arguments after --."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

if TYPE_CHECKING:
    from importguard.project.start import Project, Start

_MODULE_NOTE = "{} means the import of {} alone; write {} for that, or {} for what `python -m {}` does"
_RUN_NOTE = "-m {0} is what `python -m {0}` does; --import {0} is the import alone, which -m was before"


class StartCommand(click.Command):
    """A command whose line may end in `-- ARGS`, the arguments of the analysed program."""

    whole_line = False  # where no start is named, ARGS are the arguments of the configured one

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Takes off what follows the first `--`."""
        after = None
        if "--" in args:
            cut = args.index("--")
            after, args = tuple(args[cut + 1 :]), args[:cut]
        ctx.obj = Line(ctx.obj, after, self.whole_line)
        return super().parse_args(ctx, args)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """With the arguments."""
        return [*super().collect_usage_pieces(ctx), "[-- ARGS...]"]


class WholeLineCommand(StartCommand):
    """Where no start is named, ARGS are a script or -m MODULE, with the arguments of that."""

    whole_line = True


class Line(NamedTuple):
    """What click does not hand over: the configuration's file, where it is named, and what follows `--`."""

    config: str | None
    args: tuple[str, ...] | None
    whole: bool  # `args` name the start too, where nothing else does

    @property
    def explicit(self) -> Path | None:
        """The configuration's file."""
        return Path(self.config) if self.config else None


class Named(NamedTuple):
    """What the options say of the start."""

    start: str | None
    run_module: str | None
    imported: str | None
    command: str | None
    module: str | None
    pytest: str | None = None

    def find(self, project: Project, args: tuple[str, ...] | None) -> Start | None:
        """The start that is named; None when none is. Raises UsageError for more than one."""
        from importguard.project.start import Kind

        named = [value for value in self if value]
        if len(named) > 1:
            raise click.UsageError("a path, -m, --import, --command and --pytest each name a start; pass one of them.")
        if not named:
            return None
        kinds = (Kind.SCRIPT, Kind.RUN_MODULE, Kind.IMPORT, Kind.COMMAND, Kind.IMPORT, Kind.PYTEST)
        kind = next(kind for kind, value in zip(kinds, self, strict=True) if value)
        if kind is Kind.SCRIPT:
            return _script(project, named[0], args)
        if kind is Kind.PYTEST and args:
            raise click.UsageError("a collection has no arguments: set `addopts` in pytest's own configuration.")
        if kind is Kind.IMPORT and args:
            raise click.UsageError("an import has no arguments: pass -m NAME or --command NAME to give some.")
        self._note()
        return project.start_of(kind, named[0], args, Path.cwd())

    def _note(self) -> None:
        name = self.module
        if name:
            note(_MODULE_NOTE.format("--module", name, f"--import {name}", f"-m {name}", name))
        if self.run_module:
            note(_RUN_NOTE.format(self.run_module))


def whole_line(project: Project, args: tuple[str, ...]) -> Start:
    """The start that the command line *args* makes. Raises UsageError when it makes none."""
    from importguard.project.start import Kind

    if args[0] != "-m":
        return _script(project, args[0], args[1:])
    if len(args) == 1:
        raise click.UsageError("-m wants a module: importguard verify -- -m package.cli")
    return project.start_of(Kind.RUN_MODULE, args[1], args[2:], Path.cwd())


def _script(project: Project, path: str, args: tuple[str, ...] | None) -> Start:
    """The start of the script *path*; of the command, where it is the wrapper of one."""
    from importguard.project.start import Kind
    from importguard.target.console_scripts import wrapper_of

    wrapper = wrapper_of(path)
    if wrapper is None:
        return project.start_of(Kind.SCRIPT, path, args, Path.cwd())
    start = project.start_of(Kind.COMMAND, wrapper[0], args, Path.cwd())
    return start.with_python(wrapper[1] or None)


def start_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the argument START and the options -m, --import, --command and --module, which *command* gets by name."""
    for option in (
        click.option("--pytest", metavar="PATH", help="What pytest imports to collect the tests in a file or folder."),
        click.option("--module", metavar="NAME", help="The older name of --import."),
        click.option("--command", "command_", metavar="NAME", help="A console script of its environment."),
        click.option("--import", "imported", metavar="NAME", help="`import NAME` alone, as a server does with an app."),
        click.option("-m", "run_module", metavar="NAME", help="What `python -m NAME` runs."),
        click.argument("start", required=False, type=click.Path()),
    ):
        command = option(command)
    return command


def note_configured(project: Project) -> None:
    """Says what the key `module` means, where the configuration has it."""
    names = [entry.config.module for entry in project.entries if entry.config.module]
    if names:
        written = f'import = "{names[0]}"', f'run_module = "{names[0]}"'
        key = f"`module` in {project.file.name if project.file else 'the configuration'}"
        note(_MODULE_NOTE.format(key, names[0], *written, names[0]))


def note(sentence: str) -> None:
    """One line on stderr."""
    from importguard.printable import plain

    click.echo(plain(f"importguard: {sentence}."), err=True)
