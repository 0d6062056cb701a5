"""A request as Ollama's own `/api/chat` takes it, which alone can set the window of a model. Pure."""

from __future__ import annotations

import base64
import json
from typing import Any

from src.chat import ImagePart, Message, ModelRequest, ToolCallPart, ToolResultPart
from src.providers.anthropic_body import arguments_of
from src.structured.schema import closed


def body(request: ModelRequest) -> dict[str, Any]:
    """The JSON body of a streamed chat."""
    messages = [{"role": "system", "content": request.system}] if request.system else []
    for message in request.messages:
        messages += _messages(message)
    value: dict[str, Any] = {"model": request.model, "messages": messages, "stream": True}
    if request.tools:
        value["tools"] = [
            {
                "type": "function",
                "function": {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)},
            }
            for tool in request.tools
        ]
    if request.effort or request.thinking:
        value["think"] = request.effort or True
    if request.schema:
        value["format"] = closed(json.loads(request.schema))
    options: dict[str, Any] = {"num_ctx": request.num_ctx}
    if request.temperature is not None:
        options["temperature"] = request.temperature
    if request.max_tokens is not None:
        options["num_predict"] = request.max_tokens
    return {**value, "options": options}


def _messages(message: Message) -> list[dict[str, Any]]:
    results = [
        {"role": "tool", "tool_name": part.name, "content": f"Error: {part.text}" if part.failed else part.text}
        for part in message.parts
        if isinstance(part, ToolResultPart)
    ]
    value: dict[str, Any] = {"role": message.role, "content": message.text}
    images = [base64.b64encode(part.data).decode() for part in message.parts if isinstance(part, ImagePart)]
    if images:
        value["images"] = images
    calls = [
        {"function": {"name": part.name, "arguments": arguments_of(part.arguments)}}
        for part in message.parts
        if isinstance(part, ToolCallPart)
    ]
    if calls:
        value["tool_calls"] = calls
    return [*results, value] if message.text or images or calls else results
