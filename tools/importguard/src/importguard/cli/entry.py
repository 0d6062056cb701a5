"""What the commands share: how starts are named, their analyses, the console they print on."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from importguard.cli.completion import entries as entries_of
from importguard.cli.start import Line, Named, note_configured, start_options, whole_line
from importguard.printable import plain
from importguard.project.presets import PRESETS

if TYPE_CHECKING:
    from rich.console import Console

    from importguard.analysis import Analysis
    from importguard.project.start import Project, Start
    from importguard.session import Session


class Choice(NamedTuple):
    """The starts that a command line names: one of its own, or entries of the configuration; else all of those."""

    project: Project
    start: Start | None
    entries: tuple[str, ...]
    python: str | None
    explicit: Path | None = None  # the configuration's file, where the command line names it
    variables: tuple[tuple[str, str], ...] = ()  # of the environment, as the command line gives them
    no_seen: bool = False  # without what runs have shown
    quiet: bool = False
    verbose: bool = False
    preset: str | None = None  # in place of what the configuration says
    ready_at: tuple[str, ...] = ()

    def anew(self) -> Choice:
        """The same choice with the configuration as it is now. Raises ConfigError."""
        from importguard.project.config import find_project

        project = find_project(Path.cwd(), self.explicit)
        named = self.start
        if named is None:
            return self._replace(project=project)
        start = project.start_of(named.kind, named.target, named.args, Path(named.folder))
        return self._replace(project=project, start=start.with_python(named.config.python))

    def with_args(self, args: tuple[str, ...]) -> Choice:
        """The one chosen start, with *args*. Raises UsageError when there are several."""
        starts = self.starts()
        if len(starts) > 1:
            raise click.UsageError("What follows -- are the arguments of one start: name it, or pass --entry NAME.")
        (start,) = starts
        folder = Path(start.folder)
        return self._replace(start=self.project.start_of(start.kind, start.target, args, folder))

    def session(self, *, costs: bool = True) -> Session:
        """A session for the chosen starts, with the committed *costs* or without."""
        from importguard.session import Session

        return Session.of_user(self.python, dict(self.variables), costs=costs, seen=not self.no_seen)

    def starts(self) -> tuple[Start, ...]:
        """The chosen starts. Raises ConfigError when there is none."""
        chosen = (self.start,) if self.start is not None else self.project.starts(self.entries)
        return tuple(map(self._as_asked, chosen))

    def _as_asked(self, start: Start) -> Start:
        """*start* with the preset and the end of the start that the command line names."""
        if self.preset is None and not self.ready_at:
            return start
        import msgspec

        from importguard.project.config import demand_point
        from importguard.project.presets import preset_of

        for point in self.ready_at:
            demand_point("the command line", "--ready-at", point)
        named = {"preset": self.preset} if self.preset is not None else {}
        points = {"ready_at": self.ready_at} if self.ready_at else {}
        return preset_of(
            msgspec.structs.replace(start, config=msgspec.structs.replace(start.config, **named, **points))
        )

    def analyses(self, session: Session | None = None, starts: tuple[Start, ...] = ()) -> tuple[Analysis, ...]:
        """Each chosen start, or each of *starts*, worked out. Raises ConfigError when there is none."""
        from importguard.analysis import analyse_all
        from importguard.cli.progress import progress

        starts = starts or self.starts()
        with progress(f"Working out {plain(', '.join(one.name or one.target for one in starts))}", quiet=self.quiet):
            return analyse_all(starts, session or self.session())

    def analysis(self, why: str, session: Session | None = None) -> Analysis:
        """The one chosen start. Raises UsageError when there are several, saying *why* one is wanted."""
        starts = self.starts()
        if len(starts) > 1:
            names = ", ".join(start.name for start in starts)
            raise click.UsageError(f"{why}: name one of {names} with --entry.")
        return self.analyses(session)[0]


@contextlib.contextmanager
def _without_cache(wanted: bool) -> Iterator[None]:
    said = os.environ.get("IMPORTGUARD_CACHE")
    if wanted:
        os.environ["IMPORTGUARD_CACHE"] = "off"
    try:
        yield
    finally:
        if wanted and said is None:
            del os.environ["IMPORTGUARD_CACHE"]
        elif said is not None:
            os.environ["IMPORTGUARD_CACHE"] = said


def _variables(
    _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    found = []
    for value in values:
        name, equals, content = value.partition("=")
        if not name or not equals:
            raise click.BadParameter(f"{value!r} is no NAME=VALUE.")
        found.append((name, content))
    return tuple(found)


def entry_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds START and its options, --entry, --python, --no-cache, -q and -v to *command*, which gets them as `choice`.

    *command* has to be made with StartCommand.
    """

    @click.pass_obj
    def choose(  # noqa: PLR0917  click passes them by name
        line: Line,
        /,
        start: str | None,
        run_module: str | None,
        imported: str | None,
        command_: str | None,
        python: str | None,
        entries: tuple[str, ...],
        variables: tuple[tuple[str, str], ...],
        no_cache: bool,
        no_seen: bool,
        quiet: bool,
        verbose: bool,
        preset: str | None,
        ready_at: tuple[str, ...],
        module: str | None = None,
        pytest: str | None = None,
        **others: Any,
    ) -> Any:
        if quiet and verbose:
            raise click.UsageError("--quiet and --verbose exclude each other.")
        named = Named(start, run_module, imported, command_, module, pytest)
        with _without_cache(no_cache):
            choice = _choice(line, named, entries, python)._replace(
                variables=variables,
                no_seen=no_seen,
                quiet=quiet,
                verbose=verbose,
                preset=preset,
                ready_at=ready_at,
            )
            return command(choice=choice, **others)

    chosen: Callable[..., Any] = functools.wraps(command)(choose)
    for option in (
        click.option("--verbose", "-v", is_flag=True, help="Print also what was assumed and what was not followed."),
        click.option("--quiet", "-q", is_flag=True, help="Print the result and nothing else."),
        click.option(
            "--no-cache",
            is_flag=True,
            help="Take nothing from earlier runs and keep nothing, as with IMPORTGUARD_CACHE=off.",
        ),
        click.option("--no-seen", is_flag=True, help="Leave out what runs have shown (importguard.seen.json)."),
        click.option("--python", metavar="PY", help="The application's interpreter; default: the project's."),
        click.option(
            "--entry",
            "entries",
            multiple=True,
            metavar="NAME",
            help="Only this [[entry]]; may be repeated.",
            shell_complete=entries_of,
        ),
        click.option(
            "--env",
            "variables",
            multiple=True,
            metavar="NAME=VALUE",
            callback=_variables,
            help="An environment variable that the program finds; may be repeated.",
        ),
        click.option(
            "--ready-at",
            "ready_at",
            multiple=True,
            metavar="PLACE",
            help="Where the start is over: package.module:callable or file.py:LINE; of several the first.",
        ),
        click.option("--preset", type=click.Choice(PRESETS), help="ready_at and deadline_ms of a kind of program."),
        start_options,
    ):
        chosen = option(chosen)
    return chosen


def _choice(line: Line, named: Named, entries: tuple[str, ...], python: str | None) -> Choice:
    from importguard.project.config import find_project

    project = find_project(Path.cwd(), line.explicit)
    start = named.find(project, line.args)
    if start is None and line.whole and line.args and not entries:
        start = whole_line(project, line.args)
    if start is not None and entries:
        raise click.UsageError("START and --entry each name what to analyse; pass one of them.")
    if start is None:
        note_configured(project)
    choice = Choice(project, start, entries, python, line.explicit)
    return choice if start is not None or line.args is None else choice.with_args(line.args)


def say(choice: Choice, text: str) -> None:
    """What was done, for people."""
    if not choice.quiet:
        click.echo(text)


def say_environment(choice: Choice, analyses: Iterable[Analysis], *, beside: bool = False) -> None:
    """Which interpreter was looked at, and why that one; with --verbose also what was assumed and not followed.

    The last lines of a text. *beside* a result for machines it goes to standard error, if --verbose asks for it.
    """
    from importguard.render.target import looked_at

    if choice.quiet or (beside and not choice.verbose):
        return
    listed = list(analyses)
    lines = looked_at(listed)
    if choice.verbose:
        from importguard.render.verbose import details

        lines += details(choice.project, listed)
    click.echo("\n".join(lines), err=beside)


def console() -> Console:
    """Standard output, in colour where the terminal has it."""
    from rich.console import Console

    return Console(highlight=False, emoji=False)
