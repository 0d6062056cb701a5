"""A turn as plain text: what is copied, and what is shown when it is viewed plain. Pure."""

from __future__ import annotations

from src.chat import ImagePart, Message, Part, TextPart, ThinkingPart, ToolCallPart, ToolResultPart


def plain_text(message: Message) -> str:
    """Everything that the turn says, part after part."""
    return "\n\n".join(_part_text(part) for part in message.parts)


def _part_text(part: Part) -> str:
    match part:
        case TextPart(text):
            return text
        case ThinkingPart(text):
            return f"[thought]\n{text}"
        case ToolCallPart(_, name, arguments):
            return f"[asks for {name}]\n{arguments}"
        case ToolResultPart(_, name, text):
            return f"[{name} answered]\n{text}"
        case ImagePart(media_type, data, name):
            return f"[image {name}, {media_type}, {len(data):,} bytes]"
