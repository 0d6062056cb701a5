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
    from importguard.project.config import Project


class Choice(NamedTuple):
    """The starts that a command line names: a script, a module, or entries of the configuration; else all of those."""

    project: Project
    script: str | None
    module: str | None
    python: str | None
    entries: tuple[str, ...]
    explicit: Path | None = None  # the configuration's file, where the command line names it

    def anew(self) -> Choice:
        """The same choice with the configuration as it is now. Raises ConfigError."""
        from importguard.project.config import find_project

        return self._replace(project=find_project(Path.cwd(), self.explicit))

    def analyses(self, *, costs: bool = True) -> tuple[Analysis, ...]:
        """Each chosen start, with the committed *costs* or without. Raises ConfigError when there is none."""
        from importguard.analysis import analyse_all

        return analyse_all(self.project, self.script, self.module, self.entries, self.python, costs=costs)

    def analysis(self, why: str) -> Analysis:
        """The one chosen start. Raises UsageError when there are several, saying *why* one is wanted."""
        from importguard.analysis import analyse

        if self.script is not None or self.module is not None:
            return analyse(self.project, self.script, self.module, self.python)
        names = [start.name for start in self.project.starts(self.entries)]
        if len(names) > 1:
            raise click.UsageError(f"{why}: name one of {', '.join(names)} with --entry.")
        return self.analyses()[0]


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

        if sum(map(bool, (script, module, entries))) > 1:
            raise click.UsageError("SCRIPT, --module and --entry each name what to analyse; pass one of them.")
        explicit = Path(context.obj) if context.obj else None
        project = find_project(Path.cwd(), explicit)
        with _without_cache(no_cache):
            return command(choice=Choice(project, script, module, python, entries, explicit), **others)

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
