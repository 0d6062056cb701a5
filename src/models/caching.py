"""How providers keep the beginning of a request in a cache. Values and a table; pure.

The numbers are those of the providers' pages on caching in November 2026; a server that is not listed promises nothing.
"""

from __future__ import annotations

from src.value import Value

MINUTE_S = 60.0


class CacheRule(Value):
    """What a provider keeps: prefixes of at least `least` tokens, in steps of `step`, `lasts_s` after their last use.

    `marked`: only up to the marks that a request sets, and writing has a price of its own.
    """

    least: int
    step: int
    lasts_s: float
    marked: bool = False


# The first beginning of a model's name that fits; "" fits all.
_RULES: dict[str, tuple[tuple[str, CacheRule], ...]] = {
    "anthropic": (
        ("claude-opus-5", CacheRule(512, 1, 5 * MINUTE_S, True)),
        ("claude-haiku-4-5", CacheRule(4096, 1, 5 * MINUTE_S, True)),
        ("claude-opus-4-5", CacheRule(4096, 1, 5 * MINUTE_S, True)),
        ("claude-opus-4-6", CacheRule(4096, 1, 5 * MINUTE_S, True)),
        ("", CacheRule(1024, 1, 5 * MINUTE_S, True)),
    ),
    "openai": (("", CacheRule(1024, 128, 5 * MINUTE_S)),),
    "gemini": (
        ("gemini-2.5-flash", CacheRule(1024, 1, 5 * MINUTE_S)),
        ("gemini-3-flash", CacheRule(1024, 1, 5 * MINUTE_S)),
        ("", CacheRule(4096, 1, 5 * MINUTE_S)),
    ),
}


def rule_of(provider: str, model: str) -> CacheRule | None:
    """How *provider* keeps requests to *model*; None when it says nothing about that."""
    name = model.removeprefix("models/")
    return next((rule for start, rule in _RULES.get(provider, ()) if name.startswith(start)), None)
