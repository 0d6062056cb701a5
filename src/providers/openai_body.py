"""A request as OpenAI's chat completions take it, and the servers that speak the same. Pure; standard library only."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from src.chat import ImagePart, Message, ModelRequest, TextPart, ToolCallPart, ToolResultPart
from src.structured.schema import closed, is_strict

CACHE_START = 4_000  # characters of the first part that the key of the cache is made of


def body(request: ModelRequest, *, official: bool = True) -> dict[str, Any]:
    """The JSON body of a streamed completion; other servers than OpenAI's know the limit under its older name."""
    messages = [{"role": "system", "content": request.system}] if request.system else []
    for message in request.messages:
        messages += _messages(message)
    value: dict[str, Any] = {"model": request.model, "messages": messages}
    if request.tools:
        value["tools"] = [
            {
                "type": "function",
                "function": {
                    "name": tool.name,
                    "description": tool.description,
                    "parameters": dict(tool.parameters),
                },
            }
            for tool in request.tools
        ]
    if request.max_tokens is not None:
        value["max_completion_tokens" if official else "max_tokens"] = request.max_tokens
    if request.temperature is not None:
        value["temperature"] = request.temperature
    if request.effort:
        value["reasoning_effort"] = request.effort
    if request.schema:
        schema = closed(json.loads(request.schema))
        wanted = {"name": "answer", "schema": schema, **({"strict": True} if is_strict(schema) else {})}
        value["response_format"] = {"type": "json_schema", "json_schema": wanted}
    if official and request.cache_marks:
        value["prompt_cache_key"] = cache_key(request)
    return {**value, "stream": True, "stream_options": {"include_usage": True}}


def cache_key(request: ModelRequest) -> str:
    """Sends requests with the same beginning to the same machine, which has it in its cache."""
    start = [request.model, request.system, *(tool.name for tool in request.tools)]
    first = request.messages[0].parts[:1] if request.messages else ()
    start += [part.text[:CACHE_START] for part in first if isinstance(part, TextPart)]
    return hashlib.sha256("\n".join(start).encode(errors="replace")).hexdigest()[:32]


def count_body(request: ModelRequest) -> dict[str, Any]:
    """What OpenAI's count of tokens takes: the same request in the words of its responses, which alone have a count."""
    value: dict[str, Any] = {"model": request.model}
    if request.system:
        value["instructions"] = request.system
    value["input"] = [item for message in request.messages for item in _items(message)]
    if request.tools:
        value["tools"] = [
            {
                "type": "function",
                "name": tool.name,
                "description": tool.description,
                "parameters": dict(tool.parameters),
                "strict": False,
            }
            for tool in request.tools
        ]
    return value


def _items(message: Message) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    said: list[dict[str, Any]] = []
    for part in message.parts:
        match part:
            case TextPart(text) if text:
                said.append({"type": "output_text" if message.role == "assistant" else "input_text", "text": text})
            case ImagePart():
                said.append({"type": "input_image", "detail": "auto", "image_url": _url(part)})
            case ToolCallPart(call_id, name, arguments, _):
                call = {"call_id": call_id, "name": name, "arguments": arguments or "{}"}
                items.append({"type": "function_call", **call})
            case ToolResultPart(call_id, _, text, failed):
                output = f"Error: {text}" if failed else text
                items.append({"type": "function_call_output", "call_id": call_id, "output": output})
    # A user's words come after the results that they go with, an assistant's before its calls, as they are sent.
    words = [{"role": message.role, "content": said}] if said else []
    return [*words, *items] if message.role == "assistant" else [*items, *words]


def _messages(message: Message) -> list[dict[str, Any]]:
    results = [
        {"role": "tool", "tool_call_id": part.call_id, "content": f"Error: {part.text}" if part.failed else part.text}
        for part in message.parts
        if isinstance(part, ToolResultPart)
    ]
    if message.role == "assistant":
        return [*results, *_assistant(message)]
    content = _content(message)
    return [*results, {"role": "user", "content": content}] if content else results


def _assistant(message: Message) -> list[dict[str, Any]]:
    calls = [
        {"id": part.call_id, "type": "function", "function": {"name": part.name, "arguments": part.arguments or "{}"}}
        for part in message.parts
        if isinstance(part, ToolCallPart)
    ]
    value: dict[str, Any] = {"role": "assistant"}
    if message.text:
        value["content"] = message.text
    if calls:
        value["tool_calls"] = calls
    return [value] if len(value) > 1 else []


def _content(message: Message) -> Any:
    """Plain text where there is nothing else: some servers take no list."""
    if not any(isinstance(part, ImagePart) for part in message.parts):
        return message.text
    shaped: list[dict[str, Any]] = []
    for part in message.parts:
        if isinstance(part, TextPart) and part.text:
            shaped.append({"type": "text", "text": part.text})
        elif isinstance(part, ImagePart):
            shaped.append({"type": "image_url", "image_url": {"url": _url(part)}})
    return shaped


def _url(image: ImagePart) -> str:
    return f"data:{image.media_type};base64,{base64.b64encode(image.data).decode()}"
