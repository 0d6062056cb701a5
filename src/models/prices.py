"""What tokens cost: the user's own prices first, then the published ones that `market` knows; what may be spent.

Money is whole nano-dollars, so that sums are exact. An unknown price is None, never 0; what runs here costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from src.chat import Usage
from src.value import Value

NANOS = 1_000_000_000


class Money(Value):
    """An amount in billionths of a US dollar."""

    nanos: int

    @property
    def usd(self) -> float:
        """The amount in US dollars."""
        return self.nanos / NANOS

    def __str__(self) -> str:
        if self.nanos < 0:
            return f"-{Money(-self.nanos)}"
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

    def plus(self, other: Spent) -> Spent:
        """Both together."""
        return Spent(Money(self.known.nanos + other.known.nanos), self.unknown + other.unknown)

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
    written: float | None = None


class Price(Value):
    """US dollars per million tokens; `steps` for long requests, the shortest first.

    `cached` is for tokens read from the provider's cache, `written` for those written there; None: as other input.
    """

    input: float
    output: float
    cached: float
    steps: tuple[Step, ...] = ()
    written: float | None = None

    def cost(self, usage: Usage) -> Money:
        """What *usage* costs; the cached and the written tokens are part of the input."""
        here = self._at(usage.input_tokens)
        written = here.input if here.written is None else here.written
        fresh = usage.input_tokens - usage.cached_tokens - usage.written_tokens
        micros = fresh * here.input + usage.cached_tokens * here.cached + usage.written_tokens * written
        return Money(round((micros + usage.output_tokens * here.output) * 1000))

    def saved(self, usage: Usage) -> Money:
        """What the provider's cache saved on *usage*; less than nothing when writing cost more than reading saved."""
        whole = self.cost(usage._replace(cached_tokens=0, written_tokens=0))
        return Money(whole.nanos - self.cost(usage).nanos)

    def highest(self, input_tokens: int, output_tokens: int) -> Money:
        """The most that a request of so many tokens can cost: nothing of it cached, all of it written."""
        here = self._at(input_tokens)
        dearest = max(here.input, here.written or 0.0)
        return Money(round((input_tokens * dearest + output_tokens * here.output) * 1000))

    def _at(self, input_tokens: int) -> Price | Step:
        here: Price | Step = self
        for step in self.steps:
            if input_tokens > step.above:
                here = step
        return here


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
    """The prices known now: the user's `own` by model, what is `listed` for a provider and its model, who is `free`."""

    own: Mapping[str, tuple[float, ...]] = {}
    listed: Callable[[str, str], Listed] = unlisted
    free: frozenset[str] = frozenset()

    def price(self, provider: str, model: str) -> Price | None:
        """The price of *model* at *provider*; None when unknown."""
        row = self.own.get(model)
        if row is not None:  # without a price for cached tokens they cost as much as others
            written = row[3] if len(row) > 3 else None
            return Price(row[0], row[1], row[2] if len(row) > 2 else row[0], written=written)
        return NOTHING if provider in self.free else self.listed(provider, model).price

    def window(self, provider: str, model: str) -> int | None:
        """How many tokens *model* takes; None when unknown."""
        return self.listed(provider, model).window

    def cost(self, provider: str, model: str, usage: Usage | None) -> Money | None:
        """What a reply cost; None when the price or the usage is unknown."""
        price = self.price(provider, model)
        if price == NOTHING:
            return Money(0)  # however much it was
        return price.cost(usage) if price is not None and usage is not None else None


class Sums(Value):
    """What was spent in a discussion, in a project, on a day; what has not ended counts at its highest price."""

    discussion: Spent = Spent()
    project: Spent = Spent()
    day: Spent = Spent()
    all: Spent = Spent()


class Caps(Value):
    """Tokens of a request; US dollars of a discussion, a request, a project, a day. None is no cap.

    `spent` is what the discussion cost as its own log has it, `sums` what the ledger has.
    """

    tokens: int | None
    usd: float | None
    spent: Spent
    request_usd: float | None = None
    project_usd: float | None = None
    day_usd: float | None = None
    sums: Sums = Sums()

    @property
    def hold_money(self) -> bool:
        """There is a cap in money."""
        return any(cap is not None for cap in (self.usd, self.request_usd, self.project_usd, self.day_usd))


def over_cap(total: int, highest: Money | None, caps: Caps, model: str) -> str:
    """The sentence that asks before *total* tokens go out, which cost *highest* at most with their answer.

    Empty when no cap is in the way.
    """
    if caps.tokens is not None and total > caps.tokens:
        return f"The request is about {total:,} tokens; your cap is {caps.tokens:,}."
    if not caps.hold_money:
        return ""
    if highest is None:
        caps_usd = (caps.usd, caps.request_usd, caps.project_usd, caps.day_usd)
        lowest = _dollars(min(one for one in caps_usd if one is not None))
        return f"The price of {model} is unknown, and you set a cap of {lowest}. Settings > Prices takes its price."
    talked = max(caps.spent.known.nanos, caps.sums.discussion.known.nanos)
    rows = (
        ("this request alone may cost", 0, caps.request_usd),
        ("the discussion may cost", talked, caps.usd),
        ("this project may cost", caps.sums.project.known.nanos, caps.project_usd),
        ("today may cost", caps.sums.day.known.nanos, caps.day_usd),
    )
    for what, spent, cap in rows:
        after = Money(spent + highest.nanos)
        if cap is not None and after.nanos > _dollars(cap).nanos:
            shorter = "A shorter answer (the sliders beside the model) costs less."
            return f"With its longest answer {what} {after}; your cap is {_dollars(cap)}. {shorter}"
    return ""


def _dollars(usd: float) -> Money:
    return Money(round(usd * NANOS))
