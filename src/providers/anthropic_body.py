"""A request as Anthropic's Messages API takes it. Pure; standard library only."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from src.chat import ImagePart, Message, ModelRequest, Part, TextPart, ThinkingPart, ToolCallPart, ToolResultPart
from src.models.estimate import DEFAULT_ANSWER
from src.structured.schema import closed

HOTTEST = 1.0  # other providers go up to 2
# A thought that came sealed: no text, only data to hand back.
REDACTED = "redacted:"
# Keeps the request up to here in the provider's cache, for five minutes after its last use.
KEPT = {"cache_control": {"type": "ephemeral"}}
UNMARKED = ("thinking", "redacted_thinking")


def body(request: ModelRequest) -> dict[str, Any]:
    """The JSON body of a streamed message; `count_body` is the part that is counted."""
    value = {**count_body(request), "max_tokens": request.max_tokens or DEFAULT_ANSWER, "stream": True}
    if request.temperature is not None:
        value["temperature"] = min(request.temperature, HOTTEST)
    wanted: dict[str, Any] = {"effort": request.effort} if request.effort else {}
    if request.schema:
        wanted["format"] = {"type": "json_schema", "schema": closed(json.loads(request.schema))}
    if wanted:
        value["output_config"] = wanted
    return value


def count_body(request: ModelRequest) -> dict[str, Any]:
    """What the provider's count of tokens takes."""
    value: dict[str, Any] = {"model": request.model}
    marks = {(mark.message, mark.part) for mark in request.cache_marks}
    at_start = (-1, 0) in marks
    if request.system:
        value["system"] = [{"type": "text", "text": request.system, **KEPT}] if at_start else request.system
    shaped = (_message(message, number, marks) for number, message in enumerate(request.messages))
    value["messages"] = [one for one in shaped if one["content"]]
    if request.tools:
        value["tools"] = [
            {"name": tool.name, "description": tool.description, "input_schema": dict(tool.parameters)}
            for tool in request.tools
        ]
        if at_start and not request.system:
            value["tools"][-1] |= KEPT
    if request.thinking:
        value["thinking"] = {"type": "adaptive", "display": "summarized"}
    return value


def _message(message: Message, number: int, marks: set[tuple[int, int]]) -> dict[str, Any]:
    own = message.provider == "anthropic"
    content: list[dict[str, Any]] = []
    for at, part in enumerate(message.parts):
        shaped = _part(part, own)
        if shaped is not None:
            content.append(shaped)
        # A part that does not go out leaves its mark to the one before it; a thought takes none.
        if (number, at) in marks and content and content[-1]["type"] not in UNMARKED:
            content[-1] |= KEPT
    return {"role": message.role, "content": content}


def _part(part: Part, own: bool) -> dict[str, Any] | None:
    match part:
        case TextPart(text):
            return {"type": "text", "text": text} if text.strip() else None
        case ImagePart(media_type, data, _):
            source = {"type": "base64", "media_type": media_type, "data": base64.b64encode(data).decode()}
            return {"type": "image", "source": source}
        case ThinkingPart(text, signature):
            if not own or not signature:  # only its own sealed thoughts are taken back
                return None
            if signature.startswith(REDACTED):
                return {"type": "redacted_thinking", "data": signature.removeprefix(REDACTED)}
            return {"type": "thinking", "thinking": text, "signature": signature}
        case ToolCallPart(call_id, name, arguments, _):
            return {"type": "tool_use", "id": _id(call_id), "name": name, "input": arguments_of(arguments)}
        case ToolResultPart(call_id, _, text, failed):
            failure = {"is_error": True} if failed else {}
            return {"type": "tool_result", "tool_use_id": _id(call_id), "content": text or "(nothing)", **failure}


def arguments_of(text: str) -> dict[str, Any]:
    """A call's arguments as an object; malformed ones under `malformed`, so that the model sees what it wrote."""
    try:
        value = json.loads(text or "{}")
    except ValueError:
        value = text
    return value if isinstance(value, dict) else {"malformed": value}


def _id(call_id: str) -> str:
    # Another provider's identifiers may hold letters that this one refuses.
    return re.sub(r"[^a-zA-Z0-9_-]", "_", call_id) or "call"
