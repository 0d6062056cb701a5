"""What goes out: the request made of preset, files, turns and draft, and its parts with origin and tokens. Pure.

Files stand in front of the first message, pinned first, so that what changes seldom stays at the beginning, where
providers cache it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from src.chat import (
    DEFAULT_OPTIONS,
    CacheMark,
    ImagePart,
    Message,
    ModelOptions,
    ModelRequest,
    Part,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
    ToolSpec,
    framed_name,
    is_frame,
)
from src.models.estimate import estimate, estimate_message, tool_text
from src.privacy.detector import Finding, find_accepted
from src.project import scan
from src.project.scan import ContextFile
from src.value import Value

Origin = Literal["preset", "tools", "schema", "file", "turn", "draft", "attachment"]


class RequestPart(Value):
    """A part of the request: where it is from, what it is called there, about how many tokens, its text.

    `accepted` are texts in it that look like secrets and that the user said are none.
    """

    origin: Origin
    label: str
    tokens: int
    text: str
    accepted: tuple[Finding, ...] = ()


class CacheOutlook(Value):
    """What the cache will do for a request: tokens that are read from it and written to it.

    `parts` is how many of the request's parts are read, `upto` how many are in the cache afterwards. `why` says why
    nothing is, `broken` which change lost what the request before had there.
    """

    read: int = 0
    written: int = 0
    parts: int = 0
    upto: int = 0
    why: str = ""
    broken: str = ""

    def of_part(self, number: int) -> Literal["", "read", "write"]:
        """What it does for a part of the request, the first of which is number 1."""
        if number <= self.parts:
            return "read"
        return "write" if number <= self.upto and self.written else ""


NO_CACHE = CacheOutlook(why="This provider says nothing about a cache.")


# A message and its part. It keeps the message alive, so that its `id` stays its own.
Described = tuple[Message, RequestPart]
_NONE: Mapping[int, Described] = {}


class Material(Value):
    """What a request is made of. `files` each with its text, in their order; `draft` is None when nothing is added.

    `not_secret` are digests of texts that look like secrets and that the user said are none.
    """

    provider: str
    model: str
    system: str
    files: tuple[tuple[ContextFile, str], ...]
    messages: tuple[Message, ...]
    draft: Message | None
    tools: tuple[ToolSpec, ...]
    thinking: bool = False
    not_secret: frozenset[str] = frozenset()
    options: ModelOptions = DEFAULT_OPTIONS
    cache_marks: bool = False
    schema: str = ""

    @property
    def thinks(self) -> bool:
        """The model is asked for its thoughts."""
        return self.thinking if self.options.thinking is None else self.options.thinking


def build(material: Material) -> ModelRequest:
    """The request, exactly as it goes to the provider's module."""
    messages = list(material.messages)
    if material.draft is not None and material.draft.parts:
        messages.append(material.draft)
    context: tuple[Part, ...] = tuple(TextPart(scan.frame(file.path, text) + "\n") for file, text in material.files)
    if context:
        first = messages[0] if messages and messages[0].role == "user" else None
        if first is None:
            messages.insert(0, Message("user", context))
        else:
            messages[0] = first._replace(parts=(*context, *first.parts))
    paired = pair_tools(messages)
    return ModelRequest(
        material.provider,
        material.model,
        material.system,
        paired,
        material.tools,
        material.options.max_tokens,
        material.thinks,
        material.options.temperature,
        material.options.effort,
        _cache_marks(paired, len(context), bool(material.system or material.tools)) if material.cache_marks else (),
        material.schema,
        material.options.num_ctx,
    )


def _cache_marks(messages: tuple[Message, ...], files: int, has_start: bool) -> tuple[CacheMark, ...]:
    """At most four, which is what Anthropic takes: after tools and system text, after the files, after the last two
    messages of a user, because the request before ended with the first of them."""
    own = [number for number, message in enumerate(messages) if message.role == "user"]
    start = [CacheMark(-1)] if has_start else []
    seen = [CacheMark(0, files - 1)] if files else []
    ends = [CacheMark(number, len(messages[number].parts) - 1) for number in own[-2:]]
    return tuple(dict.fromkeys((*start, *seen, *ends)))


def pair_tools(messages: list[Message]) -> tuple[Message, ...]:
    """*messages* without calls that have no result, results that have no call, and messages that are then empty.

    Providers refuse a request with half of such a pair, and editing a discussion leaves halves.
    """
    calls = {part.call_id for message in messages for part in message.parts if isinstance(part, ToolCallPart)}
    results = {part.call_id for message in messages for part in message.parts if isinstance(part, ToolResultPart)}
    whole = calls & results
    if whole == calls | results:
        return tuple(message for message in messages if message.parts)
    kept = []
    for message in messages:
        parts = tuple(
            part
            for part in message.parts
            if not isinstance(part, ToolCallPart | ToolResultPart) or part.call_id in whole
        )
        if parts:
            kept.append(message._replace(parts=parts))
    return tuple(kept)


def describe(material: Material) -> tuple[RequestPart, ...]:
    """The parts of the request, in the order in which they go out."""
    parts: list[RequestPart] = []
    if material.system:
        parts.append(RequestPart("preset", "system", estimate(material.system), material.system))
    if material.tools:
        text = "\n".join(map(tool_text, material.tools))
        parts.append(RequestPart("tools", f"{len(material.tools)} tools", estimate(text), text))
    if material.schema:
        parts.append(RequestPart("schema", "schema of the answer", estimate(material.schema), material.schema))
    parts += [RequestPart("file", file.path, file.tokens, text, file.accepted) for file, text in material.files]
    parts += describe_turns(material.messages, material.not_secret)
    if material.draft is not None and material.draft.parts:
        parts += _describe_draft(material.draft)
    return tuple(parts)


def describe_turns(
    messages: tuple[Message, ...], not_secret: frozenset[str], known: Mapping[int, Described] = _NONE
) -> list[RequestPart]:
    """One part per message. *known* are those described before with the same *not_secret*, by `id` of the message."""
    parts = []
    for number, message in enumerate(messages, 1):
        label, before = f"{number}. {message.role}", known.get(id(message))
        if before is None:
            accepted = _accepted_in(message, not_secret) if not_secret else ()
            parts.append(RequestPart("turn", label, estimate_message(message), _text(message), accepted))
        else:
            part = before[1]
            parts.append(part if part.label == label else part._replace(label=label))
    return parts


def _accepted_in(message: Message, not_secret: frozenset[str]) -> tuple[Finding, ...]:
    """What tools answered with although it looks like a secret."""
    answers = [part.text for part in message.parts if isinstance(part, ToolResultPart)]
    return find_accepted("\n".join(answers), not_secret) if answers else ()


def _describe_draft(draft: Message) -> list[RequestPart]:
    *attached, last = draft.parts
    rows = [
        RequestPart("attachment", _label(part), estimate_message(Message("user", (part,))), _part_text(part))
        for part in attached
    ]
    origin: Origin = "draft" if isinstance(last, TextPart) and not is_frame(last.text) else "attachment"
    label = "what is typed" if origin == "draft" else _label(last)
    return [*rows, RequestPart(origin, label, estimate_message(Message("user", (last,))), _part_text(last))]


def _label(part: Part) -> str:
    if isinstance(part, TextPart) and is_frame(part.text):
        return framed_name(part.text)
    return part.name if isinstance(part, ImagePart) else "text"


def _text(message: Message) -> str:
    if len(message.parts) == 1:
        return _part_text(message.parts[0])
    return "\n".join(_part_text(part) for part in message.parts)


def _part_text(part: Part) -> str:
    match part:
        case TextPart(text):
            return text
        case ThinkingPart(text):
            return f"(thinking) {text}"
        case ImagePart():
            return f"(image {part.name or part.media_type}, {len(part.data):,} bytes)"
        case ToolCallPart():
            return f"(calls {part.name}) {part.arguments}"
        case ToolResultPart():
            return f"({part.name} {'failed' if part.failed else 'answered'}) {part.text}"
