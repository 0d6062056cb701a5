"""What a request cost once it has ended, when the provider said so and when it did not. Pure."""

from __future__ import annotations

from src.chat import End, Failed, Message, ModelReply, Usage
from src.models.estimate import estimate_message
from src.models.prices import Money, PriceTable

Settled = tuple[str, Usage | None, Money | None, bool]  # the end, the usage, the cost, whether the cost is guessed


def settled_as(tokens: int, reply: ModelReply | None, end: End, prices: PriceTable) -> Settled:
    """How the ledger settles a request of about *tokens* that ended as *end*; without a *reply* it never went out.

    A provider that failed before a word came charges nothing. One whose answer was stopped or cut reports no tokens:
    they are guessed from what was sent and what had come.
    """
    if reply is None:
        return "not sent", None, Money(0), False
    name = type(end).__name__.lower()
    if reply.usage is not None:
        return name, reply.usage, prices.cost(reply.provider, reply.model, reply.usage), False
    if isinstance(end, Failed) and not reply.parts:
        return name, None, Money(0), False
    guess = Usage(tokens, estimate_message(Message("assistant", reply.parts)))
    return name, None, prices.cost(reply.provider, reply.model, guess), True
