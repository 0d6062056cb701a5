"""A model of an Ollama whose window is set: its own protocol, all parts of a request, what it refuses."""

import asyncio
import json

from src.chat import (
    Done,
    Failed,
    ImagePart,
    Message,
    Text,
    TextPart,
    Thinking,
    ThinkingPart,
    ToolCall,
    ToolCallPart,
    ToolResultPart,
    ToolSpec,
    Usage,
)
from tests.sdk import CANARY, WINDOW, OllamaSdk, Sdk

TOOL = ToolSpec("read_file", "Reads a file.", {"type": "object", "properties": {"path": {"type": "string"}}})
TALK = (
    Message("user", (ImagePart("image/png", b"png", "a.png"), TextPart("look"))),
    Message("assistant", (ThinkingPart("hm"), TextPart("I read"), ToolCallPart("c1", "read_file", '{"path": "a"}'))),
    Message("user", (ToolResultPart("c1", "read_file", "not there", failed=True), TextPart("well?"))),
)


def test_a_reply_streams_its_text_usage_and_end(fake):
    *texts, usage, end = asyncio.run(OllamaSdk(fake.address).collect("ok"))
    assert texts == [Text("one"), Text(" two")]
    assert (usage, end) == (Usage(3, 2), Done("stop"))


def test_thoughts_and_calls_come(fake):
    assert Thinking("hm") in asyncio.run(OllamaSdk(fake.address).collect("think"))
    (call,) = [one for one in asyncio.run(OllamaSdk(fake.address).collect("tool")) if isinstance(one, ToolCall)]
    assert (call.name, json.loads(call.arguments), bool(call.call_id)) == ("read_file", {"path": "a.py"}, True)


def test_the_whole_request_goes_out_as_ollama_takes_it(fake):
    sdk = OllamaSdk(fake.address)
    more = {"tools": (TOOL,), "temperature": 0.5, "max_tokens": 100, "effort": "high", "schema": '{"type": "object"}'}
    request = sdk.request("ok", TALK, **more)
    asyncio.run(sdk.collect(request))
    (seen,) = fake.requests
    assert (seen.path, seen.headers["authorization"]) == ("/api/chat", f"Bearer {CANARY}")
    assert seen.body == sdk.module.body(request, official=False)
    assert seen.body["options"] == {"num_ctx": WINDOW, "temperature": 0.5, "num_predict": 100}
    assert (seen.body["think"], seen.body["format"]["type"], len(seen.body["tools"])) == ("high", "object", 1)
    assert seen.body["messages"] == [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": "look", "images": ["cG5n"]},
        {
            "role": "assistant",
            "content": "I read",
            "tool_calls": [{"function": {"name": "read_file", "arguments": {"path": "a"}}}],
        },
        {"role": "tool", "tool_name": "read_file", "content": "Error: not there"},
        {"role": "user", "content": "well?"},
    ]


def failure(sdk, request):
    (end,) = asyncio.run(sdk.collect(request))
    assert isinstance(end, Failed)
    return end


def test_a_window_for_which_there_is_no_memory_says_so_at_once(fake):
    end = failure(OllamaSdk(fake.address), "no-room")
    assert end.kind == "refused"
    assert "more system memory (40.0 GiB)" in end.reason
    assert end.reason.endswith(f"Take a smaller num_ctx than {WINDOW:,}.")


def test_a_server_that_is_no_ollama_says_what_to_take_off(fake):
    sdk = Sdk("openai", f"{fake.address}/v1")
    sdk.access = sdk.access._replace(base_url=f"{fake.address}/elsewhere/v1")
    fake.missing = ("/elsewhere/api/chat",)
    end = failure(sdk, sdk.request("ok", num_ctx=WINDOW))
    assert "it is no Ollama. Take num_ctx off" in end.reason
    assert end.kind == "refused"


def test_without_a_window_nothing_changes(fake):
    sdk = Sdk("openai", f"{fake.address}/v1")
    asyncio.run(sdk.collect("ok"))
    assert fake.requests[0].path == "/v1/chat/completions"
