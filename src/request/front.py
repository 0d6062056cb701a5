"""Whether a server on this machine drops the front of a request, before it goes and after it was read. Pure.

Providers in the network refuse what is too long. Ollama and LM Studio cut it without a word, at its beginning: the
instructions go first.
"""

from __future__ import annotations

ANSWER = 512  # tokens of the window that an answer takes at least
STEP = 4096  # tokens by which a larger window is proposed
DOUBT = 1.3  # what was sent is an estimate


def will_drop(total: int, window: int | None, longest: int | None) -> str:
    """The sentence about a request of about *total* tokens to a server whose window is *window*; empty when it fits.

    *longest* is how many tokens the user gave to the answer; None: not chosen.
    """
    if not window:
        return ""
    room = window - min(longest or ANSWER, window // 2)
    if total <= room:
        return ""
    needed = -(-(total + (longest or ANSWER)) // STEP) * STEP
    return (
        f"This server reads {window:,} tokens, the answer among them: about {total - room:,} at the front, the "
        "instructions first, would be dropped without a word. Leave parts out, or give the model a larger window: an "
        f"Ollama's num_ctx of {needed:,} beside the model's name."
    )


def was_dropped(sent: int, read: int, window: int | None) -> str:
    """The sentence about a request of about *sent* tokens of which the server says that it *read* fewer."""
    if not read or sent <= read * DOUBT or (window and read < window // 2):
        return ""
    return f"The server read {read:,} of about {sent:,} tokens: it dropped the front of the request."
