"""`importguard check`."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING

import click

from importguard.cli.entry import Choice, console, entry_options
from importguard.render.plain import plain

if TYPE_CHECKING:
    from importguard.check import Analysis, Verdict
    from importguard.compare import Comparison


_STYLES = ["text", "json", "sarif", "github", "junit", "markdown"]


def _codes(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(code.strip().upper() for value in values for code in value.split(",") if code.strip())


@click.command()
@entry_options
@click.option("--format", "style", type=click.Choice(_STYLES), default="text", show_default=True)
@click.option("--select", metavar="CODES", multiple=True, callback=_codes, help="Only these rules: IG101,IG3.")
@click.option("--ignore", metavar="CODES", multiple=True, callback=_codes, help="All rules but these.")
@click.option("--against", metavar="REV", help="Also say what changed since HEAD and the git revision parted.")
@click.option("--write-baseline", is_flag=True, help="Accept today's findings: write the file that `baseline` names.")
@click.option("--watch", is_flag=True, help="Check again after each save, and say what changed; Ctrl+C ends it.")
def check(  # noqa: PLR0917  click passes them by name
    choice: Choice,
    style: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    against: str | None,
    write_baseline: bool,
    watch: bool,
) -> int:
    """Find heavy imports on the main thread, and whether the warmup manifest is fresh.

    Without SCRIPT or --module every entry in importguard.toml is analysed.
    """
    from importguard.check import check_all, selected_rules

    selected_rules(select, ignore)  # a wrong code is told before the long work
    if against is not None and style not in {"text", "json", "markdown"}:
        raise click.UsageError("--against is for --format text, json and markdown.")
    if watch:
        if style != "text" or against is not None or write_baseline:
            raise click.UsageError("--watch is for text, without --against and --write-baseline.")
        return _watch(choice, select, ignore)
    analyses = choice.analyses()
    if write_baseline:
        return _write_baseline(choice, check_all(analyses, select, ignore, fresh=True))
    changes = _changes(choice, analyses, against) if against is not None else None
    verdict = check_all(analyses, select, ignore)
    if changes is not None:
        _print_compared(verdict, changes, style)
    elif style == "text":
        _print_verdict(verdict)
    else:
        click.echo(_renderer(style)(verdict))
    return int(verdict.failed)


def _watch(choice: Choice, select: tuple[str, ...], ignore: tuple[str, ...]) -> int:
    from importguard.check import check_all
    from importguard.running.watch import rounds, saves

    def end(_signal: int, _frame: FrameType | None) -> None:
        # Not an exception: where one is raised in a callback of the interpreter's it gets lost.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        stop.set()

    stop = Event()
    signal.signal(signal.SIGINT, end)
    failed = False
    first = True
    for one in rounds(lambda: check_all(choice.anew().analyses(), select, ignore), saves(choice.project.root, stop)):
        if one.verdict is None:
            click.echo(f"importguard: {one.error}", err=True)
            continue
        failed = one.verdict.failed
        if first:
            _print_verdict(one.verdict)
        else:
            from importguard.render.text import print_round

            print_round(one, console())
        sys.stdout.flush()
        first = False
    return int(failed)


def _print_verdict(verdict: Verdict) -> None:
    from importguard.project.ruff_settings import ruff_notes
    from importguard.render.summary import notes, summary, written

    sentences = ruff_notes(verdict.project.root)
    clean = [line for report in verdict.reports for line in summary(report)] if not verdict.findings else []
    text = written([*clean, *notes(sentences)]) if clean else None
    if text is not None:
        click.echo(text)
        return
    from importguard.render.text import print_verdict

    print_verdict(verdict, console(), sentences)


def _changes(choice: Choice, analyses: tuple[Analysis, ...], revision: str) -> Comparison:
    from importguard.compare import compare_all

    return compare_all(
        choice.project, analyses, revision, script=choice.script, module=choice.module, python=choice.python
    )


def _print_compared(verdict: Verdict, changes: Comparison, style: str) -> None:
    from importguard.render.changes import changes_object, markdown_changes, print_changes

    if style == "json":
        from importguard.render.json import render_verdict

        click.echo(render_verdict(verdict, changes_object(changes, verdict.project)))
    elif style == "markdown":
        click.echo(markdown_changes(changes, verdict.project) + "\n")
        click.echo(_renderer(style)(verdict))
    else:
        print_changes(changes, verdict.project, console())
        _print_verdict(verdict)


def _write_baseline(choice: Choice, verdict: Verdict) -> int:
    from importguard.errors import ConfigError
    from importguard.project import lock as locks

    judged = {report.analysis.project.name for report in verdict.reports}
    written = []
    for name in dict.fromkeys(report.analysis.project.config.baseline for report in verdict.reports):
        if name is None:
            place = str(choice.project.file or choice.project.root / "importguard.toml")
            raise ConfigError(place, "baseline", 'names no file; add baseline = "importguard.baseline.json"')
        left = [one.name for one in choice.project.entries if one.config.baseline == name and one.name not in judged]
        if left:
            raise click.UsageError(f"{name} also accepts findings of {', '.join(left)}: write it without --entry.")
        reports = [report for report in verdict.reports if report.analysis.project.config.baseline == name]
        named = [
            (finding, choice.project.relative(finding.location.path))
            for report in reports
            for finding in report.findings
        ]
        written.append((name, locks.baseline_of(named)))
    for name, baseline in written:
        locks.write(choice.project.root / name, baseline)
        click.echo(f"Wrote {plain(name)}: {len(baseline.findings)} findings are accepted for now.")
    return 0


def _renderer(style: str) -> Callable[[Verdict], str]:
    from importguard.render import github, json, junit, markdown, sarif

    return {
        "json": json.render_verdict,
        "sarif": sarif.render_sarif,
        "github": github.render_github,
        "junit": junit.render_junit,
        "markdown": markdown.render_markdown,
    }[style]
