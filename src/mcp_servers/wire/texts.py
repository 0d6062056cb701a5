"""What a server says as text of ours: its answers, bounded, and its failures in a sentence. Heavy: with the SDK."""

from __future__ import annotations

from typing import Any

import mcp_types
from mcp.shared.exceptions import MCPError
from pydantic import ValidationError

from src.mcp_servers.wire.ending import MAX_SAID, ServerError
from src.privacy.redactor import redact

MAX_TEXT = 50_000  # characters


def explain(error: BaseException, waited_s: float = 0.0) -> str:
    """What went wrong, after *waited_s* seconds at most, in a sentence without anything of the user's."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    seen: BaseException | None = error
    for _ in range(8):
        if isinstance(seen, ServerError):
            return str(seen)
        seen = seen and (seen.__cause__ or seen.__context__)
    if isinstance(error, TimeoutError):
        return f"It did not answer in {waited_s:.0f} s."
    if isinstance(error, ValidationError):
        return "It answered with something that the protocol does not know."
    said = " ".join(redact(str(error)).split())[:MAX_SAID] or type(error).__name__
    return f"It refused: {said}." if isinstance(error, MCPError) else f"It cannot be reached ({said})."


def text_of(block: Any) -> str:
    """A block of an answer as text."""
    match block:
        case mcp_types.TextContent():
            return block.text
        case mcp_types.EmbeddedResource(resource=mcp_types.TextResourceContents() as inner):
            return inner.text
        case mcp_types.EmbeddedResource():
            return f"({block.resource.uri}: bytes, left out)"
        case mcp_types.ResourceLink():
            return f"(link: {block.name} {block.uri})"
        case mcp_types.ImageContent() | mcp_types.AudioContent():
            return f"({block.mime_type}, {len(block.data) * 3 // 4:,} bytes, left out)"
        case _:
            return "(something that is no text, left out)"


def cut(text: str) -> str:
    """*text* with at most MAX_TEXT of its characters, both ends of it."""
    if len(text) <= MAX_TEXT:
        return text
    half = MAX_TEXT // 2
    return f"{text[:half]}\n... ({len(text) - 2 * half:,} characters left out) ...\n{text[-half:]}"
