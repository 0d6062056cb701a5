"""A discussion as text: search, Markdown, a value for JSON. Pure."""

from __future__ import annotations

import time
from typing import Any, Literal

from src.chat import ImagePart, Message, Part, TextPart, ThinkingPart, ToolCallPart, ToolResultPart
from src.discussion import message_json
from src.discussion.tree import Turn, is_file
from src.value import Value

Style = Literal["markdown", "json"]
MAX_HITS = 200
AROUND = 40
MAX_TITLE = 60


class Hit(Value):
    """A place where the searched text occurs: its turn, whether that is on the current branch, the words around it."""

    turn_id: int
    on_branch: bool
    excerpt: str


def search(turns: tuple[Turn, ...], branch: frozenset[int], text: str) -> tuple[Hit, ...]:
    """The turns that hold *text* in any case, with the words around its first place; at most 200."""
    wanted = text.casefold()
    found: list[Hit] = []
    if not wanted.strip():
        return ()
    for turn in turns:
        words = turn.message.text
        at = words.casefold().find(wanted)
        if at >= 0:
            excerpt = " ".join(words[max(0, at - AROUND) : at + len(text) + AROUND].split())
            found.append(Hit(turn.id, turn.id in branch, excerpt))
            if len(found) == MAX_HITS:
                break
    return tuple(found)


def to_markdown(title: str, branch: tuple[Turn, ...]) -> str:
    """The branch for people: a heading per turn."""
    blocks = [f"# {title}"]
    for turn in branch:
        who = "You" if turn.message.role == "user" else f"{turn.message.provider} {turn.message.model}".strip()
        who += f" ({turn.settings})" if turn.settings else ""
        at = time.strftime("%Y-%m-%d %H:%M", time.localtime(turn.created))
        blocks.append(f"## {who}, {at}")
        blocks += [_part_to_markdown(part) for part in turn.message.parts]
    return "\n\n".join(blocks) + "\n"


def as_value(name: str, turns: tuple[Turn, ...], head: int) -> dict[str, Any]:
    """The whole tree for programs: `schema`, `name`, `head`, `turns` (each with `id`, `parent`, `message`, ...)."""
    rows = [
        {
            "id": turn.id,
            "parent": turn.parent,
            "created": turn.created,
            "message": message_json.encode(turn.message),
            "usage": turn.usage._asdict() if turn.usage is not None else None,
            "cost_usd": turn.cost.usd if turn.cost is not None else None,
            "end": type(turn.end).__name__.lower() if turn.end is not None else None,
            **({"settings": turn.settings} if turn.settings else {}),
        }
        for turn in turns
    ]
    return {"schema": 1, "name": name, "head": head, "turns": rows}


def _part_to_markdown(part: Part) -> str:
    match part:
        case TextPart(text):
            return text
        case ThinkingPart(text):
            return "\n".join(f"> {line}" for line in text.splitlines())
        case ImagePart():
            return f"*(image {part.name or part.media_type})*"
        case ToolCallPart():
            return f"*Calls `{part.name}`:*\n\n{_fence(part.arguments)}"
        case ToolResultPart():
            return f"*`{part.name}` {'failed' if part.failed else 'answered'}:*\n\n{_fence(part.text)}"


def _fence(text: str) -> str:
    """*text* in a fence longer than any it holds."""
    longest = max((len(line) - len(line.lstrip("`")) for line in text.splitlines()), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"


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


def typed_text(message: Message) -> str:
    """What somebody wrote in *message*, without the files that went along."""
    return "".join(part.text for part in message.parts if isinstance(part, TextPart) and not is_file(part))


def title_of(turns: tuple[Turn, ...]) -> str:
    """The beginning of the first message; empty when there is none."""
    return next((as_title(typed_text(turn.message)) for turn in turns if turn.message.role == "user"), "")


def as_title(text: str) -> str:
    """*text* on one line, cut to the length of a title."""
    line = " ".join(text.replace("`", "").split())
    return line if len(line) <= MAX_TITLE else f"{line[: MAX_TITLE - 3]}..."
