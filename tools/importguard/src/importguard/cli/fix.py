"""`importguard fix`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from importguard.cli.entry import Choice, entry_options, say, say_environment
from importguard.cli.progress import progress
from importguard.cli.start import StartCommand
from importguard.printable import counted, plain

if TYPE_CHECKING:
    from importguard.analysis import Analysis
    from importguard.fix.proposal import Proposal
    from importguard.plan import Plan

_FORMS = ("function", "lazy", "lazy-modules", "types", "warmed")


@click.command(cls=StartCommand)
@entry_options
@click.option("--diff", "_diff", is_flag=True, help="Print the steps and a diff; write nothing. This is the default.")
@click.option("--apply", "applied", is_flag=True, help="Write the files; all of them, or none when anything fails.")
@click.option(
    "--step",
    "steps",
    multiple=True,
    type=click.IntRange(min=1),
    metavar="N",
    help="Only this step of the plan; may be repeated.",
)
@click.option(
    "--subject", "subjects", multiple=True, metavar="NAME", help="Only the steps for this package; may be repeated."
)
@click.option(
    "--form",
    type=click.Choice(_FORMS),
    help="function: inside the functions that use it; types: for type checkers alone; warmed: those functions ask the "
    "warmup for it; lazy, lazy-modules: Python 3.15. Default: warmed where there is a manifest, else lazy from 3.15 on "
    "and function below.",
)
@click.option(
    "--verify",
    "verified",
    metavar="COMMAND",
    help="After --apply run COMMAND of the project; take all back when it fails.",
)
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--allow-dirty", is_flag=True, help="Write although the git tree has changes that are not committed.")
def fix(  # noqa: PLR0917  click passes them by name
    choice: Choice,
    _diff: bool,
    applied: bool,
    steps: tuple[int, ...],
    subjects: tuple[str, ...],
    form: str | None,
    verified: str | None,
    style: str,
    allow_dirty: bool,
) -> int:
    """Make the cuts of the plan in the source files, and prove what they save.

    A statement is moved only where every use of what it binds allows it; the others stay, with the line that is in the
    way. The start is worked out again with the edited files, and only what is then gone counts. Nothing of the project
    runs, but for the COMMAND of --verify.

    Exit code 1: a step was refused or made in part. 2: nothing could be done, or all was taken back.
    """
    from importguard.fix.applying import demand_clean
    from importguard.fix.proposal import propose
    from importguard.render.fixes import fixed, render_fixes

    if applied and _diff:
        raise click.UsageError("--diff and --apply exclude each other.")
    if verified is not None and not applied:
        raise click.UsageError("--verify needs --apply: it runs on the changed files.")
    session = choice.session()
    analysis = choice.analysis("fix changes files for one start", session)
    if applied and not allow_dirty:
        demand_clean(choice.project.root)
    plan = _plan(analysis)
    _demand_known(plan, steps, subjects)
    with progress(f"Working out the cuts of {plain(analysis.name)}", steps=True, quiet=choice.quiet) as step:
        proposal = propose(analysis, plan, session, _form(analysis, form), only=steps, subjects=subjects, step=step)
    if style == "text":
        click.echo(fixed(proposal, diff=not applied))
    if applied and proposal.edits:
        _apply(choice, proposal, verified, quiet=style == "json")
    if style == "json":
        click.echo(render_fixes(proposal, applied=applied))
    say_environment(choice, [analysis], beside=style == "json")
    return int(bool(proposal.refusals) or any(one.stays for one in proposal.made))


def _apply(choice: Choice, proposal: Proposal, verified: str | None, *, quiet: bool) -> None:
    from importguard.analysis import analyse
    from importguard.fix.applying import apply

    def again() -> Analysis:
        session = choice.session()
        return analyse(proposal.analysis.start, session)

    if verified is not None and not quiet:
        say(choice, f"Running {plain(verified)} on the changed files.")
    with progress(f"Changing {counted(len(proposal.edits), 'file')}", quiet=choice.quiet):
        apply(proposal, again, verified, choice.project.root)
    if quiet:
        return
    proved = " and " + plain(verified) + " passes" if verified is not None else ""
    click.echo(
        f"Changed {len(proposal.edits)} {'file' if len(proposal.edits) == 1 else 'files'}: the start loads "
        f"{counted(len(proposal.saved), 'module')} less, as worked out again afterwards{proved}."
        + (f" {plain(proposal.analysis.start.config.manifest or '')} has the jobs." if proposal.warms else "")
    )


def _plan(analysis: Analysis) -> Plan:
    from importguard.verdict import check

    return check(analysis).reports[0].plan


def _form(analysis: Analysis, form: str | None) -> str:
    from importguard.fix.proposal import LAZY, default_form

    if form == "lazy" and analysis.environment.version_info[:2] < LAZY:
        raise click.UsageError("`lazy import` needs Python 3.15; name such an interpreter with --python.")
    return form or default_form(analysis)


def _demand_known(plan: Plan, steps: tuple[int, ...], subjects: tuple[str, ...]) -> None:
    most = len(plan.steps)
    for number in steps:
        if number > most:
            raise click.UsageError(f"the plan has {most} steps, so there is no step {number}.")
    known = {step.subject for step in plan.steps}
    for name in subjects:
        if name not in known:
            listed = ", ".join(sorted(known)) or "none"
            raise click.UsageError(f"no step of the plan is for {name}; it has steps for: {listed}.")
