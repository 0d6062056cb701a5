"""What a request cost once it has ended, by how it ended and what the provider reported."""

import pytest
from src.chat import Done, Failed, ModelReply, Stopped, TextPart, Usage
from src.models.prices import Listed, Money, Price, PriceTable
from src.spending.settling import settled_as

TABLE = PriceTable(listed=lambda *_: Listed(Price(1.0, 10.0, 0.1)))
WORDS = (TextPart("one two"),)


def settled(reply, end):
    return settled_as(90, reply, end, TABLE)


def test_what_the_provider_reported_is_what_it_cost():
    reply = ModelReply("x", "m", WORDS, Usage(100, 10))
    assert settled(reply, Done("end")) == ("done", Usage(100, 10), Money(200_000), False)


def test_an_answer_without_a_word_costs_the_input_that_was_reported():
    assert settled(ModelReply("x", "m", (), Usage(100, 0)), Stopped()) == (
        "stopped",
        Usage(100, 0),
        Money(100_000),
        False,
    )


def test_what_never_went_out_costs_nothing():
    assert settled(None, Stopped()) == ("not sent", None, Money(0), False)


def test_a_failure_before_a_word_came_costs_nothing():
    assert settled(ModelReply("x", "m"), Failed("no")) == ("failed", None, Money(0), False)


@pytest.mark.parametrize("end", [Stopped(), Failed("cut")], ids=["stopped", "failed"])
@pytest.mark.parametrize(("usage", "sent"), [(None, 90_000), (Usage(400, 0), 400_000)], ids=["silent", "input"])
def test_words_that_came_are_guessed_behind_what_was_sent(end, usage, sent):
    name, shown, cost, guessed = settled(ModelReply("x", "m", WORDS, usage), end)
    assert (name, shown, guessed) == (type(end).__name__.lower(), usage, True)
    words = cost.nanos - sent  # some tokens at 10 dollars the million
    assert 10_000 <= words <= 200_000
    assert words % 10_000 == 0


def test_an_answer_that_was_stopped_before_a_word_costs_what_was_sent():
    assert settled(ModelReply("x", "m"), Stopped())[2].nanos >= 90_000
