"""`importguard check`."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING

import click

from importguard.cli import verdict_options
from importguard.cli.entry import Choice, console, entry_options, say
from importguard.cli.reports import Files, rendered, write_files
from importguard.cli.start import StartCommand
from importguard.printable import counted, plain

if TYPE_CHECKING:
    from importguard.analysis import Analysis
    from importguard.compare import Comparison
    from importguard.session import Session
    from importguard.startup.trace.trace import Unfinished
    from importguard.verdict import Verdict


_SHARD_FILE = "Where the result of --shard is written; default: importguard-I-of-N.shard."


def _parsed_shard(_context: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[int, int] | None:
    if value is None:
        return None
    from importguard.sharding import MAX_SHARDS

    number, _, total = value.partition("/")
    if not (number.isdecimal() and total.isdecimal() and 1 <= int(number) <= int(total) <= MAX_SHARDS):
        raise click.BadParameter(f"{value!r} is no I/N, 2/8 for the second of eight; at most {MAX_SHARDS:,} shards.")
    return int(number), int(total)


@click.command(cls=StartCommand)
@entry_options
@verdict_options.style
@verdict_options.select
@verdict_options.ignore
@click.option("--against", metavar="REV", help="Also say what changed since HEAD and the git revision parted.")
@click.option("--write-baseline", is_flag=True, help="Accept today's findings: write the file that `baseline` names.")
@verdict_options.output_files
@verdict_options.exit_zero
@click.option("--show-settings", is_flag=True, help="Print the settings that count, and check nothing.")
@click.option(
    "--shard",
    metavar="I/N",
    callback=_parsed_shard,
    help="Work out every Nth entry, from the Ith on, and judge nothing: `importguard merge` judges all.",
)
@click.option("--shard-file", type=click.Path(dir_okay=False), metavar="PATH", help=_SHARD_FILE)
@click.option("--watch", is_flag=True, help="Check again after each save, and say what changed; Ctrl+C ends it.")
def check(  # noqa: PLR0917  click passes them by name
    choice: Choice,
    style: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    against: str | None,
    write_baseline: bool,
    files: Files,
    exit_zero: bool,
    show_settings: bool,
    shard: tuple[int, int] | None,
    shard_file: str | None,
    watch: bool,
) -> int:
    """Find heavy imports on the main thread, and whether the warmup manifest is fresh.

    START is a script, a folder with a __main__.py or a .pyz; without any start every entry in importguard.toml is
    analysed. ARGS are what the program's sys.argv holds; without them every branch on arguments is possible.
    """
    from importguard.startup.trace.trace import Unfinished
    from importguard.verdict import check as judge
    from importguard.verdict import selected_rules

    if shard is not None:
        judging = {
            "--format": style != "text",
            "--select": select,
            "--ignore": ignore,
            "--against": against,
            "--write-baseline": write_baseline,
            "--output-file": files,
            "--watch": watch,
        }
        return _work_out_shard(choice, shard, shard_file, [name for name, given in judging.items() if given])
    selected_rules(select, ignore)  # a wrong code is reported before the long work
    if against is not None and style not in {"text", "json", "markdown"}:
        raise click.UsageError("--against is for --format text, json and markdown.")
    if show_settings:
        return _show_settings(choice)
    if watch:
        if style != "text" or against is not None or write_baseline:
            raise click.UsageError("--watch is for text, without --against and --write-baseline.")
        return _watch(choice, select, ignore)
    session = choice.session()
    try:
        analyses = choice.analyses(session)
    except Unfinished as error:
        if write_baseline or against is not None or style not in {"text", "json", "markdown"}:
            raise  # the other reports have no place for what is no verdict
        return _print_found(error, select, ignore, style)
    if write_baseline:
        return _write_baseline(choice, judge(*analyses, select=select, ignore=ignore, fresh=True))
    changes = _changes(analyses, against, session) if against is not None else None
    verdict = judge(*analyses, select=select, ignore=ignore)
    write_files(verdict, files)
    if changes is not None:
        _print_compared(verdict, changes, style, choice)
    else:
        report_verdict(verdict, style, choice)
    return int(verdict.failed and not exit_zero)


def _work_out_shard(choice: Choice, numbers: tuple[int, int], file: str | None, judging: list[str]) -> int:
    from importguard.sharding import Settings, Shard, result_of, write_result

    if choice.start is not None:
        raise click.UsageError("--shard divides the entries of the configuration: name no START beside it.")
    if judging:
        raise click.UsageError(f"--shard judges nothing: pass {', '.join(judging)} to `importguard merge`.")
    shard, starts, session = Shard(*numbers), choice.starts(), choice.session()
    names = tuple(one.name or one.target for one in starts)
    own = shard.share(starts)
    analyses = choice.analyses(session, own) if own else ()
    settings = Settings(
        names,
        choice.python,
        choice.variables,
        choice.no_seen,
        choice.preset,
        choice.ready_at,
        os.environ.get("PYTHONPATH", ""),
    )
    path = Path(file or f"importguard-{shard.number}-of-{shard.total}.shard")
    write_result(path, result_of(shard, analyses, choice.project, settings, session.now))
    said = ", ".join(shard.share(names)) or "none, there are fewer entries than shards"
    say(choice, plain(f"Wrote {path}: {len(own)} of {len(names)} entries ({said})."))
    return 0


def report_verdict(verdict: Verdict, style: str, choice: Choice) -> None:
    """Prints *verdict* in the format *style*."""
    if style == "text":
        _print_verdict(verdict, choice)
    else:
        _print_report(verdict, style, choice)


def _show_settings(choice: Choice) -> int:
    from importguard.render.settings import render_settings

    session = choice.session()
    starts = choice.starts() if choice.start is not None or choice.project.entries else ()
    click.echo(render_settings(choice.project, [(one, session.environment_of(one)) for one in starts]))
    return 0


def _print_report(verdict: Verdict, style: str, choice: Choice) -> None:
    """A report for machines; where it finds nothing, a line for people beside it, who would ask whether it ran."""
    from importguard.render.target import looked_at

    report = rendered(verdict, style)
    if report:
        click.echo(report)
    if choice.verbose:
        _print_details(verdict, err=True)
    where = " ".join(looked_at(one.analysis for one in verdict.reports))
    if not verdict.findings and not choice.quiet:
        names = ", ".join(plain(one.analysis.name) for one in verdict.reports)
        click.echo(f"importguard: nothing was found in {names}. {where}", err=True)
    elif style == "github" and not choice.quiet:  # the other formats have a place for it
        click.echo(f"importguard: {where}", err=True)


def _print_found(error: Unfinished, select: tuple[str, ...], ignore: tuple[str, ...], style: str) -> int:
    """What was found until a bound ended the walk, which is no verdict."""
    from importguard.verdict import judge_unfinished

    verdict = judge_unfinished(error, select, ignore)
    if style == "text":
        from importguard.render.text import print_findings

        print_findings(verdict.findings, verdict.project, console())
    else:
        click.echo(rendered(verdict, style))
    click.echo(plain(f"importguard: {error}"), err=True)
    return 2


def _watch(choice: Choice, select: tuple[str, ...], ignore: tuple[str, ...]) -> int:
    from importguard.verdict import check as judge
    from importguard.watch import rounds, saves

    def end(_signal: int, _frame: FrameType | None) -> None:
        # Not an exception: where one is raised in a callback of the interpreter's it gets lost.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        stop.set()

    stop = Event()
    signal.signal(signal.SIGINT, end)
    failed = False
    first = True

    def check_again() -> Verdict:
        return judge(*choice.anew().analyses(), select=select, ignore=ignore)

    for one in rounds(check_again, saves(choice.project.root, stop)):
        if one.verdict is None:
            click.echo(plain(f"importguard: {one.error}"), err=True)
            continue
        failed = one.verdict.failed
        if first:
            _print_verdict(one.verdict, choice)
        else:
            from importguard.render.text import print_round

            print_round(one, console())
        sys.stdout.flush()
        first = False
    return int(failed)


def _print_details(verdict: Verdict, *, err: bool) -> None:
    from importguard.render.verbose import details

    applied = {report.analysis.name: len(report.rules) for report in verdict.reports}
    analyses = [report.analysis for report in verdict.reports]
    click.echo("\n".join(details(verdict.project, analyses, applied)), err=err)


def _print_verdict(verdict: Verdict, choice: Choice) -> None:
    if choice.quiet:
        if verdict.findings:
            from importguard.render.text import print_findings

            print_findings(verdict.findings, verdict.project, console())
        return
    _print_whole(verdict)
    if choice.verbose:
        _print_details(verdict, err=False)


def _collections(verdict: Verdict) -> list[str]:
    """What each file of tests needs, where a start is one of pytest's."""
    from importguard.project.start import Kind

    found = [one.analysis for one in verdict.reports if one.analysis.start.kind is Kind.PYTEST]
    if not found:
        return []
    from importguard.collected import collected
    from importguard.render.collection import collection_lines

    return [line for one in found for line in collection_lines(collected(one.graph), one.project)]


def _print_whole(verdict: Verdict) -> None:
    from importguard.project.ruff_settings import ruff_notes
    from importguard.render.summary import notes, summary, written
    from importguard.render.target import looked_at

    sentences = (*ruff_notes(verdict.project.root), *_argument_notes(verdict))
    clean = [line for report in verdict.reports for line in summary(report)] if not verdict.findings else []
    tests = _collections(verdict)
    where = [[(line, "")] for line in (*tests, *looked_at(report.analysis for report in verdict.reports))]
    text = written([*clean, *notes(sentences), *where]) if clean else None
    if text is not None:
        click.echo(text)
        return
    from importguard.render.text import print_verdict

    print_verdict(verdict, console(), sentences)
    click.echo("\n".join([*tests, *looked_at(report.analysis for report in verdict.reports)]))


def _argument_notes(verdict: Verdict) -> tuple[str, ...]:
    names = [report.analysis.name for report in verdict.reports if report.analysis.wants_arguments]
    if not names:
        return ()
    return (
        f"the arguments of {', '.join(names)} are not known, so each branch on them is possible. To name them, put "
        "them after --, or into `args` in importguard.toml.",
    )


def _changes(analyses: tuple[Analysis, ...], revision: str, session: Session) -> Comparison:
    from importguard.compare import compare_all

    return compare_all(analyses, revision, session)


def _print_compared(verdict: Verdict, changes: Comparison, style: str, choice: Choice) -> None:
    from importguard.render.changes import changes_object, markdown_changes, print_changes

    if style == "json":
        from importguard.render.json import render_verdict

        click.echo(render_verdict(verdict, changes_object(changes, verdict.project)))
    elif style == "markdown":
        click.echo(markdown_changes(changes, verdict.project) + "\n")
        click.echo(rendered(verdict, style))
    else:
        print_changes(changes, verdict.project, console())
        _print_verdict(verdict, choice)


def _write_baseline(choice: Choice, verdict: Verdict) -> int:
    from importguard.errors import ConfigError
    from importguard.project import lock as locks
    from importguard.verdict import baseline_of

    judged = {report.analysis.start.name for report in verdict.reports}
    written = []
    for name in dict.fromkeys(report.analysis.start.config.baseline for report in verdict.reports):
        if name is None:
            place = str(choice.project.file or choice.project.root / "importguard.toml")
            raise ConfigError(place, "baseline", 'names no file; add baseline = "importguard.baseline.json"')
        left = [one.name for one in choice.project.entries if one.config.baseline == name and one.name not in judged]
        if left:
            raise click.UsageError(f"{name} also accepts findings of {', '.join(left)}: write it without --entry.")
        reports = [report for report in verdict.reports if report.analysis.start.config.baseline == name]
        written.append((name, baseline_of(verdict, (one for report in reports for one in report.findings))))
    for name, baseline in written:
        locks.write(choice.project.root / name, baseline)
        click.echo(f"Wrote {plain(name)}: {counted(len(baseline.findings), 'finding')} accepted for now.")
    return 0
