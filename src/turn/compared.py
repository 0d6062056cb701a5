"""Answers of several models to one request, side by side: values, the table, the differences. Pure."""

from __future__ import annotations

import difflib
from typing import Final, Literal

from src.chat import Done, End, ModelReply
from src.models.prices import Money
from src.models.variant import Variant
from src.value import Value

MAX_LINES = 5_000  # of an answer that is compared
SAME: Final = " "
GONE: Final = "-"
NEW: Final = "+"
Line = tuple[Literal[" ", "-", "+"], str]
HEAD = ("model", "cost", "first word", "whole", "in", "cached", "out", "end")


class Column(Value):
    """One model's answer as it grows. Times in seconds since it was asked; `turn` is its turn once it has ended.

    `settings` are those of its own, as `src.models.variant` writes them; `refusal` says why it was not asked.
    """

    provider: str
    model: str
    reply: ModelReply | None = None
    first_s: float | None = None
    whole_s: float | None = None
    cost: Money | None = None
    turn: int = 0
    refusal: str = ""
    over_cap: bool = False
    settings: str = ""

    @property
    def name(self) -> str:
        """The model with its settings."""
        return Variant(self.model, self.settings).name

    @property
    def end(self) -> End | None:
        """How it ended; None while it streams."""
        return self.reply.end if self.reply is not None else None

    @property
    def is_whole(self) -> bool:
        """The model has said all."""
        return isinstance(self.end, Done)

    @property
    def has_ended(self) -> bool:
        """Nothing more comes."""
        return bool(self.refusal) or self.end is not None


def state_of(column: Column) -> str:
    """A column's state in a few words."""
    if column.refusal:
        return column.refusal
    if column.end is None:
        return "streams" if column.reply is not None and column.reply.parts else "waits"
    reason = getattr(column.end, "reason", "")
    return "done" if column.is_whole else f"{type(column.end).__name__.lower()} {reason}".strip()


def cells(column: Column) -> tuple[str, ...]:
    """A column's row of the table, as HEAD names it."""
    usage = column.reply.usage if column.reply is not None else None
    used = (usage.input_tokens, usage.cached_tokens, usage.output_tokens) if usage is not None else ()
    return (
        f"{column.provider}/{column.name}",
        str(column.cost) if column.cost is not None else "unknown" if column.has_ended and usage else "-",
        *(f"{seconds:.2f} s" if seconds is not None else "-" for seconds in (column.first_s, column.whole_s)),
        *([f"{count:,}" for count in used] or ["-"] * 3),
        state_of(column),
    )


def table(columns: tuple[Column, ...]) -> str:
    """The columns as rows of a text, one model a line."""
    rows = [HEAD, *map(cells, columns)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(HEAD))]
    last = len(HEAD) - 1
    return "".join(
        "  ".join(
            row[at].ljust(widths[at]) if at in (0, last) else row[at].rjust(widths[at]) for at in range(len(HEAD))
        ).rstrip()
        + "\n"
        for row in rows
    )


def differences(first: str, other: str) -> tuple[Line, ...]:
    """*other* line by line, with what only *first* has (`-`) and what only *other* has (`+`)."""
    before, after = first.splitlines()[:MAX_LINES], other.splitlines()[:MAX_LINES]
    found: list[Line] = []
    for kind, left, right, start, end in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            found += [(SAME, line) for line in after[start:end]]
        else:
            found += [(GONE, line) for line in before[left:right]]
            found += [(NEW, line) for line in after[start:end]]
    return tuple(found)
