"""The sub-commands of a program, each as a start of its own, and what each may cost. Prints nothing."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from importguard.analysis import Analysis, analyse_main, unfinished, work_out_together
from importguard.errors import ConfigError
from importguard.project.start import Start
from importguard.session import Session
from importguard.startup.trace.trace import Unfinished
from importguard.startup.tracing import trace_start

HELP = "--help"
ANY = "*"  # in a table of budgets: each sub-command that it does not name


class Subcommand(msgspec.Struct, frozen=True):
    """*name*, its words behind the program's name, and what a start with them loads. `budget_ms`: what it may cost.

    `unfinished`: why the rest of it was not looked at, where a bound ended its walk; it loads what is said, and may
    load more.
    """

    name: str
    analysis: Analysis
    budget_ms: float | None = None
    unfinished: str = ""

    @property
    def cost_us(self) -> int:
        """What the start costs, in microseconds."""
        graph = self.analysis.graph
        return graph.cost_us(graph.eager)

    @property
    def is_over(self) -> bool:
        """Whether that is more than it may."""
        return self.budget_ms is not None and self.cost_us > self.budget_ms * 1000


def subcommands(start: Start, session: Session, budgets: Mapping[str, float]) -> tuple[Subcommand, ...]:
    """`--help`, that of each group, then the sub-commands of *start* in the program's order.

    The words are all that is known of each: what its parser demands beside them has values that nobody knows. Raises
    ConfigError for a program without sub-commands and for a budget of one that it does not have, and as `analyse` does.
    """
    found = _names(msgspec.structs.replace(start, args=None), session)
    groups = {one[:depth] for one in found for depth in range(1, len(one))}
    helps = [(*group, HELP) for group in found if group in groups]
    lines = [(HELP,), *helps, *(one for one in found if one not in groups)]
    names = [" ".join(words) for words in lines]
    if len(lines) == 1:
        raise ConfigError(
            start.name or start.target,
            "",
            "no sub-commands were found; they are of click, typer, argparse or fire, and the start has to run it",
        )
    for name in budgets:
        if name not in {*names, ANY}:
            raise ConfigError(name, "", f"no such sub-command has a budget; there are {', '.join(names)}")
    starts = [msgspec.structs.replace(start, args=words, incomplete=words[-1] != HELP) for words in lines]
    work_out_together(starts, session, later=False)
    return tuple(_subcommand(name, one, session, budgets) for name, one in zip(names, starts, strict=True))


def _names(start: Start, session: Session) -> tuple[tuple[str, ...], ...]:
    """The words of each sub-command, in the program's order."""
    try:
        return trace_start(start, session, later=False).commands
    except Unfinished as error:
        return error.trace.commands


def _subcommand(name: str, start: Start, session: Session, budgets: Mapping[str, float]) -> Subcommand:
    budget_ms = budgets.get(name, None if name.endswith(HELP) else budgets.get(ANY))
    try:
        return Subcommand(name, analyse_main(start, session), budget_ms)
    except Unfinished as error:
        return Subcommand(name, unfinished(error), budget_ms, str(error))
