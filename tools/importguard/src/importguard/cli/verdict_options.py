"""The options of the commands that judge: `check` and `merge`."""

from __future__ import annotations

import click

from importguard.cli.completion import codes
from importguard.cli.reports import FORMATS, parsed_files


def _codes_of(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """The codes of rules that *values* list."""
    return tuple(code.strip().upper() for value in values for code in value.split(",") if code.strip())


style = click.option("--format", "style", type=click.Choice(FORMATS), default="text", show_default=True)
select = click.option(
    "--select",
    metavar="CODES",
    multiple=True,
    callback=_codes_of,
    help="Only these rules: IG101,IG3.",
    shell_complete=codes,
)
ignore = click.option(
    "--ignore", metavar="CODES", multiple=True, callback=_codes_of, help="All rules but these.", shell_complete=codes
)
output_files = click.option(
    "--output-file",
    "files",
    multiple=True,
    metavar="FORMAT:PATH",
    callback=parsed_files,
    help="Also write a report to a file, sarif:importguard.sarif for example; may be repeated.",
)
exit_zero = click.option("--exit-zero", is_flag=True, help="Exit with 0 although there are findings; 2 stays 2.")
