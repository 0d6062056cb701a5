"""Ollama by its own protocol, for a model whose window (`num_ctx`) is set: what speaks OpenAI's format ignores it.

Heavy: reached only through the warmup, from `src.providers.openai_chat`.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncGenerator
from typing import Any

from src.chat import Done, Event, ModelRequest, Text, Thinking, ToolCall, Usage
from src.models.access import Access
from src.models.errors import ProviderError
from src.providers import failures, ollama_body, wire

NOT_OLLAMA = (404, 405, 501)


async def attempt(http: wire.Client, access: Access, request: ModelRequest) -> AsyncGenerator[Event]:
    """One attempt at a reply as events. Raises ProviderError and CutOffError."""
    url = f"{access.base_url.rstrip('/').removesuffix('/v1')}/api/chat"
    headers = {"accept": wire.LINES}
    if access.key:
        headers["authorization"] = f"Bearer {access.secret}"
    try:
        async with http.stream("POST", url, json=ollama_body.body(request), headers=headers) as answer:
            if answer.status_code != 200:
                raise _refused(access, request, answer.status_code, await answer.aread(), dict(answer.headers))
            async for line in answer.aiter_lines():
                for event in _events(access, json.loads(line)) if line.strip() else ():
                    yield event
    except ProviderError:
        raise
    except Exception as error:
        raise wire.explain(access.title, error) from error


def _events(access: Access, said: dict[str, Any]) -> list[Event]:
    if error := said.get("error"):
        raise failures.of_words(access.title, "", str(error), {})
    message = said.get("message") or {}
    events: list[Event] = []
    if thought := message.get("thinking"):
        events.append(Thinking(thought))
    if text := message.get("content"):
        events.append(Text(text))
    for call in message.get("tool_calls") or ():
        asked = call["function"]
        arguments = json.dumps(asked.get("arguments") or {}, ensure_ascii=False)
        events.append(ToolCall(call.get("id") or f"call_{secrets.token_hex(8)}", asked["name"], arguments))
    if said.get("done"):
        if type(read := said.get("prompt_eval_count")) is int:
            events.append(Usage(read, said.get("eval_count") or 0))
        events.append(Done(said.get("done_reason") or "stop"))
    return events


def _refused(access: Access, request: ModelRequest, status: int, body: bytes, headers: dict[str, str]) -> ProviderError:
    try:
        said: Any = json.loads(body)
    except ValueError:
        said = body.decode(errors="replace")
    knows = isinstance(said, dict) and "model" in str(said.get("error", ""))
    if status in NOT_OLLAMA and not knows:
        what = f"num_ctx of {request.num_ctx:,} is set for {request.model}, and {access.title} has no /api/chat"
        return ProviderError("refused", f"{what}: it is no Ollama. Take num_ctx off beside the model's name.")
    if status == 500 and "memory" in str(said).lower():  # asking again would change nothing
        detail = failures.of_status(access.title, 400, said, {}).reason
        return ProviderError("refused", f"{detail.rstrip('.')}. Take a smaller num_ctx than {request.num_ctx:,}.")
    return failures.of_status(access.title, status, said, headers, key_place=access.key_place)
