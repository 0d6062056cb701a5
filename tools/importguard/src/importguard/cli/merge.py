"""`importguard merge`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from importguard.cli import verdict_options
from importguard.cli.check import report_verdict
from importguard.cli.entry import Choice
from importguard.cli.reports import Files, write_files

if TYPE_CHECKING:
    from importguard.project.start import Start
    from importguard.sharding import Settings


@click.command()
@click.argument("results", nargs=-1, required=True, type=click.Path(dir_okay=False, path_type=Path))
@verdict_options.style
@verdict_options.select
@verdict_options.ignore
@verdict_options.output_files
@verdict_options.exit_zero
@click.option("--quiet", "-q", is_flag=True, help="Print the result and nothing else.")
@click.option("--verbose", "-v", is_flag=True, help="Print also what was assumed and what was not followed.")
@click.pass_obj
def merge(  # noqa: PLR0917  click passes them by name
    config: str | None,
    results: tuple[Path, ...],
    style: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    files: Files,
    exit_zero: bool,
    quiet: bool,
    verbose: bool,
) -> int:
    """Judge what the jobs of `check --shard` have worked out, as `check` judges all entries at once.

    RESULTS are the files of all shards. Run it in a checkout of the same commit in the same place; the packages need
    not be installed there.
    """
    from importguard.project.config import find_project
    from importguard.sharding import merged, read_result
    from importguard.verdict import check as judge
    from importguard.verdict import selected_rules

    if quiet and verbose:
        raise click.UsageError("--quiet and --verbose exclude each other.")
    selected_rules(select, ignore)
    project = find_project(Path.cwd(), Path(config) if config else None)
    choice = Choice(project, None, (), None, Path(config) if config else None, quiet=quiet, verbose=verbose)

    def starts(settings: Settings) -> Sequence[Start]:
        return choice._replace(entries=named(settings), preset=settings.preset, ready_at=settings.ready_at).starts()

    def named(settings: Settings) -> tuple[str, ...]:
        return settings.entry if any(entry.name for entry in project.entries) else ()

    analyses = merged({os.fspath(path): read_result(path) for path in results}, project, starts)
    verdict = judge(*analyses, select=select, ignore=ignore)
    write_files(verdict, files)
    report_verdict(verdict, style, choice)
    return int(verdict.failed and not exit_zero)
