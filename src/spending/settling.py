"""What a request cost once it has ended, when the provider said so and when it did not. Pure."""

from __future__ import annotations

from src.chat import End, Failed, Message, ModelReply, Usage
from src.models.estimate import estimate_message
from src.models.prices import Money, PriceTable

Settled = tuple[str, Usage | None, Money | None, bool]  # the end, the usage, the cost, whether the cost is guessed


def settled_as(tokens: int, reply: ModelReply | None, end: End, prices: PriceTable) -> Settled:
    """How the ledger settles a request of about *tokens* that ended as *end*; without a *reply* it never went out.

    A provider that failed before a word came charges nothing. One whose answer was stopped or cut reports no tokens:
    they are guessed from what was sent and what had come. Anthropic reports its input at the start, and that is taken.
    """
    if reply is None:
        return "not sent", None, Money(0), False
    name = type(end).__name__.lower()
    usage = reply.usage
    if usage is not None and (usage.output_tokens or not reply.parts):
        return name, usage, prices.cost(reply.provider, reply.model, usage), False
    if isinstance(end, Failed) and not reply.parts:
        return name, None, Money(0), False
    said = estimate_message(Message("assistant", reply.parts))
    guess = usage._replace(output_tokens=said) if usage is not None else Usage(tokens, said)
    return name, usage, prices.cost(reply.provider, reply.model, guess), True
