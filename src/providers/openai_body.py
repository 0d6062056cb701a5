"""A request as OpenAI's chat completions take it, and the servers that speak the same. Pure; standard library only."""

from __future__ import annotations

import base64
from typing import Any

from src.chat import ImagePart, Message, ModelRequest, TextPart, ToolCallPart, ToolResultPart

MAX_IMAGE = 20_000_000  # bytes


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
    return {**value, "stream": True, "stream_options": {"include_usage": True}}


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
            url = f"data:{part.media_type};base64,{base64.b64encode(part.data).decode()}"
            shaped.append({"type": "image_url", "image_url": {"url": url}})
    return shaped
