"""Why an attempt failed, in the same words for every provider: kind, sentence, whether to try again.

Standard library only.
"""

from __future__ import annotations

import email.utils
import re
import time
from collections.abc import Mapping
from typing import Any

from src.chat import FailureKind
from src.models.errors import ProviderError
from src.privacy.redactor import current, in_places, redact

MAX_DETAIL = 300  # characters of a provider's own message that are shown
MAX_MESSAGE = 100_000  # that are looked at

_AGAIN = frozenset({408, 409, 425})
_KNOWN: Mapping[int, tuple[FailureKind, str]] = {
    401: ("auth", "does not accept the key"),
    403: ("auth", "does not allow this with the key"),
    404: ("refused", "does not know this model or address"),
    407: ("network", "is behind a proxy that wants a password"),
    413: ("refused", "finds the request too large"),
}
_SPENT = ("insufficient_quota", "billing_error", "billing_hard_limit_reached", "credit balance")


def of_status(title: str, status: int, body: Any, headers: Mapping[str, str], *, key_place: str = "") -> ProviderError:
    """The failure for an answer with HTTP *status* and JSON or text *body*; *key_place* is where the key is from."""
    detail, word = _detail(body)
    lowered = f"{word} {detail}".lower()
    kind, says = _verdict(status, lowered)
    where = f" ({key_place})" if kind == "auth" and key_place else ""
    to = f" to {redact(headers.get('location', 'elsewhere'))[:MAX_DETAIL]}" if kind == "protocol" else ""
    reason = f"{title} {says}{to}{where}, {status}{f': {detail}' if detail else '.'}"
    again = kind in ("rate_limit", "overloaded") and headers.get("x-should-retry", "").lower() != "false"
    return ProviderError(kind, reason, again=again, retry_after_s=retry_after(headers, body) if again else None)


def _verdict(status: int, said: str) -> tuple[FailureKind, str]:
    if status in _KNOWN:
        return _KNOWN[status]
    if any(spent in said for spent in _SPENT):
        return "refused", "has no credit left for this key"
    if status == 429:
        return "rate_limit", "limits the rate"
    if status in (503, 529) or (status >= 500 and "overloaded" in said):
        return "overloaded", "is overloaded"
    if status in _AGAIN or status >= 500:
        return "overloaded", "has a fault"
    return (
        ("protocol", "redirects, which is not followed with a key,")
        if status < 400
        else ("refused", "refused the request")
    )


def of_words(title: str, word: str, body: Any, headers: Mapping[str, str]) -> ProviderError:
    """The failure for an error event inside an answer: *word* is the provider's type of error, `overloaded_error`."""
    statuses = {
        "rate_limit": 429,
        "resource_exhausted": 429,
        "authentication": 401,
        "unauthenticated": 401,
        "permission": 403,
        "overloaded": 529,
        "unavailable": 503,
        "timeout": 504,
        "invalid_request": 400,
        "not_found": 404,
    }
    status = next((status for name, status in statuses.items() if name in word.lower()), 500)
    return of_status(title, status, body, headers)


def retry_after(headers: Mapping[str, str], body: Any = None) -> float | None:
    """Seconds to wait that the answer asks for: Retry-After (seconds or date), retry-after-ms, Google's RetryInfo."""
    milliseconds = headers.get("retry-after-ms", "")
    if re.fullmatch(r"\d{1,12}(\.\d+)?", milliseconds):
        return float(milliseconds) / 1000
    said = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,12}(\.\d+)?", said):
        return float(said)
    if said:
        try:
            return max(0.0, email.utils.parsedate_to_datetime(said).timestamp() - time.time())
        except (ValueError, TypeError, OverflowError):
            pass
    found = re.search(r"""["']retryDelay["']: ["'](\d{1,9}(?:\.\d+)?)s""", str(body)[:20_000])
    return float(found[1]) if found else None


def _detail(body: Any) -> tuple[str, str]:
    """The provider's own message, on one line and redacted, and its word for the error."""
    error = body[0] if isinstance(body, list) and body else body
    error = error.get("error", error) if isinstance(error, dict) else error
    if isinstance(error, dict):
        word = " ".join(str(error.get(name) or "") for name in ("type", "status", "code"))
        message = error.get("message")
    else:
        word, message = "", error
    if not isinstance(message, str) or "<html" in message.lower() or "<!doctype" in message.lower():
        return "", word
    line, places = current().counted(" ".join(message[:MAX_MESSAGE].split()))
    line = line if len(line) <= MAX_DETAIL else f"{line[:MAX_DETAIL]}..."
    return (f"{line} ({in_places(places)})" if places else line), word
