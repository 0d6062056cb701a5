"""What tokens cost: the user's own prices first, then the published ones that `market` knows.

Money is whole nano-dollars, so that sums are exact. An unknown price is None, never 0; what runs here costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from src.chat import Usage
from src.value import Value

NANOS = 1_000_000_000
FREE = "echo"  # the provider that answers from this program


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


class Step(Value):
    """What tokens cost in a request with more than `above` tokens of input; USD per million."""

    above: int
    input: float
    output: float
    cached: float


class Price(Value):
    """US dollars per million tokens; `steps` for long requests, the shortest first."""

    input: float
    output: float
    cached: float
    steps: tuple[Step, ...] = ()

    def cost(self, usage: Usage) -> Money:
        """What *usage* costs; the cached tokens are part of the input."""
        here: Price | Step = self
        for step in self.steps:
            if usage.input_tokens > step.above:
                here = step
        fresh = usage.input_tokens - usage.cached_tokens
        micros = fresh * here.input + usage.cached_tokens * here.cached + usage.output_tokens * here.output
        return Money(round(micros * 1000))


class Listed(Value):
    """What is published of a model: its price and the tokens that fit into its window; None is unknown."""

    price: Price | None = None
    window: int | None = None


UNLISTED = Listed()
NOTHING = Price(0.0, 0.0, 0.0)


def unlisted(_provider: str, _model: str) -> Listed:
    """Knows no model: the prices until the published ones are read."""
    return UNLISTED


class PriceTable(Value):
    """The prices known now: the user's `own` by model, and what is `listed` for a provider and its model."""

    own: Mapping[str, tuple[float, ...]] = {}
    listed: Callable[[str, str], Listed] = unlisted

    def price(self, provider: str, model: str) -> Price | None:
        """The price of *model* at *provider*; None when unknown."""
        row = self.own.get(model)
        if row is not None:  # without a price for cached tokens they cost as much as others
            return Price(row[0], row[1], row[2] if len(row) > 2 else row[0])
        return NOTHING if provider == FREE else self.listed(provider, model).price

    def window(self, provider: str, model: str) -> int | None:
        """How many tokens *model* takes; None when unknown."""
        return self.listed(provider, model).window

    def cost(self, provider: str, model: str, usage: Usage | None) -> Money | None:
        """What a reply cost; None when the price or the usage is unknown."""
        price = self.price(provider, model)
        return price.cost(usage) if price is not None and usage is not None else None
