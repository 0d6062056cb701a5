"""One reply from canned bytes, in memory: makes an SDK load and build what it would on its first request.

Importing an SDK is not readiness: the first request imports more modules and builds types, tens to hundreds of
milliseconds. The warmup pays that here. Nothing is sent anywhere.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from typing import Any

# What the first connection would import, at its moment.
import anyio._backends._asyncio
import anyio._core._sockets  # noqa: F401
import httpx2

from src.chat import Event, Message, ModelRequest, TextPart, ToolCallPart, ToolResultPart, ToolSpec
from src.models.access import Access
from src.models.patience import Patience
from src.providers.clients import Build, C, Clients
from src.providers.wire import EVENT_STREAM, Client

_TOOL = ToolSpec("read_file", "Reads a file.", {"type": "object", "properties": {"path": {"type": "string"}}})


def _sse(*events: dict[str, Any]) -> bytes:
    names = (f"event: {event['type']}\n" if "type" in event else "" for event in events)
    return "".join(f"{name}data: {json.dumps(event)}\n\n" for name, event in zip(names, events, strict=True)).encode()


_USAGE = {"input_tokens": 1, "output_tokens": 1}
ANTHROPIC = _sse(
    {
        "type": "message_start",
        "message": {"id": "m", "type": "message", "role": "assistant", "model": "m", "content": [], "usage": _USAGE},
    },
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "hi"}},
    {"type": "content_block_stop", "index": 0},
    {
        "type": "content_block_start",
        "index": 1,
        "content_block": {"type": "tool_use", "id": "t", "name": "f", "input": {}},
    },
    {"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": "{}"}},
    {"type": "content_block_stop", "index": 1},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 1}},
    {"type": "message_stop"},
)
_CONTENT = {"role": "model", "parts": [{"text": "hi"}, {"functionCall": {"name": "f", "args": {}}}]}
_COUNTS = {"promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2}
GEMINI = _sse({"candidates": [{"content": _CONTENT, "finishReason": "STOP"}], "usageMetadata": _COUNTS})
_CALL = {"index": 0, "id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
_DELTA = {"role": "assistant", "content": "hi", "tool_calls": [_CALL]}
_CHUNK = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
OPENAI = (
    _sse(
        {**_CHUNK, "choices": [{"index": 0, "delta": _DELTA, "finish_reason": "stop"}]},
        {**_CHUNK, "choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}},
    )
    + b"data: [DONE]\n\n"
)

Stream = Callable[[Clients[Any], Access, ModelRequest, Patience], AsyncGenerator[Event]]


def connect(provider: str, stream: Stream, build: Build[C], answer: bytes) -> Clients[C]:
    """The provider's clients, one without a key built, after a rehearsed reply; those with keys are built on demand."""
    run(provider, stream, build, answer)
    clients = Clients(build, Client())
    clients.get(Access(provider))
    return clients


def run(provider: str, stream: Stream, build: Build[C], answer: bytes) -> tuple[Event, ...]:
    """The events that *stream* makes of *answer*, with a client that *build* makes over a transport in memory."""
    called = (ToolCallPart("t", "read_file", '{"path": "a"}'), TextPart("hi"))
    request = ModelRequest(
        provider,
        "model",
        "system",
        (
            Message.of("user", "hi"),
            Message("assistant", called, provider, "model"),
            Message("user", (ToolResultPart("t", "read_file", "text"),)),
        ),
        (_TOOL,),
    )

    def reply(_request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": EVENT_STREAM}, content=answer)

    async def collect() -> tuple[Event, ...]:
        async with Client(httpx2.MockTransport(reply)) as http:
            events = stream(Clients(build, http), Access(provider), request, Patience(attempts=1))
            return tuple([event async for event in events])

    return asyncio.run(collect())
