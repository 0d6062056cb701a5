"""Google Gemini through google-genai. Heavy: reached only through the warmup."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import httpx2
from google import genai
from google.genai import errors, types

from src.chat import Done, Event, Failed, ModelRequest, Text, Truncated, Usage

MISSING_KEY = "Gemini has no key: set GEMINI_API_KEY and start Sloppy again."
TIMEOUT_MS = 120_000


def connect() -> genai.Client | None:
    """A client for the key in GEMINI_API_KEY or GOOGLE_API_KEY; None without one."""
    key = os.environ.get("GEMINI_API_KEY") or os.environ.get("GOOGLE_API_KEY")
    if not key:
        return None
    return genai.Client(api_key=key, http_options=types.HttpOptions(timeout=TIMEOUT_MS))


async def stream(client: genai.Client, request: ModelRequest) -> AsyncIterator[Event]:
    """One reply as events; errors become Failed."""
    roles = {"user": "user", "assistant": "model"}
    contents = [
        types.Content(role=roles[message.role], parts=[types.Part(text=message.text)]) for message in request.messages
    ]
    config = types.GenerateContentConfig(system_instruction=request.system or None)
    usage: Usage | None = None
    reason = ""
    try:
        chunks = await client.aio.models.generate_content_stream(
            model=request.model, contents=list(contents), config=config
        )
        async for chunk in chunks:
            if chunk.text:
                yield Text(chunk.text)
            if chunk.usage_metadata:
                counted = chunk.usage_metadata
                usage = Usage(counted.prompt_token_count or 0, counted.candidates_token_count or 0)
            if chunk.candidates and chunk.candidates[0].finish_reason:
                reason = chunk.candidates[0].finish_reason.value
    except errors.APIError as error:
        yield Failed(f"Gemini refused ({error.code}): {error.message}")
        return
    except httpx2.HTTPError as error:
        yield Failed(f"Gemini cannot be reached: {type(error).__name__}. Check the network and try again.")
        return
    if usage:
        yield usage
    yield Done(reason) if reason else Truncated()
