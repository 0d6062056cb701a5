"""What the user allows to be spent, and the sentence about a request that goes over it. Pure."""

from __future__ import annotations

from src.models.prices import NANOS, Money, Spent
from src.spending.entries import Sums
from src.value import Value


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
        lowest = _money(min(one for one in caps_usd if one is not None))
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
        if cap is not None and after.nanos > _money(cap).nanos:
            shorter = "A shorter answer (the sliders beside the model) costs less."
            return f"With its longest answer {what} {after}; your cap is {_money(cap)}. {shorter}"
    return ""


def _money(usd: float) -> Money:
    return Money(round(usd * NANOS))
