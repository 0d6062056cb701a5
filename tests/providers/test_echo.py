"""The offline provider: deterministic, and able to imitate what the others do."""

import asyncio

import pytest
from src.chat import (
    Done,
    Failed,
    Idle,
    ImagePart,
    Message,
    ModelRequest,
    Retrying,
    Text,
    TextPart,
    Thinking,
    ToolCall,
    ToolResultPart,
    Truncated,
    Usage,
)
from src.models.access import Access
from src.models.patience import Patience
from src.providers import echo
from tests.repository import ROOT

QUICK = Patience(attempts=3, first_wait_s=0.001, idle_timeout_s=0.1, quiet_s=0.05, tick_s=0.02)


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr(echo, "PAUSE_S", 0)


def ask(prompt, model="echo-1", parts=()):
    request = ModelRequest("echo", model, "", (Message("user", (TextPart(prompt), *parts)),))

    async def collect():
        return [event async for event in echo.stream(echo.connect(), Access("Echo"), request, QUICK)]

    return asyncio.run(collect())


def text_of(events):
    return "".join(event.text for event in events if isinstance(event, Text))


def test_it_says_what_it_was_asked_twice_the_same():
    assert (
        ask("one two three")
        == ask("one two three")
        == [
            *(Text("one"), Text(" two"), Text(" three")),
            *(Usage(3, 3), Done("end")),
        ]
    )


def test_it_names_images_and_tool_results():
    parts = (ImagePart("image/png", b"123", "a.png"), ToolResultPart("1", "read_file", "text", failed=True))
    assert text_of(ask("look", parts=parts)) == "look [a.png: image/png, 3 bytes] read_file failed: text"


@pytest.mark.parametrize(
    ("prompt", "model", "text", "others"),
    [
        ("a b [[think]]", "echo-1", "a b", [Thinking("What was asked is said again."), Done("end")]),
        ("a b [[think so it is]]", "echo-1", "a b", [Thinking("so it is"), Done("end")]),
        ("a b", "echo-think", "a b", [Thinking("What was asked is said again."), Done("end")]),
        (
            'a [[tool read_file {"path": "x"}]]',
            "echo-1",
            "a",
            [ToolCall("echo-call-1", "read_file", '{"path": "x"}'), Done("tool_use")],
        ),
        (
            'a [[tool run {"argv": ["ls"]}]]',
            "echo-1",
            "a",
            [ToolCall("echo-call-1", "run", '{"argv": ["ls"]}'), Done("tool_use")],
        ),
        ("a b c d [[truncate]]", "echo-1", "a b", [Truncated()]),
        ("a b [[fail auth]]", "echo-1", "", [Failed("Echo imitates the failure auth.", "auth")]),
        ("a b", "echo-fail-auth", "", [Failed("Echo imitates the failure auth.", "auth")]),
        (
            "a b [[fail overloaded later]]",
            "echo-1",
            "a",
            [Failed("Echo imitates the failure overloaded.", "overloaded")],
        ),
        ("a [[slow 0.001]]", "echo-1", "a", [Done("end")]),
        ("no [[mark of this kind]]", "echo-1", "no [[mark of this kind]]", [Done("end")]),
    ],
)
def test_a_mark_is_imitated(prompt, model, text, others):
    events = ask(prompt, model)
    rest = [event for event in events if not isinstance(event, Text | Usage | Idle)]
    assert (text_of(events), [type(event) for event in rest], rest) == (text, [type(event) for event in others], others)


def test_retries_are_imitated_and_counted():
    events = ask("a [[retry 2]]")
    assert [event.attempt for event in events if isinstance(event, Retrying)] == [2, 3]
    assert (text_of(events), type(events[-1])) == ("a", Done)
    given_up = ask("a [[retry 9]]")
    assert (given_up[-1].kind, "Tried 3 times." in given_up[-1].reason) == ("overloaded", True)


@pytest.mark.parametrize(("prompt", "text"), [("a b [[hang]]", "a"), ("a b [[hang first]]", "")])
def test_silence_is_imitated(prompt, text):
    events = ask(prompt)
    assert (text_of(events), events[-1].kind) == (text, "timeout")


def test_an_unknown_failure_names_those_that_exist():
    (failure,) = ask("[[fail nothing]]")
    assert (failure.kind, "auth, rate_limit" in failure.reason) == ("refused", True)


def test_the_documented_marks_exist():
    documented = (ROOT / "docs" / "providers.md").read_text().partition("## Echo")[2]
    assert set(echo.take_marks(documented)[0]) == {
        "slow",
        "think",
        "tool",
        "truncate",
        "hang",
        "retry",
        "fail",
    }
