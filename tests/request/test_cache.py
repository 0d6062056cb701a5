"""The provider's cache: what is said of it before a request, what came of it, and which change lost it.

Over the real SDKs against servers that keep requests as their providers do.
"""

import asyncio
import json

import pytest
from src.chat import CacheMark, Message, ModelRequest, TextPart, ThinkingPart, ToolSpec, Usage
from src.models.caching import rule_of
from src.models.prices import Caps, Listed, Money, Price, PriceTable, Spent
from src.models.providers import BY_NAME
from src.project.scan import ContextFile
from src.providers import anthropic_body, openai_body
from src.request.build import Material, build, describe
from src.request.cache_memory import CacheMemory
from src.request.prefix import pieces
from src.request.preview import Preview
from tests.sdk import NAMES, Sdk

LONG = "The quick brown fox jumps over the lazy dog. " * 700
TABLE = PriceTable(listed=lambda _provider, _model: Listed(Price(4.0, 20.0, 0.4, written=5.0), 100_000))


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def does(preview):
    return [preview.cache.of_part(number) for number in range(1, len(preview.parts) + 1)]


class Bench:
    """A preview of requests to `cached` at *name*, which really go out."""

    def __init__(self, name):
        self.sdk, self.clock, self.turns = Sdk(name), Clock(), 0
        self.memory = CacheMemory(self.clock)
        file = ContextFile("a.py", 10, 3, True, False, False, "")
        self.material = Material(
            name, "cached", LONG, ((file, "pass\n" * 50),), (), Message.of("user", "first"), (), cache_marks=True
        )
        self.preview = Preview(
            lambda: self.material,
            lambda: Caps(None, None, Spent()),
            lambda: TABLE,
            lambda *_: None,
            lambda _: None,
            memory=lambda: self.memory,
            longest=lambda _: 100,
            drops=lambda *_: "",
        )

    def send(self):
        """Sends what is previewed and answers it; the usage that the provider reported."""
        said, material = self.material.draft, self.material
        self.turns += 1
        if said is not None:
            material = material._replace(messages=(*material.messages, said), draft=None)
        self.memory.note(material)
        *_, usage, _ = asyncio.run(self.sdk.collect(build(material)))
        answer = Message("assistant", (TextPart("one two"),), self.sdk.name, "cached")
        self.material = material._replace(messages=(*material.messages, answer), draft=Message.of("user", "next"))
        return usage


@pytest.fixture(params=NAMES)
def bench(fake, request):
    return Bench(request.param)


def test_what_the_preview_says_is_read_is_what_the_provider_reads(bench):
    first = bench.preview.snapshot()
    assert (first.cache.read, does(first).count("read")) == (0, 0)
    bench.send()
    bench.material = bench.material._replace(draft=Message.of("user", "and then"))
    said = bench.preview.snapshot()
    usage = bench.send()
    assert does(said)[:3] == ["read", "read", "read"]
    assert said.cache.read > 8000
    assert usage.cached_tokens == pytest.approx(said.cache.read, rel=0.2)
    assert usage.written_tokens == pytest.approx(said.cache.written, abs=60)
    assert said.saved.nanos > 0


def test_only_a_provider_that_sells_writing_is_said_to_write(bench):
    said, usage = bench.preview.snapshot(), bench.send()
    sells = bench.sdk.name == "anthropic"
    assert (said.cache.written > 0, usage.written_tokens > 0, said.saved.nanos < 0) == (sells, sells, sells)


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ({"system": "Other words. " + LONG}, "system has changed"),
        ({"files": ()}, "a.py no longer goes out"),
        ({"draft": Message.of("user", "hello")}, ""),
    ],
)
def test_the_change_that_lost_the_cache_is_named(bench, change, broken):
    bench.send()
    bench.material = bench.material._replace(**change)
    assert bench.preview.snapshot().cache.broken.startswith(broken) if broken else True
    assert bool(bench.preview.snapshot().cache.broken) is bool(broken)


def test_an_edited_turn_loses_what_follows_it_and_keeps_what_is_in_front(bench):
    bench.send()
    bench.send()
    rest = bench.material.messages[1:]
    bench.material = bench.material._replace(messages=(Message.of("user", "edited"), *rest))
    said = bench.preview.snapshot()
    assert said.cache.broken.startswith("turn 1 has changed")
    first = [said.parts[number].origin for number, done in enumerate(does(said)) if done == "read"]
    assert first[:2] == ["preset", "file"]
    assert bench.send().cached_tokens == pytest.approx(said.cache.read, rel=0.2)


def test_the_cache_is_forgotten_after_its_time(bench):
    bench.send()
    bench.clock.now += rule_of(bench.sdk.name, "cached").lasts_s + 1
    said = bench.preview.snapshot()
    assert (said.cache.read, "minutes ago" in said.cache.broken) == (0, True)


def test_a_short_request_is_said_to_be_too_short(bench):
    bench.material = bench.material._replace(system="be brief")
    assert "tokens are not kept" in bench.preview.snapshot().cache.why


def test_without_marks_nothing_is_written(fake):
    bench = Bench("anthropic")
    bench.material = bench.material._replace(cache_marks=False)
    assert "Settings > Requests" in bench.preview.snapshot().cache.why
    assert bench.send().written_tokens == 0
    assert "cache_control" not in json.dumps(fake.requests[-1].body)


def test_marks_are_where_the_next_request_will_find_them(fake):
    bench = Bench("anthropic")
    bench.send()
    bench.send()
    body = fake.requests[-1].body
    marked = [
        (message["role"], part["text"][:5])
        for message in body["messages"]
        for part in message["content"]
        if "cache_control" in part
    ]
    assert "cache_control" in body["system"][0]
    assert marked == [("user", "<file"), ("user", "first"), ("user", "next")]


def test_a_mark_goes_to_the_part_before_one_that_takes_none():
    parts = (TextPart("seen"), ThinkingPart("hm", "seal"))
    message = Message("assistant", parts, "anthropic", "m")
    body = anthropic_body.body(ModelRequest("anthropic", "m", "", (message,), cache_marks=(CacheMark(0, 1),)))
    assert [sorted(part) for part in body["messages"][0]["content"]] == [
        ["text", "type"],
        ["signature", "thinking", "type"],
    ]


def test_requests_with_the_same_beginning_have_one_key_and_only_at_openai():
    def ask(text):
        return ModelRequest("openai", "m", "be brief", (Message.of("user", text),), cache_marks=(CacheMark(-1),))

    body = openai_body.body(ask("a"))
    assert body["prompt_cache_key"] == openai_body.body(ask("a"))["prompt_cache_key"]
    assert body["prompt_cache_key"] != openai_body.body(ask("b"))["prompt_cache_key"]
    assert "prompt_cache_key" not in openai_body.body(ask("a"), official=False)


def test_reading_and_writing_have_prices_of_their_own():
    price = Price(4.0, 20.0, 0.4, written=5.0)
    usage = Usage(1000, 10, 600, 300)
    assert price.cost(usage) == Money(100 * 4000 + 600 * 400 + 300 * 5000 + 10 * 20_000)
    assert price.saved(usage) == Money(600 * 3600 - 300 * 1000)
    assert price.highest(1000, 10) == Money(1000 * 5000 + 10 * 20_000)


def test_what_is_typed_is_the_turn_that_it_becomes():
    typed = Material("openai", "m", LONG, (), (), Message.of("user", "first"), ())
    sent = typed._replace(messages=(Message.of("user", "first"),), draft=None)
    before, after = (pieces(describe(one), thinking=False, has_marks=False)[0] for one in (typed, sent))
    assert [one.print for one in before] == [one.print for one in after]


def test_every_provider_with_a_key_has_a_rule():
    for name in NAMES:
        assert all(rule_of(name, model.id) is not None for model in BY_NAME[name].models)
    assert rule_of("echo", "echo-1") is None


def a_tool(name, about="x"):
    return ToolSpec(name, about, {"type": "object", "properties": {}})


def a_file(path):
    return (ContextFile(path, 10, 3, True, False, False, ""), f"{path}\n" * 50)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            {"tools": (a_tool("a"), a_tool("b"))},
            {"tools": (a_tool("a"), a_tool("b"), a_tool("c"))},
            "The tool c is new: ",
        ),
        ({"tools": (a_tool("a"), a_tool("b"))}, {"tools": (a_tool("b"),)}, "The tool a no longer goes out: "),
        ({"tools": (a_tool("a"),)}, {"tools": (a_tool("a", "y"),)}, "The definition of the tool a has changed: "),
        (
            {"tools": (a_tool("a"), a_tool("b"))},
            {"tools": (a_tool("b"), a_tool("a"))},
            "The order of the tools has changed: ",
        ),
        ({}, {"tools": (a_tool("a"),)}, "The tools are new in front of a.py: "),
        (
            {"schema": '{"type":"object"}'},
            {"schema": '{"type":"object","title":"x"}'},
            "schema of the answer has changed: ",
        ),
        ({}, {"system": "Other. " + LONG}, "system has changed: "),
        (
            {"files": (a_file("a"), a_file("b"))},
            {"files": (a_file("b"), a_file("a"))},
            "b goes out in front of a now: ",
        ),
        ({"files": (a_file("b"),)}, {"files": (a_file("a"), a_file("b"))}, "a is new in front of b: "),
        ({"files": (a_file("a"), a_file("b"))}, {"files": (a_file("b"),)}, "a no longer goes out: "),
        ({"files": (a_file("a"), a_file("b"), a_file("c"))}, {"files": (a_file("c"),)}, "a no longer goes out: "),
        ({}, {"thinking": True}, "thoughts is new in front of a.py: "),
    ],
)
def test_the_sentence_names_what_broke_the_prefix(fake, before, after, said):
    bench = Bench("anthropic")
    bench.material = bench.material._replace(**before)
    bench.send()
    bench.material = bench.material._replace(**after)
    outlook = bench.preview.snapshot().cache
    assert outlook.broken.startswith(said), outlook.broken


@pytest.mark.parametrize(
    "change", [{"tools": (a_tool("a"),)}, {"system": LONG + "more"}, {"schema": '{"type":"object"}'}]
)
def test_a_change_before_the_messages_leaves_nothing_to_read(bench, change):
    bench.send()
    bench.material = bench.material._replace(**change)
    assert bench.preview.snapshot().cache.read == 0


def test_the_switch_to_another_model_is_named_with_what_it_costs(bench):
    bench.send()
    first = bench.preview.snapshot().cache.read
    bench.material = bench.material._replace(model="cached-2")
    said = bench.preview.snapshot().cache
    assert (said.read, said.broken.startswith("Each model has a cache of its own: about ")) == (0, True)
    assert "tokens that cached has there" in said.broken
    assert first > 8000
    bench.memory.note(bench.material._replace(model="cached-3"), beside=True)
    assert bench.memory.note(bench.material._replace(model="cached-4"), beside=True).broken == ""
    bench.clock.now += 3600
    assert bench.preview.snapshot().cache.broken == ""
