"""OpenAI's models, and servers that speak the same (Ollama, LM Studio), through openai.

Heavy: reached only through the warmup.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator
from typing import Any

import openai

from src.chat import Done, Event, ModelRequest, Text, Thinking, ToolCall, Usage
from src.models.access import Access
from src.models.catalog import MAX_MODELS, Model
from src.models.errors import ProviderError
from src.models.patience import Patience
from src.providers import attempts, failures, ollama, ollama_body, openai_body, rehearsal, wire
from src.providers.clients import Clients

ASK_S = 20.0  # for lists and counts
REHEARSED = rehearsal.OPENAI  # the answer that `connect` plays


def connect() -> Clients[openai.AsyncOpenAI]:
    """The clients, with nothing left to load for a first reply."""
    return rehearsal.connect("openai", stream, build, REHEARSED)


def build(http: wire.Client, access: Access) -> openai.AsyncOpenAI:
    """A client over *http*."""
    return openai.AsyncOpenAI(
        api_key=access.secret, base_url=access.base_url or None, http_client=http, max_retries=0, timeout=None
    )


def body(request: ModelRequest, *, official: bool = True) -> dict[str, Any]:
    """The JSON body that goes out; with a `num_ctx` it is that of Ollama's own format."""
    if request.num_ctx and not official:
        return ollama_body.body(request)
    return openai_body.body(request, official=official)


def stream(
    clients: Clients[openai.AsyncOpenAI], access: Access, request: ModelRequest, patience: Patience
) -> AsyncGenerator[Event]:
    """One reply as events."""
    if request.num_ctx and access.base_url:  # what speaks OpenAI's format cannot set it
        return attempts.stream(access.title, lambda _: ollama.attempt(clients.http, access, request), patience)
    return attempts.stream(access.title, lambda _: _attempt(clients, access, request), patience)


async def count_tokens(clients: Clients[openai.AsyncOpenAI], access: Access, request: ModelRequest) -> int | None:
    """OpenAI's count; None for other servers, which have none. Raises ProviderError."""
    if access.base_url:
        return None
    try:
        async with asyncio.timeout(ASK_S):
            # By its path: the SDK's own method would import its responses, a tenth of a second, for this alone.
            asked = openai_body.count_body(request)
            counted = await clients.get(access).post("/responses/input_tokens", cast_to=object, body=asked)
    except Exception as error:
        raise _explain(access, error) from error
    count = counted.get("input_tokens") if isinstance(counted, dict) else None
    return count if isinstance(count, int) else None


async def list_models(clients: Clients[openai.AsyncOpenAI], access: Access) -> tuple[Model, ...]:
    """The models on offer. Raises ProviderError."""
    found: list[Model] = []
    try:
        async with asyncio.timeout(ASK_S):
            async for one in clients.get(access).models.list():
                found.append(Model(one.id, one.id))
                if len(found) >= MAX_MODELS:
                    break
    except Exception as error:
        raise _explain(access, error) from error
    return tuple(found)


async def _attempt(
    clients: Clients[openai.AsyncOpenAI], access: Access, request: ModelRequest
) -> AsyncGenerator[Event]:
    usage: Usage | None = None
    reason = ""
    calls = _Calls()
    try:
        sent = openai_body.body(request, official=not access.base_url)
        async with await clients.get(access).chat.completions.create(**sent) as chunks:
            async for chunk in chunks:
                for choice in (chunk.choices or [])[:1]:
                    for event in _events(choice.delta):
                        yield event
                    calls.take(choice.delta.tool_calls or [])
                    reason = choice.finish_reason or reason
                if chunk.usage:
                    usage = _usage(chunk.usage)
    except Exception as error:
        raise _explain(access, error) from error
    if reason:  # a call that was cut is not one
        for call in calls.whole():
            yield call
    if usage:
        yield usage
    if reason == "content_filter":
        raise ProviderError("refused", f"{access.title} broke the answer off (content_filter).")
    if reason:
        yield Done(reason)


class _Calls:
    """Tool calls as their pieces come, by index; a server that gives all of them index 0 tells them apart by id."""

    def __init__(self) -> None:
        self._found: list[tuple[int, str, list[str], list[str]]] = []

    def take(self, pieces: list[Any]) -> None:
        for piece in pieces:
            last = next((call for call in reversed(self._found) if call[0] == piece.index), None)
            if last is None or (piece.id and last[1] and piece.id != last[1]):
                last = (piece.index, piece.id or f"call_{secrets.token_hex(8)}", [], [])
                self._found.append(last)
            if piece.function:
                last[2].append(piece.function.name or "")
                last[3].append(piece.function.arguments or "")

    def whole(self) -> list[ToolCall]:
        return [ToolCall(call_id, "".join(name), "".join(said) or "{}") for _, call_id, name, said in self._found]


def _events(delta: Any) -> list[Event]:
    # Servers name thoughts differently and OpenAI not at all; the SDK keeps fields that it does not know.
    thought = getattr(delta, "reasoning_content", None) or getattr(delta, "reasoning", None)
    events: list[Event] = [Thinking(thought)] if isinstance(thought, str) and thought else []
    said = delta.content or getattr(delta, "refusal", None)
    return [*events, Text(said)] if said else events


def _usage(counted: Any) -> Usage:
    details = getattr(counted, "prompt_tokens_details", None)
    cached = getattr(details, "cached_tokens", None) or 0
    return Usage(counted.prompt_tokens or 0, counted.completion_tokens or 0, cached)


def _explain(access: Access, error: Exception) -> Exception:
    if isinstance(error, openai.APIStatusError):
        return failures.of_status(
            access.title, error.status_code, error.body, error.response.headers, key_place=access.key_place
        )
    if type(error) is openai.APIError:  # an error event in the stream
        word = " ".join(str(part) for part in (error.type, error.code) if part)
        if isinstance(error.body, dict) and isinstance(status := error.body.get("code"), int) and status >= 400:
            return failures.of_status(access.title, status, error.body, {}, key_place=access.key_place)
        return failures.of_words(access.title, word, error.body or error.message, {})
    return wire.explain(access.title, error)
