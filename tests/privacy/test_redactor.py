"""Canary keys in every place a key can hide."""

import asyncio
import base64
import json
import logging
import traceback
from urllib.parse import quote

import pytest
from src.models.patience import Patience
from src.privacy.detector import digest_of, find_accepted
from src.privacy.keys import Key
from src.privacy.redactor import HIDDEN, MAX_SECRETS, Redactor, current
from src.providers.failures import of_status
from tests.sdk import CANARY, NAMES, Sdk, format_of

AWKWARD = 'k/ey+wi=th?odd&parts"and\\more'


@pytest.fixture
def redactor():
    made = Redactor()
    made.add(CANARY)
    made.add(AWKWARD)
    return made


PLACES = {
    "bare": lambda key: key,
    "header": lambda key: f"x-api-key: {key}",
    "bearer": lambda key: f"Authorization: Bearer {key}",
    "query": lambda key: f"https://host/path?key={quote(key, safe='')}&x=1",
    "path": lambda key: f"https://host/{quote(key)}/models",
    "json": lambda key: json.dumps({"api_key": key}),
    "twice encoded json": lambda key: json.dumps(json.dumps([key])) if key.isascii() and '"' not in key else key,
    "repr of headers": lambda key: repr({"x-goog-api-key": key}),
    "repr of bytes": lambda key: repr(key.encode()),
    "hexadecimal": lambda key: key.encode().hex(),
    **{
        f"base64 after {shift}": lambda key, shift=shift: base64.b64encode(
            b"user:pass"[:shift] + key.encode() + b":x"
        ).decode()
        for shift in range(4)
    },
    "base64 for urls": lambda key: base64.urlsafe_b64encode(b"ab" + key.encode()).decode(),
}


def test_what_only_looks_like_a_key_stays_when_it_is_accepted(redactor):
    shaped, announced = "sk-Zx8Lq2Rv5Tn9Wy3Bk6Mp1Hd4Fg7Js0Uc", "9fK2mQ7xVb3LpR8sTn5WzY1cAe4HdGj6"
    text = f"{shaped} api_key = '{announced}' {CANARY} password: '{announced}2'"
    accepted = {digest_of(shaped), digest_of(announced), digest_of(CANARY)}
    assert redactor.redact(text, accepted) == f"{shaped} api_key = '{announced}' {HIDDEN} password: '{HIDDEN}'"
    assert redactor.redact(text) == f"{HIDDEN} api_key = '{HIDDEN}' {HIDDEN} password: '{HIDDEN}'"
    assert (redactor.knows(digest_of(CANARY)), redactor.knows(digest_of(shaped))) == (True, False)


def test_what_is_hidden_for_its_looks_alone_is_told(redactor):
    told = []
    key = "9fK2mQ7xVb3LpR8sTn5WzY1cAe4HdGj6"
    redactor.redact(f"{CANARY}\napi_key = '{key}'", tell=told.append)
    (one,) = told
    assert (one.line, one.hint, one.digest) == (2, "9fK2..., 32 characters", digest_of(key))
    found = find_accepted(f"\n\npassword: '{key}'", {one.digest})
    assert [(two.line, two.digest) for two in found] == [(3, one.digest)]


def test_the_end_says_in_how_many_places_something_was_hidden(redactor):
    assert redactor.said(f"{CANARY} and {CANARY}") == f"{HIDDEN} and {HIDDEN} (hidden in 2 places)"
    assert redactor.said(redactor.said(f"x {CANARY}")) == f"x {HIDDEN} (hidden in 1 place)"
    assert redactor.said("nothing") == "nothing"
    assert redactor.counted_value({"a": [CANARY, CANARY], CANARY: 1}) == ({"a": [HIDDEN, HIDDEN], HIDDEN: 1}, 3)


def test_a_known_key_keeps_a_text_back_in_any_form(redactor):
    found = redactor.find_known(f"\nx = {CANARY.encode().hex()}")
    assert (str(found), redactor.find_known("x = 1")) == ("one of your own keys in line 2", None)


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("key", [CANARY, AWKWARD], ids=["plain", "awkward"])
def test_a_known_key_is_hidden_in_every_form(redactor, key, place):
    text = f"before {place(key)} after"
    cleaned = redactor.redact(text)
    assert HIDDEN in cleaned
    assert (cleaned.startswith("before "), cleaned.endswith(" after")) == (True, True)
    remains = [
        form for form in (key, quote(key, safe=""), json.dumps(key)[1:-1], key.encode().hex()) if form in cleaned
    ]
    middle = base64.b64encode(key.encode()).decode()[4:-4]
    assert (remains, middle in cleaned) == ([], False)


@pytest.mark.parametrize(
    "text",
    [
        "sk-ant-api03-Zx8Lq2Rv5Tn9Wy3BkMp1",
        "AIzaSyA1234567890abcdefghijklmnopqrstuv",
        "Authorization: Bearer Zx8Lq2Rv5Tn9Wy3B",
        "proxy-authorization: Basic dXNlcjpwYXNz",
        "{'x-goog-api-key': 'Zx8Lq2Rv5Tn9Wy3B'}",
        '"x-api-key": "Zx8Lq2Rv5Tn9Wy3B"',
        '{\\"api_key\\": \\"Zx8Lq2Rv5Tn9Wy3B\\"}',
        "GET /v1beta/models?key=Zx8Lq2Rv5Tn9Wy3B HTTP/1.1",
        "(b'x-api-key', b'Zx8Lq2Rv5Tn9Wy3B')",
        "ANTHROPIC_API_KEY=Zx8Lq2Rv5Tn9Wy3B",
        "http://user:Zx8Lq2Rv5Tn9Wy3B@proxy:3128",
    ],
)
def test_what_looks_like_a_key_is_hidden_although_nobody_named_it(text):
    cleaned = Redactor().redact(f"say {text} here")
    for secret in ("Zx8Lq2Rv5Tn9Wy3B", "1234567890", "dXNlcjpwYXNz"):
        assert secret not in cleaned
    assert HIDDEN in cleaned


@pytest.mark.parametrize(
    "text",
    [
        "The API key is missing; set OPENAI_API_KEY and send again.",
        "The key: value pairs of the monkey",
        "https://example.com/path?page=2#part",
        "a password is wanted",
        "tokens: 12345678",
    ],
)
def test_ordinary_words_stay(redactor, text):
    assert redactor.redact(text) == text


def test_values_are_redacted_in_depth(redactor):
    value = {"a": [CANARY, {"b": f"x {CANARY}"}], CANARY: 1, "n": None}
    assert redactor.redact_value(value) == {"a": [HIDDEN, {"b": f"x {HIDDEN}"}], HIDDEN: 1, "n": None}


def test_short_words_are_no_secrets_and_the_oldest_are_forgotten():
    redactor = Redactor()
    redactor.add("the")
    for number in range(MAX_SECRETS + 1):
        redactor.add(f"secret-number-{number:04}")
    assert redactor.redact("the secret-number-0000") == "the secret-number-0000"
    assert redactor.redact(f"the secret-number-{MAX_SECRETS:04}") == f"the {HIDDEN}"


def test_a_key_does_not_show_itself():
    key = Key("A_KEY", CANARY, "file", "a file")
    shown = [
        repr(key),
        str(key),
        f"{key}",
        f"{[key]}",
        repr({"key": key}),
        "".join(traceback.format_exception(ValueError(key))),
    ]
    assert [CANARY in text for text in shown] == [False] * len(shown)
    assert key.reveal() == CANARY
    with pytest.raises(TypeError, match="not written anywhere"):
        __import__("pickle").dumps(key)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("model", ["ok", "refuse", "html", "redirect", "malformed"])
def test_a_key_goes_to_its_provider_and_nowhere_else(fake, name, model, caplog):
    caplog.set_level(logging.DEBUG)
    sdk = Sdk(name)
    events = asyncio.run(sdk.collect(model, Patience(attempts=2, first_wait_s=0.001)))
    (seen,) = fake.requests
    assert [header for header, value in seen.headers.items() if CANARY in value] == [
        {"anthropic": "authorization", "gemini": "x-goog-api-key", "openai": "authorization"}[format_of(name)]
    ]
    places = [seen.path, json.dumps(seen.body), repr(events), caplog.text, repr(sdk.access), repr(sdk.clients)]
    assert [CANARY in text for text in places] == [False] * len(places)


def test_what_a_provider_says_of_a_key_is_hidden():
    current().add(CANARY)
    body = {"error": {"message": f"Incorrect API key provided: {CANARY}.", "type": "x"}}
    reason = of_status("Provider", 401, body, {}).reason
    assert (CANARY in reason, HIDDEN in reason) == (False, True)


def test_a_bench_does_not_know_the_keys_of_the_one_before_it(make_controller):
    first = make_controller(start=False)
    current().add(CANARY)
    assert first.redactor.find_known(f"a {CANARY}") is not None
    assert make_controller(start=False).redactor.find_known(f"a {CANARY}") is None


def test_a_private_key_is_found_behind_first_lines_of_keys_that_never_come():
    first, body = "-----BEGIN PRIVATE KEY-----\n", "c3VwZXIgZHVwZXIgc2VjcmV0" * 4
    shown = Redactor().redact(f"{first * 100}{first}{body}\n-----END PRIVATE KEY-----\n{first}{body}")
    assert body[:16] not in shown
