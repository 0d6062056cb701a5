"""A request as the Gemini API takes it. Pure; standard library only."""

from __future__ import annotations

import base64
import json
from typing import Any

from src.chat import ImagePart, Message, ModelRequest, Part, TextPart, ThinkingPart, ToolCallPart, ToolResultPart
from src.providers.anthropic_body import arguments_of


def body(request: ModelRequest) -> dict[str, Any]:
    """The JSON body of `streamGenerateContent`, some names as the SDK sends them; the API takes both."""
    told = _told(request)
    value: dict[str, Any] = {
        "contents": [shaped for message in request.messages if (shaped := _content(message, told))["parts"]]
    }
    if request.system:
        value["systemInstruction"] = {"parts": [{"text": request.system}], "role": "user"}
    if request.tools:
        declared = [
            {"name": tool.name, "description": tool.description, "parameters_json_schema": dict(tool.parameters)}
            for tool in request.tools
        ]
        value["tools"] = [{"functionDeclarations": declared}]
    settings: dict[str, Any] = {}
    if request.max_tokens is not None:
        settings["maxOutputTokens"] = request.max_tokens
    if request.temperature is not None:
        settings["temperature"] = request.temperature
    if request.schema:
        settings["responseMimeType"] = "application/json"
        settings["responseJsonSchema"] = json.loads(request.schema)
    thinking: dict[str, Any] = {"include_thoughts": True} if request.thinking else {}
    if request.effort:
        thinking["thinking_level"] = request.effort.upper()
    if thinking:
        settings["thinkingConfig"] = thinking
    if settings:
        value["generationConfig"] = settings
    return value


def _told(request: ModelRequest) -> frozenset[str]:
    """The calls that another provider made: without Gemini's seal it refuses them as calls, so they go as text."""
    return frozenset(
        part.call_id
        for message in request.messages
        for part in message.parts
        if isinstance(part, ToolCallPart) and message.provider != "gemini"
    )


def _content(message: Message, told: frozenset[str]) -> dict[str, Any]:
    own = message.provider == "gemini"
    parts = [shaped for part in message.parts if (shaped := _part(part, own, told)) is not None]
    return {"parts": parts, "role": "model" if message.role == "assistant" else "user"}


def _part(part: Part, own: bool, told: frozenset[str]) -> dict[str, Any] | None:
    match part:
        case TextPart(text):
            return {"text": text} if text else None
        case ImagePart(media_type, data, _):
            return {"inlineData": {"data": base64.b64encode(data).decode(), "mime_type": media_type}}
        case ThinkingPart(text, signature):
            return {"text": text, "thought": True, "thoughtSignature": signature} if own and signature else None
        case ToolCallPart(call_id, name, arguments, signature):
            if call_id in told:
                return {"text": f"(called {name} with {arguments})"}
            call = {"functionCall": {"args": arguments_of(arguments), "id": call_id, "name": name}}
            return {**call, "thoughtSignature": signature} if signature else call
        case ToolResultPart(call_id, name, text, failed):
            if call_id in told:
                return {"text": f"({name} {'failed' if failed else 'answered'}: {text})"}
            answer = {"error": text} if failed else {"output": text}
            return {"functionResponse": {"id": call_id, "name": name, "response": answer}}
