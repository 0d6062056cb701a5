"""Anthropic's models through anthropic. Heavy: reached only through the warmup."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

import anthropic

from src.chat import Done, Event, ModelRequest, Text, Thinking, ToolCall, Usage
from src.models.access import Access
from src.models.catalog import MAX_MODELS, Model
from src.models.errors import ProviderError
from src.models.patience import Patience
from src.providers import anthropic_body, attempts, failures, rehearsal, wire
from src.providers.clients import Clients

ASK_S = 20.0  # for lists and counts
REHEARSED = rehearsal.ANTHROPIC  # the answer that `connect` plays


def connect() -> Clients[anthropic.AsyncAnthropic]:
    """The clients, with nothing left to load for a first reply."""
    return rehearsal.connect("anthropic", stream, build, REHEARSED)


def build(http: wire.Client, access: Access) -> anthropic.AsyncAnthropic:
    """A client over *http*."""
    return anthropic.AsyncAnthropic(
        api_key=access.secret, base_url=access.base_url or None, http_client=http, max_retries=0, timeout=None
    )


def body(request: ModelRequest, *, official: bool = True) -> dict[str, Any]:  # noqa: ARG001  one dialect
    """The JSON body that goes out."""
    return anthropic_body.body(request)


def stream(
    clients: Clients[anthropic.AsyncAnthropic], access: Access, request: ModelRequest, patience: Patience
) -> AsyncGenerator[Event]:
    """One reply as events."""
    return attempts.stream(access.title, lambda _: _attempt(clients, access, request), patience)


async def count_tokens(clients: Clients[anthropic.AsyncAnthropic], access: Access, request: ModelRequest) -> int | None:
    """The provider's count. Raises ProviderError."""
    try:
        async with asyncio.timeout(ASK_S):
            counted = await clients.get(access).messages.count_tokens(**anthropic_body.count_body(request))
    except Exception as error:
        raise _explain(access, error) from error
    return counted.input_tokens


async def list_models(clients: Clients[anthropic.AsyncAnthropic], access: Access) -> tuple[Model, ...]:
    """The models on offer. Raises ProviderError."""
    found: list[Model] = []
    try:
        async with asyncio.timeout(ASK_S):
            async for one in clients.get(access).models.list(limit=100):
                found.append(Model(one.id, one.display_name, one.max_input_tokens or 0, one.max_tokens or 0))
                if len(found) >= MAX_MODELS:
                    break
    except Exception as error:
        raise _explain(access, error) from error
    return tuple(found)


async def _attempt(
    clients: Clients[anthropic.AsyncAnthropic], access: Access, request: ModelRequest
) -> AsyncGenerator[Event]:
    reading = _Reading()
    sent = anthropic_body.body(request)
    # The SDK has no argument for it any more; the models that still take it read it from the body.
    extra = {"temperature": sent.pop("temperature")} if "temperature" in sent else None
    try:
        async with await clients.get(access).messages.create(**sent, extra_body=extra) as events:
            async for event in events:
                for one in reading.take(event):
                    yield one
    except Exception as error:
        raise _explain(access, error) from error
    if reading.usage is not None:
        yield reading.usage
    if reading.refused:
        raise ProviderError("refused", f"{access.title} declined to answer (refusal).")
    if reading.whole:
        yield Done(reading.reason)


class _Reading:
    """What the events of one answer add up to."""

    def __init__(self) -> None:
        self.usage: Usage | None = None
        self.reason = ""
        self.whole = False
        self._call: tuple[str, str] | None = None
        self._arguments: list[str] = []

    @property
    def refused(self) -> bool:
        return self.whole and self.reason == "refusal"

    def take(self, event: Any) -> list[Event]:
        match event.type:
            case "message_start":
                self._count(event.message.usage)
            case "content_block_start":
                return self._begin(event.content_block)
            case "content_block_delta":
                return self._grow(event.delta)
            case "content_block_stop" if self._call is not None:
                call, self._call = ToolCall(*self._call, "".join(self._arguments) or "{}"), None
                return [call]
            case "message_delta":
                self.reason = event.delta.stop_reason or self.reason
                self._count(event.usage)
            case "message_stop":
                self.whole = bool(self.reason)
        return []

    def _begin(self, block: Any) -> list[Event]:
        match block.type:
            case "tool_use":
                self._call, self._arguments = (block.id, block.name), []
                if block.input:
                    self._arguments.append(json.dumps(block.input))
            case "redacted_thinking":
                return [Thinking("", anthropic_body.REDACTED + block.data)]
            case "text" if block.text:
                return [Text(block.text)]
        return []

    def _grow(self, delta: Any) -> list[Event]:
        match delta.type:
            case "text_delta":
                return [Text(delta.text)]
            case "thinking_delta":
                return [Thinking(delta.thinking)]
            case "signature_delta":
                return [Thinking("", delta.signature)]
            case "input_json_delta":
                self._arguments.append(delta.partial_json)
        return []

    def _count(self, usage: Any) -> None:
        """The input is reported at the start, the output's total at the end; what was cached counts as input."""
        before = self.usage or Usage(0, 0)
        read = getattr(usage, "cache_read_input_tokens", None)
        written = getattr(usage, "cache_creation_input_tokens", None) or 0
        fresh = getattr(usage, "input_tokens", None)
        total = before.input_tokens if fresh is None else fresh + (read or 0) + written
        cached = before.cached_tokens if read is None else read
        kept = before.written_tokens if fresh is None else written
        self.usage = Usage(total, usage.output_tokens or before.output_tokens, cached, kept)


def _explain(access: Access, error: Exception) -> Exception:
    if isinstance(error, anthropic.APIStatusError):
        if error.status_code == 200:  # an error event in the stream
            word = str(error.type or "")
            return failures.of_words(access.title, word, error.body, error.response.headers)
        return failures.of_status(
            access.title, error.status_code, error.body, error.response.headers, key_place=access.key_place
        )
    return wire.explain(access.title, error)
