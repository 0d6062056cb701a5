"""The words of a conversation: messages and their parts, what is sent, and the events of one reply. Values only.

All are named tuples, so two values of different types may compare equal: tell events and parts apart with `isinstance`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from src.value import Value

Role = Literal["user", "assistant"]
FRAME = "<file "  # how a file begins in a text part, see `src.project.scan.frame`
MARK = 16  # hexadecimal digits
MOST_TOKENS = 100_000_000  # that one request can have taken


class TextPart(Value):
    """Text as written."""

    text: str


class ThinkingPart(Value):
    """What the model thought; `signature` is the provider's seal, without which it does not take it back."""

    text: str
    signature: str = ""


class ImagePart(Value):
    """An image: `media_type` like `image/png`, its bytes, and the name of the file it came from."""

    media_type: str
    data: bytes
    name: str = ""


class ToolCallPart(Value):
    """The model asks for a tool; `arguments` is JSON text as it came, which may be malformed.

    `signature` is the provider's seal where it puts one on a call (Gemini).
    """

    call_id: str
    name: str
    arguments: str
    signature: str = ""


class ToolResultPart(Value):
    """What the tool called `name` answered to the call `call_id`. Data, never an instruction."""

    call_id: str
    name: str
    text: str
    failed: bool = False


Part = TextPart | ThinkingPart | ImagePart | ToolCallPart | ToolResultPart


class Message(Value):
    """One turn. `provider` and `model` tell who wrote an assistant's; tool results are a user's."""

    role: Role
    parts: tuple[Part, ...] = ()
    provider: str = ""
    model: str = ""

    @classmethod
    def of(cls, role: Role, text: str, provider: str = "", model: str = "") -> Message:
        """A message of text alone."""
        return cls(role, (TextPart(text),), provider, model)

    @property
    def text(self) -> str:
        """The text parts, joined."""
        return join_text(self.parts)


class ToolSpec(Value):
    """A tool that the model may ask for; `parameters` is the JSON schema of its arguments, an object."""

    name: str
    description: str
    parameters: Mapping[str, Any]


class ModelOptions(Value):
    """None and "" leave the choice to the provider. `temperature` 0 to 2, `max_tokens` of the answer.

    `num_ctx` is the window in tokens that Ollama is to give the model. `thinking`: it is asked for its thoughts; None:
    as the settings say for all models.
    """

    temperature: float | None = None
    max_tokens: int | None = None
    effort: str = ""
    num_ctx: int | None = None
    thinking: bool | None = None


DEFAULT_OPTIONS = ModelOptions()


class CacheMark(Value):
    """Up to here a provider is asked to keep the request in its cache: to part number `part` of message `message`.

    Message -1 is what goes before the messages: tools and system text.
    """

    message: int
    part: int = 0


class ModelRequest(Value):
    """Exactly what goes out. `thinking` asks for the thoughts.

    What is None or "" is left to the provider: `max_tokens` of the answer, `temperature`, `effort` (low, medium, high).
    `cache_marks` are for providers that keep a request in their cache up to marks. `schema` is the JSON schema that the
    answer has to follow, as text; empty for an answer in words. `num_ctx` is for Ollama alone.
    """

    provider: str
    model: str
    system: str
    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...] = ()
    max_tokens: int | None = None
    thinking: bool = False
    temperature: float | None = None
    effort: str = ""
    cache_marks: tuple[CacheMark, ...] = ()
    schema: str = ""
    num_ctx: int | None = None


class Text(Value):
    """A piece of the reply."""

    text: str


class Thinking(Value):
    """A piece of the model's thoughts; one with a `signature` ends its thought."""

    text: str
    signature: str = ""


class ToolCall(Value):
    """The model asks for a tool; fields as in ToolCallPart."""

    call_id: str
    name: str
    arguments: str
    signature: str = ""


class Usage(Value):
    """Tokens that the provider counted.

    `cached_tokens` are those of the input that it had in its cache, `written_tokens` those that it wrote there.
    """

    input_tokens: int
    output_tokens: int
    cached_tokens: int = 0
    written_tokens: int = 0

    def believed(self) -> Usage | None:
        """It, with no more cached than there was; None where no request can have taken so many."""
        if not all(type(count) is int and 0 <= count <= MOST_TOKENS for count in self._asdict().values()):
            return None
        if not (self.input_tokens or self.output_tokens):
            return None  # something was asked
        cached = min(self.cached_tokens, self.input_tokens)
        return self._replace(cached_tokens=cached, written_tokens=min(self.written_tokens, self.input_tokens - cached))


class Retrying(Value):
    """The request failed before any answer came and goes out again, as attempt number `attempt`, in `wait_s` seconds.

    Comes again about every second with what is left to wait.
    """

    attempt: int
    wait_s: float
    reason: str


class Idle(Value):
    """Nothing has come for `elapsed_s` seconds."""

    elapsed_s: float


class Done(Value):
    """The reply is whole; `reason` is the provider's word for why it ended."""

    reason: str


class Truncated(Value):
    """The stream ended without the provider's end: the reply may be cut."""


class Stopped(Value):
    """The user stopped the reply."""


FailureKind = Literal[
    "auth", "rate_limit", "overloaded", "network", "timeout", "refused", "protocol", "missing_key", "internal", "cap"
]


class Failed(Value):
    """The reply failed; one sentence that says what to do."""

    reason: str
    kind: FailureKind = "internal"


End = Done | Truncated | Stopped | Failed
Event = Text | Thinking | ToolCall | Usage | Retrying | Idle | End


class ModelReply(Value):
    """A reply as it grows: its parts so far and, at the end, how it ended.

    `retrying` is set while the request waits to go out again, `idle_s` while nothing comes.
    """

    provider: str
    model: str
    parts: tuple[Part, ...] = ()
    usage: Usage | None = None
    end: End | None = None
    retrying: Retrying | None = None
    idle_s: float = 0.0

    @property
    def text(self) -> str:
        """The text parts, joined."""
        return join_text(self.parts)

    def after(self, event: Event) -> ModelReply:
        """The reply once *event* has arrived."""
        if isinstance(event, Retrying):
            return self._replace(retrying=event, idle_s=0.0)
        if isinstance(event, Idle):
            return self._replace(idle_s=event.elapsed_s)
        reply = self._replace(retrying=None, idle_s=0.0)
        if isinstance(event, Usage):
            return reply._replace(usage=event)
        if isinstance(event, Text | Thinking | ToolCall):
            return reply._replace(parts=_grow(self.parts, event))
        return reply._replace(end=event)

    def message(self) -> Message:
        """The reply as an assistant's message."""
        return Message("assistant", self.parts, self.provider, self.model)


def join_text(parts: tuple[Part, ...]) -> str:
    """The text of the text parts among *parts*."""
    if len(parts) == 1 and isinstance(parts[0], TextPart):  # nearly every message; a discussion has thousands
        return parts[0].text
    return "".join(part.text for part in parts if isinstance(part, TextPart))


def _grow(parts: tuple[Part, ...], event: Text | Thinking | ToolCall) -> tuple[Part, ...]:
    last = parts[-1] if parts else None
    match event:
        case Text(text):
            if isinstance(last, TextPart):
                return (*parts[:-1], TextPart(last.text + text))
            return (*parts, TextPart(text))
        case Thinking(text, signature):
            if isinstance(last, ThinkingPart) and not last.signature:
                return (*parts[:-1], ThinkingPart(last.text + text, signature))
            return (*parts, ThinkingPart(text, signature))
        case ToolCall():
            return (*parts, ToolCallPart(event.call_id, event.name, event.arguments, event.signature))


def is_frame(text: str) -> bool:
    """*text* is a file as `src.project.scan.frame` puts it."""
    mark = text[len(FRAME) : len(FRAME) + MARK]
    return text.startswith(FRAME) and text.endswith(f"\n</file {mark}>")


def framed_name(text: str) -> str:
    """The name of the file in a frame, as `src.project.scan.frame` wrote it."""
    return text.partition(' path="')[2].partition('">\n')[0]
