"""The ledger as a table for the terminal and as CSV. Pure."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterable

from src.models.prices import Money, Spent
from src.spending.entries import Entry, total
from src.value import Value

COLUMNS = (
    "time", "project", "discussion", "provider", "model", "for", "input_tokens", "cached_tokens", "written_tokens",
    "output_tokens", "cost_usd", "reserved_usd", "guessed", "end",
)  # fmt: skip
FORMULAS = ("=", "+", "-", "@", "\t", "\r")  # a table program would compute a cell that begins so


class Row(Value):
    """What was paid to one model: its requests, their tokens, their sum."""

    provider: str
    model: str
    requests: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    paid: Spent


def rows(entries: Iterable[Entry]) -> tuple[Row, ...]:
    """One row for each model, the dearest first."""
    found: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        found.setdefault((entry.order.provider, entry.order.model), []).append(entry)
    made = []
    for (provider, model), some in found.items():
        used = [entry.usage for entry in some if entry.usage is not None]
        counts = (sum(one.input_tokens for one in used), sum(one.cached_tokens for one in used))
        made.append(Row(provider, model, len(some), *counts, sum(one.output_tokens for one in used), total(some)))
    return tuple(sorted(made, key=lambda row: -row.paid.known.nanos))


def table(entries: tuple[Entry, ...], today: str) -> str:
    """What was paid to whom, and the sums of today, of this month and of all."""
    lines: list[tuple[str, ...]] = [("provider", "model", "requests", "in", "cached", "out", "paid")]
    for row in rows(entries):
        counts = (row.requests, row.input_tokens, row.cached_tokens, row.output_tokens)
        lines.append((row.provider, row.model, *(f"{count:,}" for count in counts), str(row.paid)))
    widths = [max(len(line[at]) for line in lines) for at in range(len(lines[0]))]
    shown = ["  ".join(_put(line[at], widths[at], at) for at in range(len(line))).rstrip() for line in lines]
    open_ones = tuple(entry for entry in entries if not entry.end)
    sums = [
        f"today       {total(entry for entry in entries if entry.day == today)}",
        f"this month  {total(entry for entry in entries if entry.day[:7] == today[:7])}",
        f"all         {total(entries)}",
    ]
    if open_ones:
        sums.append(f"{len(open_ones):,} of them not settled: {total(open_ones)} at most")
    return "\n".join([*(shown if entries else ["Nothing was asked for yet."]), "", *sums]) + "\n"


def to_csv(entries: Iterable[Entry]) -> str:
    """Every request, with a header."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for entry in entries:
        order, usage = entry.order, entry.usage
        when = time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(entry.at))
        names = (order.project, order.discussion, order.provider, order.model, order.what)
        used = usage and (usage.input_tokens, usage.cached_tokens, usage.written_tokens, usage.output_tokens)
        money = (_usd(entry.cost), _usd(order.highest))
        writer.writerow((when, *map(_cell, names), *(used or ("",) * 4), *money, int(entry.guessed), entry.end))
    return out.getvalue()


def _usd(money: Money | None) -> str:
    return f"{money.usd:.9f}" if money is not None else ""


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULAS) else text


def _put(text: str, width: int, at: int) -> str:
    return text.ljust(width) if at < 2 else text.rjust(width)
