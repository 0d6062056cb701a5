"""`importguard check`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from importguard.cli.entry import analyse_entry, console, entry_options

if TYPE_CHECKING:
    from importguard.check import Analysis, Report


_STYLES = ["text", "json", "sarif", "github", "junit", "markdown"]


def _codes(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(code.strip().upper() for value in values for code in value.split(",") if code.strip())


@click.command()
@entry_options
@click.option("--format", "style", type=click.Choice(_STYLES), default="text", show_default=True)
@click.option("--select", metavar="CODES", multiple=True, callback=_codes, help="Only these rules: IG101,IG3.")
@click.option("--ignore", metavar="CODES", multiple=True, callback=_codes, help="All rules but these.")
@click.option("--against", metavar="REV", help="Also say what changed since a git revision; text and markdown only.")
@click.option("--write-baseline", is_flag=True, help="Accept today's findings: write the file that `baseline` names.")
@click.pass_context
def check(  # noqa: PLR0917  click passes them by name
    context: click.Context,
    script: str | None,
    module: str | None,
    python: str | None,
    style: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    against: str | None,
    write_baseline: bool,
) -> int:
    """Find heavy imports on the main thread, and whether the warmup manifest is fresh.

    Without SCRIPT or --module the entry in importguard.toml is analysed.
    """
    from importguard.check import check as apply_rules
    from importguard.check import selected_rules

    selected_rules(select, ignore)  # a wrong code is told before the long work
    if against is not None and style not in {"text", "markdown"}:
        raise click.UsageError("--against is for --format text and markdown.")
    analysis = analyse_entry(context, script, module, python)
    if write_baseline:
        return _write_baseline(apply_rules(analysis, select, ignore, fresh=True))
    if against is not None:
        _print_change(analysis, against, style, (script, module, python))
    report = apply_rules(analysis, select, ignore)
    if style == "text":
        from importguard.render.text import print_report

        print_report(report, console())
    else:
        click.echo(_renderer(style)(report))
    return int(report.failed)


def _print_change(
    analysis: Analysis, revision: str, style: str, entry: tuple[str | None, str | None, str | None]
) -> None:
    from importguard.compare import analyse_revision, compare

    change = compare(analyse_revision(analysis.project, revision, *entry).graph, analysis.graph)
    if style == "markdown":
        from importguard.render.markdown import render_change

        click.echo(render_change(change, revision, analysis.project) + "\n")
    else:
        from importguard.render.text import print_change

        print_change(change, revision, analysis.project, console())


def _write_baseline(report: Report) -> int:
    from importguard import lock as locks
    from importguard.errors import ConfigError

    project = report.analysis.project
    name = project.config.baseline
    if name is None:
        place = str(project.file or project.root / "importguard.toml")
        raise ConfigError(place, "baseline", 'names no file; add baseline = "importguard.baseline.json"')
    named = [(finding, project.relative(finding.location.path)) for finding in report.findings]
    locks.write(project.root / name, locks.baseline_of(named))
    click.echo(f"Wrote {name}: {len(named)} findings are accepted for now.")
    return 0


def _renderer(style: str) -> Callable[[Report], str]:
    from importguard.render import github, json, junit, markdown, sarif

    return {
        "json": json.render_report,
        "sarif": sarif.render_sarif,
        "github": github.render_github,
        "junit": junit.render_junit,
        "markdown": markdown.render_markdown,
    }[style]
