"""How many tokens a text will be, estimated: shown with `~` until the provider's own count is there.

The model: 3.6 characters of text or code are a token, and each byte that UTF-8 needs beyond one per character adds
0.35. So English counts 1 token per 3.6 characters, Cyrillic 1 per 1.6, Chinese and Japanese 1 per character, an emoji
1.3. A message adds 4 tokens, an image 1,500. Pure and linear: 4 MB take a few milliseconds.
"""

from __future__ import annotations

from src.chat import ImagePart, Message, Part, TextPart, ToolCallPart, ToolResultPart, ToolSpec

CHARACTERS_PER_TOKEN = 3.6
TOKENS_PER_EXTRA_BYTE = 0.35
PER_MESSAGE = 4
PER_IMAGE = 1500
DEFAULT_ANSWER = 8192  # tokens that Anthropic, which wants a number, is asked for at most
UNKNOWN_ANSWER = 32_768  # tokens that an answer may have when the limit of its model is unknown
DOUBT = 1.2  # an estimate may be short by so much


def estimate(text: str) -> int:
    """About how many tokens *text* is; 0 only for the empty text."""
    if not text:
        return 0
    extra = 0 if text.isascii() else len(text.encode("utf-8", "surrogatepass")) - len(text)
    return max(1, round(len(text) / CHARACTERS_PER_TOKEN + extra * TOKENS_PER_EXTRA_BYTE))


def estimate_message(message: Message) -> int:
    """About how many tokens the whole *message* is."""
    return PER_MESSAGE + sum(_estimate_part(part) for part in message.parts)


def tool_text(tool: ToolSpec) -> str:
    """The definition of *tool* as it is shown and weighed."""
    return f"{tool.name}: {tool.description}\n{dict(tool.parameters)}"


def estimate_tool(tool: ToolSpec) -> int:
    """About how many tokens the definition of *tool* is, which is paid with every request that it goes out with."""
    return estimate(tool_text(tool))


def _estimate_part(part: Part) -> int:
    match part:
        case TextPart():  # first, because nearly all are
            return estimate(part.text)
        case ImagePart():
            return PER_IMAGE
        case ToolCallPart():
            return estimate(part.name) + estimate(part.arguments)
        case ToolResultPart():
            return estimate(part.name) + estimate(part.text)
        case _:
            return estimate(part.text)
