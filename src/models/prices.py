"""What tokens cost: a dated table in the repository, over which the user's own prices go.

Money is whole nano-dollars, so that sums are exact. An unknown price is None, never 0. A model is found by its own name
or by the name without its date.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

from src.chat import Usage
from src.value import Value

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "prices.json")
NANOS = 1_000_000_000
_DATE_LENGTH = 8


class Money(Value):
    """An amount in billionths of a US dollar."""

    nanos: int

    @property
    def usd(self) -> float:
        """The amount in US dollars."""
        return self.nanos / NANOS

    def __str__(self) -> str:
        if 0 < self.nanos < NANOS // 10_000:
            return "< $0.0001"
        return f"${self.usd:,.4f}" if self.nanos < NANOS else f"${self.usd:,.2f}"


class Spent(Value):
    """What a discussion cost: the sum of the known prices, and how many replies have none."""

    known: Money = Money(0)
    unknown: int = 0

    def add(self, cost: Money | None) -> Spent:
        """With one reply more."""
        if cost is None:
            return self._replace(unknown=self.unknown + 1)
        return self._replace(known=Money(self.known.nanos + cost.nanos))

    def __str__(self) -> str:
        if not self.unknown:
            return str(self.known)
        replies = "1 reply" if self.unknown == 1 else f"{self.unknown} replies"
        return f"{self.known} + {replies} of unknown price"


class Price(Value):
    """US dollars per million tokens."""

    input: float
    output: float
    cached: float

    def cost(self, usage: Usage) -> Money:
        """What *usage* costs; the cached tokens are part of the input."""
        fresh = usage.input_tokens - usage.cached_tokens
        micros = fresh * self.input + usage.cached_tokens * self.cached + usage.output_tokens * self.output
        return Money(round(micros * 1000))


class PriceTable(Value):
    """The prices known on `date`, and the tokens that fit into a model's window."""

    date: str
    prices: Mapping[str, Price]
    windows: Mapping[str, int]

    def with_own(self, own: Mapping[str, tuple[float, ...]]) -> PriceTable:
        """With the user's prices over it; without a price for cached tokens they cost as much as others."""
        added = {model: Price(row[0], row[1], row[2] if len(row) > 2 else row[0]) for model, row in own.items()}
        return self._replace(prices={**self.prices, **added})

    def price(self, model: str) -> Price | None:
        """The price of *model*; None when unknown."""
        return self.prices.get(model) or self.prices.get(_undated(model))

    def window(self, model: str) -> int | None:
        """How many tokens *model* takes; None when unknown."""
        return self.windows.get(model) or self.windows.get(_undated(model))

    def cost(self, model: str, usage: Usage | None) -> Money | None:
        """What a reply cost; None when the price or the usage is unknown."""
        price = self.price(model)
        return price.cost(usage) if price is not None and usage is not None else None


def load_prices(path: str = FILE) -> PriceTable:
    """The table in the repository."""
    with open(path, encoding="utf-8") as file:
        data = json.load(file)
    prices, windows = {}, {}
    for model, row in data["models"].items():
        prices[model] = Price(row["input"], row["output"], row.get("cached", row["input"]))
        if "window" in row:
            windows[model] = row["window"]
    return PriceTable(data["date"], prices, windows)


def _undated(model: str) -> str:
    """`claude-sonnet-4-5-20250929` → `claude-sonnet-4-5`; `gpt-4o-2024-08-06` → `gpt-4o`; `models/x` → `x`."""
    name = model.rpartition("/")[2]
    stem, _, last = name.rpartition("-")
    if stem and last.isdigit() and len(last) == _DATE_LENGTH:
        return stem
    parts = name.rsplit("-", 3)
    is_date = len(parts) == 4 and [len(part) for part in parts[1:]] == [4, 2, 2] and all(map(str.isdigit, parts[1:]))
    return parts[0] if is_date else name
