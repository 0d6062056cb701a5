"""What HTTP answers and error events mean, in the same words for every provider."""

import email.utils
import time

import pytest
from src.providers.failures import MAX_DETAIL, of_status, of_words, retry_after


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({"retry-after": "7"}, None, 7.0),
        ({"retry-after": "1.5"}, None, 1.5),
        ({"retry-after": "20", "retry-after-ms": "250"}, None, 0.25),
        ({"retry-after": "soon"}, None, None),
        ({"retry-after": "-3"}, None, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, None, 0.0),
        ({}, {"error": {"details": [{"@type": "x.RetryInfo", "retryDelay": "34s"}]}}, 34.0),
        ({}, {"error": {}}, None),
    ],
)
def test_the_wait_that_is_asked_for(headers, body, seconds):
    assert retry_after(headers, body) == seconds


def test_a_date_is_a_wait_from_now():
    wait = retry_after({"retry-after": email.utils.formatdate(time.time() + 100, usegmt=True)})
    assert 90 < wait <= 100


@pytest.mark.parametrize(
    ("status", "error", "kind", "again"),
    [
        (400, {"message": "bad", "type": "invalid_request_error"}, "refused", False),
        (400, {"message": "Your credit balance is too low", "type": "invalid_request_error"}, "refused", False),
        (401, {}, "auth", False),
        (403, {}, "auth", False),
        (407, {}, "network", False),
        (408, {}, "overloaded", True),
        (429, {"type": "rate_limit_error"}, "rate_limit", True),
        (429, {"code": "insufficient_quota"}, "refused", False),
        (500, {}, "overloaded", True),
        (502, {}, "overloaded", True),
        (529, {"type": "overloaded_error"}, "overloaded", True),
        (302, {}, "protocol", False),
    ],
)
def test_a_status_has_a_kind_and_may_be_tried_again(status, error, kind, again):
    failure = of_status("X", status, {"error": error}, {})
    assert (failure.kind, failure.again, f", {status}" in failure.reason) == (kind, again, True)


def test_a_provider_that_forbids_a_retry_is_heeded():
    assert not of_status("X", 500, {}, {"x-should-retry": "false"}).again


@pytest.mark.parametrize(
    ("body", "end"),
    [
        ("<html><body>Bad gateway</body></html>", "has a fault, 502."),
        ({"error": {"message": "two\n lines"}}, "has a fault, 502: two lines"),
        ([{"error": {"message": "in a list"}}], "has a fault, 502: in a list"),
        ("plain words", "has a fault, 502: plain words"),
        (None, "has a fault, 502."),
        ({"error": {"message": "x" * 1000}}, f": {'x' * MAX_DETAIL}..."),
    ],
)
def test_the_detail_is_one_short_line(body, end):
    assert of_status("X", 502, body, {}).reason.endswith(end)


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("overloaded_error", "overloaded"),
        ("rate_limit_error", "rate_limit"),
        ("authentication_error", "auth"),
        ("invalid_request_error", "refused"),
        ("api_error", "overloaded"),
    ],
)
def test_an_error_event_is_told_like_its_status(word, kind):
    assert of_words("X", word, {"error": {"type": word, "message": "m"}}, {}).kind == kind
