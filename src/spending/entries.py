"""One line of the ledger for each request: what it may cost before it goes out, what it cost when it has ended. Pure.

An order reserves the highest price of its request. It counts at that price until it is settled; one that never is,
because its Sloppy was killed, goes on to count, since nobody knows what the provider charged.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from typing import Any

from src.chat import Usage
from src.models.prices import Money, Spent
from src.value import Value

MOST_NANOS = 10**18  # a billion dollars
LAST_S = 32_503_680_000  # the year 3000
_NAMES = ("provider", "model", "discussion", "project", "what")


class KnownError(ValueError):
    """The line says what is known."""


class Order(Value):
    """A request that is about to go out, and who it is for. `highest` None: its price is unknown."""

    provider: str
    model: str
    discussion: str
    project: str
    what: str
    highest: Money | None


class Entry(Value):
    """An order in the ledger. `at` is in seconds since 1970, `day` the user's own date.

    `end` is empty until it is settled. `cost` None: unknown. `guessed`: the provider reported no tokens, so they were
    estimated from what had come.
    """

    id: str
    at: float
    day: str
    order: Order
    end: str = ""
    usage: Usage | None = None
    cost: Money | None = None
    guessed: bool = False

    @property
    def counts(self) -> Money | None:
        """What it counts for in the caps: its cost, or its highest price until that is known."""
        return self.cost if self.end else self.order.highest


def day_of(at: float) -> str:
    """The date of *at* where the user is."""
    return time.strftime("%Y-%m-%d", time.localtime(at))


def encode_order(entry: Entry) -> bytes:
    """The line that reserves."""
    order = entry.order._asdict() | {"highest": _nanos(entry.order.highest)}
    return _line({"e": "order", "id": entry.id, "at": entry.at, "day": entry.day, **order})


def encode_end(entry: Entry) -> bytes:
    """The line that settles."""
    usage = list(entry.usage._asdict().values()) if entry.usage is not None else None
    fields = {"end": entry.end, "usage": usage, "cost": _nanos(entry.cost), "guessed": entry.guessed}
    return _line({"e": "end", "id": entry.id, **fields})


def apply(line: bytes, entries: dict[str, Entry]) -> Entry | None:
    """Adds what *line* says to *entries*. The entry as it was before, when *line* settles one. Raises ValueError."""
    try:
        value = json.loads(line)
        if value["e"] == "order":
            highest = _money(value["highest"])
            order = Order(**{name: str(value[name]) for name in _NAMES}, highest=highest)
            if value["id"] in entries:  # a write that failed after this line and was done again
                raise KnownError("this order is there already")
            at, day = float(value["at"]), str(value["day"])
            if not 0 <= at < LAST_S or not _is_date(day):
                raise ValueError("no time of a request")
            entry = Entry(str(value["id"]), at, day, order)
            entries[entry.id] = entry
            return None
        before = entries[value["id"]]
        usage = Usage(*map(int, value["usage"])) if value["usage"] is not None else None
        if usage is not None and usage.believed() is None:
            raise ValueError("no tokens of a request")
        after = before._replace(
            end=str(value["end"]), usage=usage, cost=_money(value["cost"]), guessed=bool(value["guessed"])
        )
        entries[before.id] = after
    except (TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError(f"no line of a ledger: {error}") from error
    return before


def total(entries: Iterable[Entry]) -> Spent:
    """The sum of *entries*, as the caps count it."""
    spent = Spent()
    for entry in entries:
        spent = spent.add(entry.counts)
    return spent


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"


def _is_date(day: str) -> bool:
    return [len(one) for one in day.split("-") if one.isdecimal()] == [4, 2, 2] and len(day) == len("2026-11-30")


def _nanos(money: Money | None) -> int | None:
    return money.nanos if money is not None else None


def _money(nanos: Any) -> Money | None:
    if nanos is None:
        return None
    if type(nanos) is not int or not 0 <= nanos <= MOST_NANOS:
        raise ValueError("no amount of money")
    return Money(nanos)
