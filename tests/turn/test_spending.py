"""What requests cost, from the window to the ledger, over the real SDKs against the fakes."""

import pytest
from src.models.prices import Caps, Money, Spent
from src.spending.entries import Order
from tests.conftest import ECHO, settled, wait_until
from tests.turn.providers import connected

PRICES = {"ok": (1000.0, 10_000.0, 100.0, 1250.0), "cut": (1000.0, 10_000.0)}


@pytest.fixture(params=["anthropic", "gemini", "openai"])
def controller(fake, monkeypatch, make_controller, request):
    made = connected(make_controller, monkeypatch, request.param)
    made.settings.change(prices=PRICES)
    made.choose_provider(request.param, "ok")
    return made


def test_the_ledger_is_equal_to_what_the_providers_reported(controller):
    for _ in range(2):
        assert controller.send("hello").accepted
        assert settled(controller).error == ""
    entries = controller.ledger.entries()
    assert [entry.end for entry in entries] == ["done", "done"]
    # 2 tokens new, 1 read from the cache, 2 out, as the fakes say; in dollars per million times a thousand nanos.
    each = 2 * 1_000_000 + 100_000 + 2 * 10_000_000
    assert [entry.cost for entry in entries] == [Money(each)] * 2
    assert controller.caps().sums.day.known == Money(2 * each) == controller.discussion.snapshot().cost.known
    assert [entry.order.highest.nanos > each for entry in entries] == [True, True]


def test_an_answer_that_was_cut_is_guessed_and_marked(controller):
    controller.choose_provider(controller.snapshot().provider, "cut")
    controller.send("hello")
    settled(controller)
    (entry,) = controller.ledger.entries()
    assert (entry.end, entry.guessed, entry.cost.nanos > 0) == ("truncated", True, True)


def test_a_cap_holds_the_request_back_and_says_which(controller, fake):
    controller.settings.change(day_cap_usd=0.5)
    asked = controller.send("hello")
    assert (asked.kind, "today may cost" in asked.reason) == ("confirm", True)
    assert fake.requests == []
    assert controller.send("hello", confirmed=True).accepted
    settled(controller)
    assert len(fake.requests) == 1


def test_what_another_sloppy_spent_meanwhile_counts(controller, make_controller, fake):
    controller.settings.change(day_cap_usd=1000.0)
    other = make_controller(ECHO)
    assert other.wait_until_set_up(20)
    taken = Order("x", "m", "elsewhere", "", "reply", Money(999_999_000_000))
    assert other.ledger.reserve(taken, 1, Caps(None, None, Spent()), confirmed=True).id
    assert controller.send("hello").accepted
    state = settled(controller)
    assert ("today may cost" in state.error, state.over_cap) == (True, True)
    assert fake.requests == []


def test_a_stopped_request_is_settled(controller):
    controller.choose_provider(controller.snapshot().provider, "hang")
    controller.settings.change(prices={"hang": (1.0, 1.0)})
    controller.send("hello")
    wait_until(controller, lambda: controller.snapshot().reply and controller.snapshot().reply.text)
    controller.stop()
    settled(controller)
    (entry,) = controller.ledger.entries()
    assert (entry.end, entry.guessed, entry.cost.nanos > 0) == ("stopped", True, True)


@pytest.mark.parametrize("model", ["uncounted", "negative", "absurd"])
def test_what_no_request_can_have_taken_is_guessed_and_not_billed(controller, model):
    controller.settings.change(prices={model: (1000.0, 10_000.0)})
    controller.choose_provider(controller.snapshot().provider, model)
    assert controller.send("hello").accepted
    assert settled(controller).error == ""
    (entry,) = controller.ledger.entries()
    assert (entry.end, entry.usage, entry.guessed) == ("done", None, True)
    assert 0 < entry.cost.nanos < 200_000_000
    assert controller.discussion.snapshot().turns[-1].usage is None


def test_no_more_is_cached_than_was_read(controller):
    controller.settings.change(prices={"overcached": (1000.0, 10_000.0, 100.0)})
    controller.choose_provider(controller.snapshot().provider, "overcached")
    assert controller.send("hello").accepted
    settled(controller)
    (entry,) = controller.ledger.entries()
    assert (entry.usage.input_tokens, entry.usage.cached_tokens) == (3, 3)
    assert entry.cost == Money(3 * 100_000 + 2 * 10_000_000)
