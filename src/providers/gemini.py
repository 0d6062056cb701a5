"""Google Gemini through google-genai. Heavy: reached only through the warmup."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import secrets
from collections.abc import AsyncGenerator
from typing import Any

import httpx2
from google import genai
from google.genai import errors, types

from src.chat import Done, Event, ModelRequest, Text, Thinking, ToolCall, Usage
from src.models.access import Access
from src.models.catalog import MAX_MODELS, Model
from src.models.errors import ProviderError
from src.models.patience import Patience
from src.providers import attempts, failures, gemini_body, rehearsal, wire
from src.providers.clients import Clients

ADDRESS = "https://generativelanguage.googleapis.com"
VERSION = "v1beta"
ASK_S = 20.0  # for lists and counts
REHEARSED = rehearsal.GEMINI  # the answer that `connect` plays
WHOLE = frozenset({"STOP", "MAX_TOKENS"})


class Connection:
    """An SDK client, and the HTTP client under it for what the SDK does not offer."""

    def __init__(self, http: wire.Client, access: Access) -> None:
        self.http = http
        self.address = (access.base_url or os.environ.get("GOOGLE_GEMINI_BASE_URL") or ADDRESS).rstrip("/")
        options = types.HttpOptions(
            base_url=self.address,
            api_version=VERSION,
            httpx_async_client=http,
            # For the SDK's other transports, which are never used: each would read certificates and proxies again.
            httpx_client=httpx2.Client(verify=wire.TLS, trust_env=False),
            async_client_args={"ssl": wire.TLS},
        )
        self.client = genai.Client(api_key=access.secret, vertexai=False, http_options=options)


build = Connection


def connect() -> Clients[Connection]:
    """The clients, with nothing left to load for a first reply."""
    return rehearsal.connect("gemini", stream, build, REHEARSED)


def body(request: ModelRequest, *, official: bool = True) -> dict[str, Any]:  # noqa: ARG001  one dialect
    """The JSON body that goes out."""
    return gemini_body.body(request)


def stream(
    clients: Clients[Connection], access: Access, request: ModelRequest, patience: Patience
) -> AsyncGenerator[Event]:
    """One reply as events."""
    return attempts.stream(access.title, lambda _: _attempt(clients, access, request), patience)


async def count_tokens(clients: Clients[Connection], access: Access, request: ModelRequest) -> int | None:
    """The provider's count of the whole request; the SDK's own call cannot count system text and tools.

    Raises ProviderError.
    """
    connection = clients.get(access)
    model = request.model if request.model.startswith("models/") else f"models/{request.model}"
    asked = {"generateContentRequest": {"model": model, **gemini_body.body(request)}}
    try:
        async with asyncio.timeout(ASK_S):
            response = await connection.http.post(
                f"{connection.address}/{VERSION}/{model}:countTokens",
                headers={"x-goog-api-key": access.secret},
                json=asked,
            )
            answer = response.json()
    except Exception as error:
        raise _explain(access, error) from error
    if response.status_code != 200:
        raise failures.of_status(
            access.title, response.status_code, answer, response.headers, key_place=access.key_place
        )
    count = answer.get("totalTokens") if isinstance(answer, dict) else None
    return count if isinstance(count, int) else None


async def list_models(clients: Clients[Connection], access: Access) -> tuple[Model, ...]:
    """The models that generate content. Raises ProviderError."""
    found: list[Model] = []
    try:
        async with asyncio.timeout(ASK_S):
            async for one in await clients.get(access).client.aio.models.list(config={"page_size": 100}):
                if one.name and "generateContent" in (one.supported_actions or ["generateContent"]):
                    name = one.name.removeprefix("models/")
                    found.append(
                        Model(name, one.display_name or name, one.input_token_limit or 0, one.output_token_limit or 0)
                    )
                if len(found) >= MAX_MODELS:
                    break
    except Exception as error:
        raise _explain(access, error) from error
    return tuple(found)


async def _attempt(clients: Clients[Connection], access: Access, request: ModelRequest) -> AsyncGenerator[Event]:
    usage: Usage | None = None
    reason = ""
    try:
        chunks = await _open(clients.get(access), request)
        async for chunk in chunks:
            if chunk.usage_metadata:
                usage = _usage(chunk.usage_metadata)
            if chunk.prompt_feedback and chunk.prompt_feedback.block_reason:
                blocked = chunk.prompt_feedback.block_reason.value
                raise ProviderError("refused", f"{access.title} does not answer this prompt ({blocked}).")
            for candidate in (chunk.candidates or [])[:1]:
                for part in (candidate.content.parts if candidate.content else None) or []:
                    for event in _events(part):
                        yield event
                if candidate.finish_reason:
                    reason = candidate.finish_reason.value
    except Exception as error:
        raise _explain(access, error) from error
    if usage:
        yield usage
    if reason and reason not in WHOLE:
        raise ProviderError("refused", f"{access.title} broke the answer off ({reason}).")
    if reason:
        yield Done(reason)


async def _open(connection: Connection, request: ModelRequest) -> Any:
    sent = gemini_body.body(request)
    settings = sent.get("generationConfig", {})
    config = types.GenerateContentConfig.model_validate(
        {
            "systemInstruction": sent.get("systemInstruction"),
            "tools": sent.get("tools"),
            "maxOutputTokens": settings.get("maxOutputTokens"),
            "thinkingConfig": settings.get("thinkingConfig"),
            "temperature": settings.get("temperature"),
            "responseMimeType": settings.get("responseMimeType"),
            "responseJsonSchema": settings.get("responseJsonSchema"),
            "automaticFunctionCalling": {"disable": True},
        }
    )
    contents = [types.Content.model_validate(content) for content in sent["contents"]]
    return await connection.client.aio.models.generate_content_stream(
        model=request.model, contents=list(contents), config=config
    )


def _events(part: types.Part) -> list[Event]:
    signature = base64.b64encode(part.thought_signature).decode() if part.thought_signature else ""
    if part.function_call:
        call = part.function_call
        arguments = json.dumps(call.args or {}, ensure_ascii=False)
        return [ToolCall(call.id or f"call_{secrets.token_hex(8)}", call.name or "", arguments, signature)]
    if part.thought:
        return [Thinking(part.text or "", signature)]
    return [Text(part.text)] if part.text else []


def _usage(counted: types.GenerateContentResponseUsageMetadata) -> Usage:
    asked = (counted.prompt_token_count or 0) + (counted.tool_use_prompt_token_count or 0)
    answered = (counted.candidates_token_count or 0) + (counted.thoughts_token_count or 0)
    return Usage(asked, answered, counted.cached_content_token_count or 0)


def _explain(access: Access, error: Exception) -> Exception:
    if isinstance(error, errors.APIError):
        headers = getattr(error.response, "headers", None) or {}
        return failures.of_status(access.title, error.code or 500, error.details, headers, key_place=access.key_place)
    return wire.explain(access.title, error)
