"""Published prices and windows of models, from the data inside genai-prices. Nothing is fetched.

Heavy: genai-prices builds 1.6 MB of tables when it is first asked. The warmup imports this module and calls `read`.

Guarantees
- Nothing here uses the network: genai-prices updates its data only on request, and nothing requests it.
- Answers are kept, so that a frame which asks again pays nothing; at most MAX_KEPT of them.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache

from genai_prices import types
from genai_prices.data_snapshot import DataSnapshot, get_snapshot

from src.models.prices import UNLISTED, Listed, Price, Step
from src.models.providers import BY_NAME

MAX_KEPT = 512


def read() -> DataSnapshot:
    """Builds the tables; the warmup's product."""
    return get_snapshot()


@lru_cache(MAX_KEPT)
def find(provider: str, base_url: str, model: str) -> Listed:
    """What is published of *model* at the provider, or at the seller whose address *base_url* is."""
    seller = BY_NAME[provider].seller if provider in BY_NAME else ""
    if not seller and not base_url:
        return UNLISTED
    name = model.removeprefix("models/")
    try:
        _, found = get_snapshot().find_provider_model(name, None, seller or None, None if seller else base_url)
    except LookupError:
        return UNLISTED
    return Listed(_price(found.get_prices(datetime.now(tz=UTC))), found.context_window)


def _price(listed: types.ModelPrice) -> Price | None:
    if listed.input_mtok is None or listed.output_mtok is None:
        return None  # sold by the picture, the second or the request
    cached = listed.input_mtok if listed.cache_read_mtok is None else listed.cache_read_mtok
    written = listed.input_mtok if listed.cache_write_mtok is None else listed.cache_write_mtok
    starts = {
        tier.start
        for kind in (listed.input_mtok, listed.output_mtok, cached, written)
        if isinstance(kind, types.TieredPrices)
        for tier in kind.tiers
    }

    def at(tokens: int) -> tuple[float, float, float]:
        return _at(listed.input_mtok, tokens), _at(listed.output_mtok, tokens), _at(cached, tokens)

    steps = tuple(Step(start, *at(start + 1), _at(written, start + 1)) for start in sorted(starts))
    return Price(*at(0), steps=steps, written=_at(written, 0))


def _at(price: Decimal | types.TieredPrices | None, tokens: int) -> float:
    """USD per million tokens in a request with so many tokens of input."""
    if not isinstance(price, types.TieredPrices):
        return float(price or 0)
    return float(next((tier.price for tier in reversed(price.tiers) if tokens > tier.start), price.base))
