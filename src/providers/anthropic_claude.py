"""Anthropic's models through anthropic. Heavy: reached only through the warmup."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import anthropic
import httpx2
from anthropic.types import MessageParam

from src.chat import Done, Event, Failed, ModelRequest, Text, Truncated, Usage

MISSING_KEY = "Anthropic has no key: set ANTHROPIC_API_KEY and start Sloppy again."
MAX_TOKENS = 8192
TIMEOUT_S = 120.0


def connect() -> anthropic.AsyncAnthropic | None:
    """A client for the key in ANTHROPIC_API_KEY; None without one."""
    key = os.environ.get("ANTHROPIC_API_KEY")
    return anthropic.AsyncAnthropic(api_key=key, timeout=TIMEOUT_S) if key else None


async def stream(client: anthropic.AsyncAnthropic, request: ModelRequest) -> AsyncIterator[Event]:
    """One reply as events; errors become Failed."""
    messages: list[MessageParam] = [
        {"role": "user", "content": message.text}
        if message.role == "user"
        else {"role": "assistant", "content": message.text}
        for message in request.messages
    ]
    system = request.system or anthropic.omit
    try:
        async with client.messages.stream(
            model=request.model, max_tokens=MAX_TOKENS, messages=messages, system=system
        ) as events:
            async for text in events.text_stream:
                yield Text(text)
            reply = await events.get_final_message()
    except anthropic.APIStatusError as error:
        body = error.body if isinstance(error.body, dict) else {}
        detail = body.get("error")
        reason = detail.get("message") if isinstance(detail, dict) else None
        yield Failed(f"Anthropic refused ({error.status_code}): {reason or error.message}")
        return
    except (anthropic.APIConnectionError, httpx2.HTTPError) as error:
        yield Failed(f"Anthropic cannot be reached: {type(error).__name__}. Check the network and try again.")
        return
    yield Usage(reply.usage.input_tokens, reply.usage.output_tokens)
    yield Done(reply.stop_reason) if reply.stop_reason else Truncated()
