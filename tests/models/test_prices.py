"""Published prices: every model that Sloppy ships is sold, and one that is not known stays unknown."""

import socket

import pytest
from src.chat import Usage
from src.models import market
from src.models.prices import UNLISTED, Money, PriceTable
from src.models.providers import PROVIDERS

SOLD = [(one.name, model) for one in PROVIDERS if one.name != "echo" for model in one.models]


@pytest.mark.parametrize(("provider", "model"), SOLD, ids=lambda one: getattr(one, "id", one))
def test_every_shipped_model_has_a_price_and_a_window(provider, model):
    listed = market.find(provider, "", model.id)
    assert listed.price is not None
    assert 0 < listed.price.cached <= listed.price.input <= listed.price.output
    assert model.window_tokens > 0
    assert listed.window in (None, model.window_tokens)


def test_a_dated_name_and_a_folder_mean_the_same_model():
    plain = market.find("gemini", "", "gemini-3.5-flash")
    assert plain == market.find("gemini", "", "models/gemini-3.5-flash") != UNLISTED
    assert market.find("anthropic", "", "claude-opus-5-20260101") == market.find("anthropic", "", "claude-opus-5")


def test_a_long_request_costs_more_where_the_seller_says_so():
    price = market.find("gemini", "", "gemini-3.1-pro-preview").price
    short, long = price.cost(Usage(200_000, 0)), price.cost(Usage(200_001, 0))
    assert long.nanos > short.nanos * 1.5
    assert short > Money(0)


@pytest.mark.parametrize(
    ("provider", "base_url", "model"),
    [
        ("anthropic", "", "no-such-model"),
        ("mine", "", "gpt-5.5"),
        ("mine", "http://127.0.0.1:11434/v1", "gpt-5.5"),
        ("mine", "https://models.example/v1", "claude-opus-5"),
    ],
)
def test_what_is_not_published_is_unknown(provider, base_url, model):
    assert market.find(provider, base_url, model) == UNLISTED


def test_a_seller_is_known_by_its_address():
    assert market.find("mine", "https://api.groq.com/openai/v1", "openai/gpt-oss-120b").price is not None


def test_looking_up_asks_no_network(monkeypatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("a price was asked for over the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    market.find.cache_clear()
    assert market.find("openai", "", "gpt-5.5").price is not None


def test_what_is_free_costs_nothing_even_when_nobody_knows_how_much_it_was():
    table = PriceTable(free=frozenset({"echo"}))
    assert table.cost("echo", "echo-1", None) == Money(0)
    assert table.cost("anthropic", "claude-sonnet-5", None) is None
