"""The real SDKs over real HTTP against a loopback server."""

import asyncio
import importlib

import pytest
from src.ai_client import PROVIDERS
from src.chat import Done, Failed, Message, ModelRequest, Text, Truncated, Usage
from tests import fake_providers

NAMES = [provider.name for provider in PROVIDERS if provider.name != "echo"]
ASKED = (Message.of("user", "hi"), Message.of("assistant", "yes?"), Message.of("user", "go on"))


@pytest.fixture
def fake(monkeypatch, tmp_path):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ANTHROPIC_CONFIG_DIR", str(tmp_path))
    monkeypatch.delenv("GOOGLE_API_KEY", raising=False)
    with fake_providers.serve() as (address, requests):
        for name, tail in (("ANTHROPIC", ""), ("GOOGLE_GEMINI", ""), ("OPENAI", "/v1")):
            monkeypatch.setenv(f"{name}_BASE_URL", f"{address}{tail}")
        for name in ("ANTHROPIC", "GEMINI", "OPENAI"):
            monkeypatch.setenv(f"{name}_API_KEY", "secret-key")
        yield requests


def module_of(name):
    return importlib.import_module(next(one.module for one in PROVIDERS if one.name == name))


def reply(name, model, on_event=lambda event: None):
    module = module_of(name)

    async def collect():
        events = []
        async for event in module.stream(module.connect(), ModelRequest(name, model, "be brief", ASKED)):
            events.append(event)
            on_event(event)
        return events

    return asyncio.run(collect())


@pytest.mark.parametrize("name", NAMES)
def test_a_reply_streams_its_text_usage_and_end(fake, name):
    *texts, usage, end = reply(name, "ok")
    assert "".join(text.text for text in texts) == "one two"
    assert (usage, type(end)) == (Usage(3, 2), Done)


@pytest.mark.parametrize("name", NAMES)
def test_the_whole_conversation_is_sent(fake, name):
    reply(name, "ok")
    _path, _headers, body = fake[0]
    text = str(body)
    assert [part in text for part in ("hi", "yes?", "go on", "be brief")] == [True] * 4


@pytest.mark.parametrize("name", NAMES)
def test_a_stream_that_is_cut_is_told_from_a_whole_one(fake, name):
    events = reply(name, "cut")
    assert (events[0], events[-1]) == (Text("one"), Truncated())


@pytest.mark.parametrize("name", NAMES)
def test_a_refusal_says_why_and_keeps_the_key_out(fake, name):
    (failure,) = reply(name, "refuse")
    assert isinstance(failure, Failed)
    assert ("bad key" in failure.reason, "secret-key" in failure.reason) == (True, False)


@pytest.mark.parametrize("name", NAMES)
def test_an_error_in_mid_stream_keeps_what_arrived(fake, name):
    events = reply(name, "break")
    assert events[0] == Text("one")
    assert isinstance(events[-1], Failed)


@pytest.mark.parametrize("name", NAMES)
def test_a_hung_stream_can_be_stopped(fake, name):
    module = module_of(name)

    async def stop_after_first():
        first = asyncio.Event()

        async def read():
            async for _event in module.stream(module.connect(), ModelRequest(name, "hang", "be brief", ASKED)):
                first.set()

        task = asyncio.create_task(read())
        await asyncio.wait_for(first.wait(), 15)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 5)

    asyncio.run(stop_after_first())


@pytest.mark.parametrize("name", NAMES)
def test_without_a_key_there_is_no_client_and_a_sentence(monkeypatch, name):
    for variable in ("ANTHROPIC_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(variable, raising=False)
    module = module_of(name)
    assert module.connect() is None
    assert "set " in module.MISSING_KEY
