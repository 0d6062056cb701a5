"""What the commands share: how starts are named, their analyses, the console they print on."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

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

    def anew(self) -> Choice:
        """The same choice with the configuration as it is now. Raises ConfigError."""
        from importguard.project.config import find_project

        project = find_project(Path.cwd(), self.explicit)
        start = self.start and project.start_of(self.start.kind, self.start.target)
        return self._replace(project=project, start=start)

    def session(self, *, costs: bool = True) -> Session:
        """A session for the chosen starts, with the committed *costs* or without."""
        from importguard.session import Session

        return Session.of_user(self.python, costs=costs)

    def starts(self) -> tuple[Start, ...]:
        """The chosen starts. Raises ConfigError when there is none."""
        if self.start is not None:
            return (self.start,)
        return self.project.starts(self.entries)

    def analyses(self, session: Session | None = None) -> tuple[Analysis, ...]:
        """Each chosen start, worked out. Raises ConfigError when there is none."""
        from importguard.analysis import analyse_all

        return analyse_all(self.starts(), session or self.session())

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


def entry_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds SCRIPT, --module, --entry and --python to *command*, which gets them as `choice`; and --no-cache."""

    @functools.wraps(command)
    @click.pass_context
    def choose(  # noqa: PLR0917  click passes them by name
        context: click.Context,
        /,
        script: str | None,
        module: str | None,
        python: str | None,
        entries: tuple[str, ...],
        no_cache: bool,
        **others: Any,
    ) -> Any:
        from importguard.project.config import find_project
        from importguard.project.start import Kind

        if sum(map(bool, (script, module, entries))) > 1:
            raise click.UsageError("SCRIPT, --module and --entry each name what to analyse; pass one of them.")
        explicit = Path(context.obj) if context.obj else None
        project = find_project(Path.cwd(), explicit)
        start = project.start_of(Kind.SCRIPT, script) if script else None
        if module:
            start = project.start_of(Kind.IMPORT, module)
        with _without_cache(no_cache):
            return command(choice=Choice(project, start, entries, python, explicit), **others)

    for option in (
        click.option(
            "--no-cache",
            is_flag=True,
            help="Take nothing from earlier runs and keep nothing, as with IMPORTGUARD_CACHE=off.",
        ),
        click.option("--python", metavar="PY", help="The application's interpreter; default: the active one."),
        click.option("--entry", "entries", multiple=True, metavar="NAME", help="Only this [[entry]]; may be repeated."),
        click.option("--module", "-m", metavar="NAME", help="Analyse `import NAME` instead of a script."),
        click.argument("script", required=False, type=click.Path()),
    ):
        choose = option(choose)
    return choose


def console() -> Console:
    """Standard output, in colour where the terminal has it."""
    from rich.console import Console

    return Console(highlight=False, emoji=False)
