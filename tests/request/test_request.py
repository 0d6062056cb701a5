"""What goes out and what it costs: parts, tokens, prices, caps, counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from src.chat import ImagePart, Message, TextPart, ToolCallPart, ToolResultPart, ToolSpec, Usage
from src.models import estimate
from src.models.prices import UNLISTED, Caps, Listed, Money, Price, PriceTable, Spent, Step, over_cap
from src.models.providers import FREE
from src.privacy.detector import digest_of
from src.project.scan import ContextFile
from src.request import build
from src.request.build import Material
from src.request.preview import Preview

FILE = (ContextFile("a.py", 8, 2, True, False, False, ""), "print(1)\n")
ASKED = (Message.of("user", "hi"), Message.of("assistant", "yes?", "echo", "echo-1"))


def listed(_provider, model):
    return Listed(Price(2.0, 10.0, 0.5), 1000) if model == "known" else UNLISTED


TABLE = PriceTable({}, listed)
CALL, RESULT = ToolCallPart("c", "read_file", "{}"), ToolResultPart("c", "read_file", "text")


def material(**fields):
    return Material("echo", "known", "be brief", (FILE,), ASKED, Message.of("user", "go on"), ())._replace(**fields)


def test_the_request_holds_every_part_in_its_order():
    made = build.build(material())
    assert (made.system, [message.role for message in made.messages]) == ("be brief", ["user", "assistant", "user"])
    mark = digest_of("a.py\nprint(1)\n")[:16]
    assert made.messages[0].text == f'<file {mark} path="a.py">\nprint(1)\n</file {mark}>\nhi'
    rows = [(part.origin, part.label, part.text) for part in build.describe(material())]
    assert rows == [
        ("preset", "system", "be brief"),
        ("file", "a.py", "print(1)\n"),
        ("turn", "1. user", "hi"),
        ("turn", "2. assistant", "yes?"),
        ("draft", "what is typed", "go on"),
    ]


def test_tools_and_attachments_are_parts():
    tool = ToolSpec("read_file", "Reads.", {"type": "object"})
    draft = Message("user", (ImagePart("image/png", b"123", "p.png"), TextPart("look")))
    made = material(tools=(tool,), draft=draft)
    assert build.build(made).tools == (tool,)
    rows = [(part.origin, part.label) for part in build.describe(made)]
    assert (rows[1], rows[-2:]) == (("tools", "1 tools"), [("attachment", "p.png"), ("draft", "what is typed")])


def test_thoughts_are_asked_for_when_the_user_wants_them():
    assert [build.build(material(thinking=wanted)).thinking for wanted in (True, False)] == [True, False]


def test_files_go_out_before_the_first_message_even_when_that_is_the_models():
    made = build.build(material(messages=ASKED[1:]))
    assert [message.role for message in made.messages] == ["user", "assistant", "user"]
    assert build.build(material(messages=(), draft=None)).messages[0].role == "user"


def test_half_a_pair_of_call_and_result_stays_at_home():
    def kept(*messages):
        return [message.parts for message in build.pair_tools(list(messages))]

    calling, answering = Message("assistant", (TextPart("t"), CALL)), Message("user", (RESULT,))
    assert kept(calling, answering) == [(TextPart("t"), CALL), (RESULT,)]
    assert kept(calling) == [(TextPart("t"),)]
    assert kept(answering) == []


@pytest.mark.parametrize(
    ("text", "expected"), [("", 0), ("a", 1), ("word " * 72, 100), ("слово", 3), ("漢字漢字", 4), ("🙂", 1)]
)
def test_tokens_are_estimated_by_the_documented_model(text, expected):
    assert estimate.estimate(text) == expected


@given(st.text(), st.text())
def test_more_text_is_never_fewer_tokens(one, two):
    assert estimate.estimate(one + two) >= estimate.estimate(one)


def test_costs_are_exact_and_cached_tokens_cost_less():
    price = Price(2.0, 10.0, 0.5)
    assert price.cost(Usage(1_000_000, 0)) == Money(2_000_000_000)
    assert price.cost(Usage(3, 1, cached_tokens=2)) == Money(2000 + 1000 + 10_000)


@pytest.mark.parametrize("model", ["unknown", "", "known-later"])
def test_an_unknown_price_is_none_and_never_zero(model):
    found = TABLE.price("x", model), TABLE.cost("x", model, Usage(1, 1)), TABLE.window("x", model)
    assert found == (None, None, None)


def test_the_users_price_goes_over_the_published_one():
    table = TABLE._replace(own={"known": (1.0, 1.0), "mine": (0.0, 0.0, 0.0)})
    assert (table.price("x", "known"), table.cost("x", "mine", Usage(5, 5))) == (Price(1.0, 1.0, 1.0), Money(0))


def test_long_requests_cost_what_the_step_says():
    price = Price(2.0, 10.0, 0.5, (Step(100, 4.0, 20.0, 1.0),))
    assert [price.cost(Usage(size, 1)).nanos for size in (100, 101)] == [100 * 2000 + 10_000, 101 * 4000 + 20_000]


def test_what_runs_here_costs_nothing():
    assert PriceTable(free=FREE).cost("echo", "echo-think", Usage(9, 9)) == Money(0)


def test_what_is_spent_tells_unknown_from_nothing():
    spent = Spent().add(Money(1_500_000)).add(None).add(None)
    assert (str(spent), str(Spent()), str(Money(5)), str(Money(2_345_000_000))) == (
        "$0.0015 + 2 replies of unknown price",
        "$0.0000",
        "< $0.0001",
        "$2.35",
    )


@pytest.mark.parametrize(
    ("caps", "cost", "reason"),
    [
        (Caps(None, None, Spent()), None, ""),
        (Caps(100, None, Spent()), Money(0), ""),
        (Caps(99, None, Spent()), Money(0), "about 100 tokens; your cap is 99"),
        (Caps(None, 1.0, Spent(Money(900_000_000))), Money(100_000_000), ""),
        (Caps(None, 1.0, Spent(Money(900_000_001))), Money(100_000_000), r"may cost \$1.00"),
        (Caps(None, 1.0, Spent()), None, "price of m is unknown"),
    ],
)
def test_a_cap_is_named_when_it_is_in_the_way(caps, cost, reason):
    said = over_cap(100, cost, caps, "m")
    assert (bool(said), reason.replace("\\", "") in said) == (bool(reason), True)


class Bench:
    """A preview with what it is made of, to be changed by the test."""

    def __init__(self):
        self.material = material()
        self.asked = []
        self.preview = Preview(
            lambda: self.material,
            lambda: Caps(None, None, Spent()),
            lambda: TABLE,
            TABLE.window,
            self.asked.append,
            memory=lambda: None,
            longest=lambda _: 100,
            drops=lambda *_: "",
        )


def test_the_count_replaces_the_estimate_until_the_request_changes():
    bench = Bench()
    bench.material = bench.material._replace(provider="sold")
    first = bench.preview.snapshot()
    assert (first.counted, first.window_tokens, bench.asked) == (False, 1000, [bench.material])
    assert first.total_tokens == sum(part.tokens for part in first.parts)
    bench.preview.counted(bench.material, 42)
    counted = bench.preview.snapshot()
    assert (counted.counted, counted.total_tokens, counted.cost) == (True, 42, Money(84_000))
    assert sum(part.tokens for part in counted.parts) == 42
    assert bench.preview.snapshot() is counted
    bench.material = material(draft=Message.of("user", "something else"))
    assert not bench.preview.snapshot().counted
    bench.preview.counted(material(), 99)  # an answer that came too late
    assert not bench.preview.snapshot().counted


def test_nothing_to_send_is_not_sendable():
    bench = Bench()
    bench.material = material(draft=None)
    assert not bench.preview.snapshot().sendable
    bench.material = material(draft=None, messages=ASKED[:1])
    assert bench.preview.snapshot().sendable


def test_long_discussions_are_described_once(monkeypatch):
    bench = Bench()
    bench.material = material(messages=tuple(Message.of("user", str(number)) for number in range(50)))
    bench.preview.snapshot()
    counted = []
    real = build.estimate_message
    monkeypatch.setattr(build, "estimate_message", lambda message: counted.append(message) or real(message))
    bench.material = bench.material._replace(messages=(*bench.material.messages, Message.of("user", "new")))
    assert len(bench.preview.snapshot().parts) == 54
    assert [message.text for message in counted] == ["go on", "new"]
