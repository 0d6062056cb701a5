"""OpenAI's models through openai. Heavy: reached only through the warmup."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from typing import Any

import openai

from src.chat import Done, Event, Failed, ModelRequest, Text, Truncated, Usage

MISSING_KEY = "OpenAI has no key: set OPENAI_API_KEY and start Sloppy again."
TIMEOUT_S = 120.0


def connect() -> openai.AsyncOpenAI | None:
    """A client for the key in OPENAI_API_KEY; None without one."""
    key = os.environ.get("OPENAI_API_KEY")
    return openai.AsyncOpenAI(api_key=key, timeout=TIMEOUT_S) if key else None


async def stream(client: openai.AsyncOpenAI, request: ModelRequest) -> AsyncIterator[Event]:
    """One reply as events; errors become Failed."""
    messages: list[Any] = [{"role": "system", "content": request.system}] if request.system else []
    messages += [{"role": message.role, "content": message.text} for message in request.messages]
    usage: Usage | None = None
    reason = ""
    try:
        chunks = await client.chat.completions.create(
            model=request.model, messages=messages, stream=True, stream_options={"include_usage": True}
        )
        async for chunk in chunks:
            for choice in chunk.choices:
                if choice.delta.content:
                    yield Text(choice.delta.content)
                reason = choice.finish_reason or reason
            if chunk.usage:
                usage = Usage(chunk.usage.prompt_tokens, chunk.usage.completion_tokens)
    except openai.APIStatusError as error:
        yield Failed(f"OpenAI refused ({error.status_code}): {error.message}")
        return
    except openai.APIError as error:
        yield Failed(f"OpenAI cannot be reached: {type(error).__name__}. Check the network and try again.")
        return
    if usage:
        yield usage
    yield Done(reason) if reason else Truncated()
