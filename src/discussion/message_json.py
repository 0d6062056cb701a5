"""Messages as JSON values and back, for what is kept on disk and for the hook API. Pure; never touches disk."""

from __future__ import annotations

import base64
from typing import Any

from src.chat import ImagePart, Message, Part, TextPart, ThinkingPart, ToolCallPart, ToolResultPart

_KINDS: dict[str, type[Part]] = {
    "text": TextPart,
    "thinking": ThinkingPart,
    "image": ImagePart,
    "tool_call": ToolCallPart,
    "tool_result": ToolResultPart,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def encode(message: Message) -> dict[str, Any]:
    """`role`, `parts` (each with its `kind`), `provider`, `model`; an image's bytes as base64."""
    return {**message._asdict(), "parts": [_encode_part(part) for part in message.parts]}


def decode(value: Any) -> Message:
    """The message that `encode` made *value* of. Raises ValueError saying what is wrong with it."""
    try:
        parts = tuple(_decode_part(part) for part in value["parts"])
        message = Message(value["role"], parts, value.get("provider", ""), value.get("model", ""))
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"not a message ({type(error).__name__}: {error})") from error
    if message.role not in ("user", "assistant"):
        raise ValueError(f"not a message: the role is {message.role!r}")
    return message


def _encode_part(part: Part) -> dict[str, Any]:
    fields = part._asdict()
    if isinstance(part, ImagePart):
        fields["data"] = base64.b64encode(part.data).decode()
    return {"kind": _NAMES[type(part)], **fields}


def _decode_part(value: dict[str, Any]) -> Part:
    fields = {key: one for key, one in value.items() if key != "kind"}
    kind = _KINDS[value["kind"]]
    for name, one in fields.items():
        if not isinstance(one, bool if name == "failed" else str):
            raise ValueError(f"not a message: {value['kind']}.{name} is {one!r}")
    if kind is ImagePart:
        fields["data"] = base64.b64decode(fields["data"], validate=True)
    return kind(**fields)
