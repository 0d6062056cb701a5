"""The offline provider: answers with what was asked, word by word. Standard library only."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from src.chat import Done, Event, ModelRequest, Text, Usage

MISSING_KEY = ""
PAUSE_S = 0.01


class Echo:
    """The client; there is nothing to connect to."""


def connect() -> Echo:
    """A client that needs no key."""
    return Echo()


async def stream(_client: Echo, request: ModelRequest) -> AsyncIterator[Event]:
    """The last message, word by word."""
    asked = request.messages[-1].text if request.messages else ""
    words = asked.split(" ")
    for position, word in enumerate(words):
        yield Text(word if position == 0 else f" {word}")
        await asyncio.sleep(PAUSE_S)
    yield Usage(len(words), len(words))
    yield Done("end")
