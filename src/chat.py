"""The words of a conversation, and the events of one reply. Values only."""

from __future__ import annotations

from typing import Literal, NamedTuple

Role = Literal["user", "assistant"]


class Message(NamedTuple):
    """One turn. `provider` and `model` tell who wrote an assistant's."""

    role: Role
    text: str
    provider: str = ""
    model: str = ""


class Conversation(NamedTuple):
    """What is sent: the system text, then the messages in order."""

    messages: tuple[Message, ...] = ()
    system: str = ""

    def add(self, message: Message) -> Conversation:
        """The conversation with *message* at its end."""
        return self._replace(messages=(*self.messages, message))


class Text(NamedTuple):
    """A piece of the reply."""

    text: str


class Usage(NamedTuple):
    """Tokens that the provider counted."""

    input_tokens: int
    output_tokens: int


class Done(NamedTuple):
    """The reply is whole; `reason` is the provider's word for why it ended."""

    reason: str


class Truncated(NamedTuple):
    """The stream ended without saying why: the reply may be cut."""


class Stopped(NamedTuple):
    """The user stopped the reply."""


class Failed(NamedTuple):
    """The reply failed; one sentence that says what to do."""

    reason: str


Event = Text | Usage | Done | Truncated | Stopped | Failed


class ModelReply(NamedTuple):
    """A reply as it grows: its text so far and, at the end, how it ended."""

    provider: str
    model: str
    text: str = ""
    usage: Usage | None = None
    end: Done | Truncated | Stopped | Failed | None = None

    def after(self, event: Event) -> ModelReply:
        """The reply once *event* has arrived."""
        if isinstance(event, Text):
            return self._replace(text=self.text + event.text)
        if isinstance(event, Usage):
            return self._replace(usage=event)
        return self._replace(end=event)
