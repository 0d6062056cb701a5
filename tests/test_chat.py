"""The values of a conversation: how a reply grows, and what messages are as JSON."""

import json

import pytest
from src.chat import (
    Done,
    Failed,
    Idle,
    ImagePart,
    Message,
    ModelReply,
    Retrying,
    Stopped,
    Text,
    TextPart,
    Thinking,
    ThinkingPart,
    ToolCall,
    ToolCallPart,
    ToolResultPart,
    Truncated,
    Usage,
)
from src.discussion import message_json


def grown(*events):
    reply = ModelReply("echo", "echo-1")
    for event in events:
        reply = reply.after(event)
    return reply


def test_pieces_of_one_kind_grow_one_part_and_a_sealed_thought_is_closed():
    reply = grown(
        Thinking("a"), Thinking("b", "seal"), Thinking("c"), Text("d"), Text("e"), ToolCall("1", "f", "{}", "seal")
    )
    parts = (ThinkingPart("ab", "seal"), ThinkingPart("c"), TextPart("de"), ToolCallPart("1", "f", "{}", "seal"))
    assert [(type(part), part) for part in reply.parts] == [(type(part), part) for part in parts]
    assert reply.message() == Message("assistant", parts, "echo", "echo-1")
    assert reply.text == reply.message().text == "de"


def test_waiting_is_over_with_the_next_event():
    waiting = grown(Retrying(2, 1.5, "busy"))
    assert (waiting.retrying, waiting.after(Text("x")).retrying) == (Retrying(2, 1.5, "busy"), None)
    idle = grown(Text("x"), Idle(5.0))
    assert (idle.idle_s, idle.after(Usage(1, 2)).idle_s, idle.after(Usage(1, 2)).usage) == (5.0, 0.0, Usage(1, 2))


@pytest.mark.parametrize("end", [Done("end"), Truncated(), Stopped(), Failed("no", "auth")], ids=repr)
def test_every_end_is_an_end(end):
    reply = grown(Text("x"), end)
    assert (bool(reply.end), type(reply.end), reply.text) == (True, type(end), "x")


MESSAGE = Message(
    "user",
    (
        TextPart("hé"),
        ThinkingPart("hm", "seal"),
        ImagePart("image/png", b"\x89\x00", "a.png"),
        ToolCallPart("1", "read_file", '{"path": "a"}', "seal"),
        ToolResultPart("1", "read_file", "text", failed=True),
    ),
    "echo",
    "echo-1",
)


def test_a_message_comes_back_from_json_as_it_was():
    back = message_json.decode(json.loads(json.dumps(message_json.encode(MESSAGE))))
    assert back == MESSAGE
    assert [type(part) for part in back.parts] == [type(part) for part in MESSAGE.parts]


@pytest.mark.parametrize(
    "value",
    [
        [],
        {"role": "user"},
        {"role": "system", "parts": []},
        {"role": "user", "parts": [{"kind": "nothing"}]},
        {"role": "user", "parts": [{"kind": "text", "text": 1}]},
        {"role": "user", "parts": [{"kind": "text"}]},
        {"role": "user", "parts": [{"kind": "image", "media_type": "image/png", "data": "?"}]},
    ],
    ids=repr,
)
def test_what_is_no_message_is_refused(value):
    with pytest.raises(ValueError, match=r"not a message|base64"):
        message_json.decode(value)
