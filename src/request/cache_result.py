"""What a provider's cache did for an answer, as the provider reported it. Pure."""

from __future__ import annotations

from src.discussion.tree import Turn
from src.models.prices import Money, Price
from src.request.build import CacheOutlook
from src.value import Value

FORGOTTEN = "The provider did not have it any more, although nothing in front has changed."


class CacheResult(Value):
    """Tokens read from the cache and written to it; `rate` is the share of the input that was read.

    `saved` None: the price is unknown. `lost` says why less was read than before; empty when nothing was lost.
    """

    read: int
    written: int
    rate: float
    saved: Money | None
    lost: str


def cache_result(turn: Turn, price: Price | None, expected: CacheOutlook | None) -> CacheResult | None:
    """The result for *turn*, of which *expected* was expected; None when nothing is known of a cache."""
    usage = turn.usage
    if usage is None or not usage.input_tokens:
        return None
    hoped, broken = (expected.read, expected.broken) if expected is not None else (0, "")
    if not (usage.cached_tokens or usage.written_tokens or hoped or broken):
        return None
    lost = broken or (FORGOTTEN if usage.cached_tokens * 2 < hoped else "")
    saved = price.saved(usage) if price is not None else None
    return CacheResult(usage.cached_tokens, usage.written_tokens, usage.cached_tokens / usage.input_tokens, saved, lost)
