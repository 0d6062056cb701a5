"""The offline provider: answers with what was asked, word by word, and imitates what providers do.

Standard library only; deterministic. Marks in the prompt, or in the model's name after `echo-`, choose what:

    [[slow]] [[slow 0.2]]       0.1 s (or the given seconds) before each word
    [[think]] [[think text]]    a thought before the answer
    [[tool NAME {json}]]        a tool call after the answer, unless the prompt holds a tool's result
    [[truncate]]                half the answer, then the stream ends without its end
    [[hang]] [[hang first]]     half the answer, or nothing, then silence
    [[retry 2]]                 overloaded that many times before it answers
    [[fail KIND]]               a failure of that kind (auth, rate_limit, ...) before the answer
    [[fail KIND later]]         the same after half the answer

The model `echo-slow` is the mark `slow`; `echo-fail-auth` is `fail auth`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from typing import Any, get_args

from src.chat import (
    Done,
    Event,
    FailureKind,
    ImagePart,
    Message,
    ModelRequest,
    Part,
    Text,
    TextPart,
    Thinking,
    ToolCall,
    ToolResultPart,
    Usage,
)
from src.discussion import message_json
from src.models.access import Access
from src.models.catalog import Model
from src.models.errors import ProviderError
from src.models.patience import Patience
from src.models.providers import ECHO
from src.providers import attempts
from src.value import Value

PAUSE_S = 0.01
SLOW_S = 0.1
LONGEST_S = 10.0
_MARKS = ("slow", "think", "tool", "truncate", "hang", "retry", "fail")
_MARK = re.compile(rf"\[\[({'|'.join(_MARKS)})(?= |\]\])")
_AGAIN = frozenset({"rate_limit", "overloaded", "network"})


class Echo:
    """The client; there is nothing to connect to."""


class _Play(Value):
    """What to do: the words to say, and the marks by name."""

    words: tuple[str, ...]
    marks: dict[str, str]


def connect() -> Echo:
    """A client that needs no key."""
    return Echo()


def body(request: ModelRequest, *, official: bool = True) -> dict[str, Any]:  # noqa: ARG001  one dialect
    """The request as JSON."""
    messages = [message_json.encode(message) for message in request.messages]
    tools = [tool._asdict() for tool in request.tools]
    fields = {"model": request.model, "system": request.system, "messages": messages, "tools": tools}
    return fields | ({"schema": request.schema} if request.schema else {})


def stream(_client: Echo, access: Access, request: ModelRequest, patience: Patience) -> AsyncGenerator[Event]:
    """The last message, word by word."""
    return attempts.stream(access.title, lambda number: _attempt(access.title, request, number), patience)


async def count_tokens(_client: Echo, _access: Access, request: ModelRequest) -> int | None:
    """Words, of everything that goes out."""
    return _count(request)


async def list_models(_client: Echo, _access: Access) -> tuple[Model, ...]:
    """The shipped list."""
    return ECHO.models


async def _attempt(title: str, request: ModelRequest, number: int) -> AsyncGenerator[Event]:
    play = _read(request)
    marks = play.marks
    if number <= int(_number(marks.get("retry", "0"))):
        raise ProviderError("overloaded", f"{title} imitates being overloaded.", again=True)
    kind, _, when = marks.get("fail", "").partition(" ")
    if "fail" in marks and when != "later":
        raise _failure(title, kind)
    if "hang" in marks and marks["hang"] == "first":
        await asyncio.Event().wait()
    if "think" in marks:
        yield Thinking(marks["think"] or "What was asked is said again.")
    halfway = "truncate" in marks or "hang" in marks or "fail" in marks
    words = play.words[: (len(play.words) + 1) // 2] if halfway else play.words
    pause = min(_number(marks["slow"]) or SLOW_S, LONGEST_S) if "slow" in marks else PAUSE_S
    for position, word in enumerate(words):
        yield Text(word if position == 0 else f" {word}")
        await asyncio.sleep(pause)
    if "fail" in marks:
        raise _failure(title, kind)
    if "hang" in marks:
        await asyncio.Event().wait()
    if "truncate" in marks:
        return
    if "tool" in marks:
        name, _, arguments = marks["tool"].partition(" ")
        yield ToolCall(f"echo-call-{len(request.messages)}", name, arguments or "{}")
    yield Usage(_count(request), len(words))
    yield Done("tool_use" if "tool" in marks else "end")


def _read(request: ModelRequest) -> _Play:
    asked = request.messages[-1] if request.messages else Message("user")
    marks, _ = take_marks(asked.text)
    name, _, said = request.model.partition("-")[2].partition("-")
    if name in _MARKS:
        marks.setdefault(name, said.replace("-", " "))
    text = " ".join(filter(None, (_shown(part) for part in asked.parts)))
    return _Play(tuple(take_marks(text)[1].strip().split(" ")), marks)


def take_marks(text: str) -> tuple[dict[str, str], str]:
    """The marks in *text*, `[[slow]]` or `[[tool NAME {...}]]`, by name, and *text* without them. Linear."""
    marks: dict[str, str] = {}
    rest, start = [], 0
    while (found := _MARK.search(text, start)) and (end := text.find("]]", found.end())) >= 0:
        marks[found[1]] = text[found.end() : end].strip()
        rest.append(text[start : found.start()])
        start = end + 2
    return marks, "".join([*rest, text[start:]])


def _count(request: ModelRequest) -> int:
    said = [request.system, *(_shown(part) for message in request.messages for part in message.parts)]
    return sum(len(text.split()) for text in said)


def _shown(part: Part) -> str:
    match part:
        case TextPart(text):
            return text
        case ImagePart(media_type, data, name):
            return f"[{name or 'image'}: {media_type}, {len(data)} bytes]"
        case ToolResultPart(_, name, text, failed):
            return f"{name} {'failed' if failed else 'answered'}: {text}"
        case _:
            return ""


def _number(text: str) -> float:
    return float(text) if re.fullmatch(r"\d{1,4}(\.\d{1,4})?", text) else 0.0


def _failure(title: str, kind: str) -> ProviderError:
    if kind not in get_args(FailureKind):
        kinds = ", ".join(get_args(FailureKind))
        return ProviderError("refused", f"{title} cannot imitate the failure {kind!r}; it knows {kinds}.")
    known: FailureKind = kind  # type: ignore[assignment]
    return ProviderError(known, f"{title} imitates the failure {kind}.", again=kind in _AGAIN)
