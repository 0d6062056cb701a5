"""The real SDKs over real HTTP against a loopback server: what goes out, what comes back, what is stopped."""

import asyncio
import importlib
import json
import socket
import threading

import httpx2
import pytest
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
from src.models.catalog import Model
from src.models.errors import ProviderError
from src.models.patience import Patience
from src.models.providers import BY_NAME
from src.providers import rehearsal, wire
from tests.sdk import NAMES, Sdk, format_of

TOOL = ToolSpec("read_file", "Reads a file.", {"type": "object", "properties": {"path": {"type": "string"}}})


@pytest.mark.parametrize("name", NAMES)
def test_a_reply_streams_its_text_usage_and_end(fake, name):
    *texts, usage, end = asyncio.run(Sdk(name).collect("ok"))
    assert texts == [Text("one"), Text(" two")]
    assert (usage, type(end)) == (Usage(3, 2, 1), Done)


@pytest.mark.parametrize("name", NAMES)
def test_a_tool_call_comes_whole(fake, name):
    events = asyncio.run(Sdk(name).collect("tool"))
    (call,) = [event for event in events if isinstance(event, ToolCall)]
    assert (call.call_id, call.name, json.loads(call.arguments)) == ("call_1", "read_file", {"path": "a.py"})
    assert call.signature == ("c2VhbA==" if name == "gemini" else "")


@pytest.mark.parametrize("name", NAMES)
def test_a_thought_comes_with_its_seal(fake, name):
    thoughts = [event for event in asyncio.run(Sdk(name).collect("think")) if isinstance(event, Thinking)]
    seal = "" if format_of(name) == "openai" else "c2VhbA=="
    assert ("".join(one.text for one in thoughts), thoughts[-1].signature) == ("hm", seal)


def talk_of(provider):
    """A discussion with everything in it, its assistant's turns by *provider*."""
    called = (
        ThinkingPart("hm", "c2VhbA=="),
        TextPart("let me see"),
        ToolCallPart("call_1", "read_file", '{"path": "a"}', "c2VhbA=="),
    )
    return (
        Message("user", (TextPart("what is this?"), ImagePart("image/png", b"\x89PNG", "a.png"))),
        Message("assistant", called, provider, "m"),
        Message("user", (ToolResultPart("call_1", "read_file", "no such file", failed=True), TextPart("try again"))),
    )


@pytest.mark.parametrize("author", ["own", "another"])
@pytest.mark.parametrize("name", NAMES)
def test_what_is_shown_is_what_goes_out(fake, name, author):
    sdk = Sdk(name)
    talk = talk_of(name if author == "own" else "somebody")
    request = sdk.request(messages=talk, tools=(TOOL,), max_tokens=100, thinking=True)
    asyncio.run(sdk.collect(request))
    assert fake.requests[0].body == sdk.module.body(request)


SENT = {
    "anthropic": [
        {"type": "thinking", "thinking": "hm", "signature": "c2VhbA=="},
        {"type": "text", "text": "let me see"},
        {"type": "tool_use", "id": "call_1", "name": "read_file", "input": {"path": "a"}},
    ],
    "gemini": [
        {"text": "hm", "thought": True, "thoughtSignature": "c2VhbA=="},
        {"text": "let me see"},
        {
            "functionCall": {"args": {"path": "a"}, "id": "call_1", "name": "read_file"},
            "thoughtSignature": "c2VhbA==",
        },
    ],
    "openai": [{"id": "call_1", "type": "function", "function": {"name": "read_file", "arguments": '{"path": "a"}'}}],
}


@pytest.mark.parametrize("name", NAMES)
def test_thoughts_and_calls_go_back_to_the_provider_that_made_them(fake, name):
    sdk = Sdk(name)
    asyncio.run(sdk.collect(sdk.request(messages=talk_of(name), tools=(TOOL,))))
    body = fake.requests[0].body
    turns = body.get("messages") or body["contents"]
    turn = next(one for one in turns if one["role"] in ("assistant", "model"))
    assert (turn.get("tool_calls") or turn.get("parts") or turn["content"]) == SENT[format_of(name)]


@pytest.mark.parametrize("name", NAMES)
def test_thoughts_of_another_provider_are_left_out(fake, name):
    sdk = Sdk(name)
    asyncio.run(sdk.collect(sdk.request(messages=talk_of("somebody"))))
    sent = json.dumps(fake.requests[0].body)
    kept = ["let me see", "no such file", "iVBORw=="]
    assert [part for part in ('"hm"', *kept) if part in sent] == kept


@pytest.mark.parametrize(("name", "count"), [("anthropic", 42), ("gemini", 43), ("openai", 44)])
def test_the_whole_request_is_counted_by_the_provider(fake, name, count):
    sdk = Sdk(name)
    request = sdk.request(messages=talk_of(name), tools=(TOOL,))
    assert asyncio.run(sdk.module.count_tokens(sdk.clients, sdk.access, request)) == count
    (seen,) = fake.requests
    sent = json.dumps(seen.body)
    parts = ["be brief", "read_file", "what is this?", "iVBORw==", "let me see", "no such file", "try again", "call_1"]
    assert [part for part in parts if part in sent] == parts


def test_a_server_that_only_speaks_like_openai_has_no_count(fake):
    sdk = Sdk("openai", f"{fake.address}/v1")
    assert (asyncio.run(sdk.module.count_tokens(sdk.clients, sdk.access, sdk.request())), fake.requests) == (None, [])


MODELS = {
    "anthropic": Model("a-1", "A 1", 1000, 100),
    "gemini": Model("g-1", "G 1", 1000, 100),
    "openai": Model("o-1", "o-1"),
}


@pytest.mark.parametrize("name", NAMES)
def test_the_models_on_offer_are_listed(fake, name):
    sdk = Sdk(name)
    assert asyncio.run(sdk.module.list_models(sdk.clients, sdk.access)) == (MODELS[format_of(name)],)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("model", ["hang-first", "hang-head", "hang"])
def test_a_hung_stream_is_stopped_while_it_hangs(fake, name, model):
    sdk = Sdk(name)

    async def stop():
        task = asyncio.create_task(sdk.collect(sdk.request(model), Patience(tick_s=0.01, quiet_s=0)))
        while not fake.requests:
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 5)

    asyncio.run(stop())
    assert not fake.released.is_set()


def test_64_streams_run_at_once(fake):
    fake.meeting = threading.Barrier(64)

    async def run():
        sdks = [Sdk(name) for name in NAMES]
        tasks = [sdks[number % 3].collect("meet", Patience(attempts=1, idle_timeout_s=30)) for number in range(64)]
        return await asyncio.gather(*tasks)

    replies = asyncio.run(run())
    texts = ["".join(event.text for event in events if isinstance(event, Text)) for events in replies]
    assert (texts, {type(events[-1]) for events in replies}) == (["one two"] * 64, {Done})


@pytest.mark.parametrize("name", NAMES)
def test_without_a_network_the_sentence_names_the_host(fake, name):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    sdk = Sdk(name, f"http://127.0.0.1:{port}")
    *retries, failure = asyncio.run(sdk.collect("ok", Patience(attempts=2, first_wait_s=0.001)))
    assert (len(retries), failure.kind) == (1, "network")
    assert f"cannot be reached at 127.0.0.1:{port}" in failure.reason


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_proxy_is_named_without_its_password(fake, name, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://user:proxy-password@127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    (failure,) = asyncio.run(Sdk(name).collect("ok", Patience(attempts=3)))
    assert failure.kind == "network"
    assert "The proxy http://127.0.0.1:9 before" in failure.reason
    assert ("proxy-password" in failure.reason, fake.requests) == (False, [])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "ftp://127.0.0.1:9"])
def test_a_proxy_of_another_kind_is_named_and_local_endpoints_go_past_it(fake, name, proxy, monkeypatch):
    monkeypatch.setenv("ALL_PROXY", proxy)
    sdk = Sdk(name, "http://provider.invalid")
    (failure,) = asyncio.run(sdk.collect("ok"))
    assert (failure.kind, f"The proxy {proxy} before {sdk.access.title} does not work" in failure.reason) == (
        "network",
        True,
    )
    assert isinstance(asyncio.run(Sdk(name).collect("ok"))[-1], Done)


@pytest.mark.parametrize("name", NAMES)
def test_a_proxy_from_the_environment_is_used(fake, name, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", fake.address)
    sdk = Sdk(name, "http://provider.invalid")
    assert isinstance(asyncio.run(sdk.collect("ok"))[-1], Done)
    assert fake.requests[0].headers["host"] == "provider.invalid"


def test_a_certificate_that_is_not_trusted_is_said_and_not_tried_again():
    failure = wire.explain("X", httpx2.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"))
    assert (failure.kind, failure.again, "does not prove who it is" in failure.reason) == ("network", False, True)


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_without_end_is_bounded(fake, name, monkeypatch):
    monkeypatch.setattr(wire, "MAX_BODY", 100)
    events = asyncio.run(Sdk(name).collect("ok"))
    assert (events[-1].kind, "more than" in events[-1].reason) == ("protocol", True)


@pytest.mark.parametrize("name", NAMES)
def test_a_list_that_cannot_be_fetched_says_why(fake, name):
    sdk = Sdk(name, f"{fake.address}/nowhere")
    with pytest.raises(ProviderError, match=r"does not know this model or address, 404|not its format|internal|404"):
        asyncio.run(sdk.module.list_models(sdk.clients, sdk.access))


@pytest.mark.parametrize("name", NAMES)
def test_the_rehearsal_plays_a_whole_reply(name):
    module = importlib.import_module(BY_NAME[name].module)
    events = rehearsal.run(name, module.stream, module.build, module.REHEARSED)
    assert [type(event) for event in events] == [Text, ToolCall, Usage, Done]


def test_a_failed_reply_is_a_value_and_not_an_exception(fake):
    sdk = Sdk("anthropic")
    sdk.clients = None
    (failure,) = asyncio.run(sdk.collect("ok"))
    assert (type(failure), failure.kind) == (Failed, "protocol")


@pytest.mark.parametrize("name", NAMES)
def test_what_is_set_for_a_model_goes_out_through_the_sdk_as_it_is_shown(fake, name):
    sdk = Sdk(name)
    request = sdk.request("ok", temperature=0.25, max_tokens=321, effort="high", thinking=True)
    *_, end = asyncio.run(sdk.collect(request))
    assert isinstance(end, Done)
    sent = json.dumps(fake.requests[-1].body)
    assert ("0.25" in sent, "321" in sent, "high" in sent.lower()) == (True, True, True)
    shown = json.dumps(sdk.module.body(request))
    assert ("0.25" in shown, "321" in shown) == (True, True)
