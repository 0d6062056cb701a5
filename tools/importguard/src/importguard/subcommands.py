"""The sub-commands of a program, each as a start of its own, and what each may cost. Prints nothing."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from importguard.analysis import Analysis, analyse, analyse_all
from importguard.errors import ConfigError
from importguard.project.start import Start
from importguard.session import Session

HELP = "--help"
ANY = "*"  # in a table of budgets: each sub-command that it does not name


class Subcommand(msgspec.Struct, frozen=True):
    """*name*, its words behind the program's name, and what a start with them loads. `budget_ms`: what it may cost."""

    name: str
    analysis: Analysis
    budget_ms: float | None = None

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
    whole = analyse(msgspec.structs.replace(start, args=None), session)
    found = whole.graph.trace.commands
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
    analyses = analyse_all(starts, session)
    return tuple(
        Subcommand(name, one, budgets.get(name, None if name.endswith(HELP) else budgets.get(ANY)))
        for name, one in zip(names, analyses, strict=True)
    )
