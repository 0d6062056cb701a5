"""The one redactor: takes keys out of every text that leaves the program's memory. Standard library only.

Failures, hook replies, exports and tracebacks pass through `redact` (or `redact_value`). It knows two kinds of secrets:
keys that were handed to `add`, in every form that they take on the wire (as they are, url-encoded, JSON-escaped,
base64 at each of its three alignments, hexadecimal), and whatever
looks like a key although nobody named it (`sk-...`, `AIza...`, bearer tokens, key headers, credentials in URLs).

Guarantees
- `redact` may be called from any thread; it reads one frozen tuple of forms, which `add` swaps under `_lock`.
- At most MAX_SECRETS are remembered. What is shorter than MIN_LENGTH characters is no secret: it would blank out words.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Callable, Set
from typing import Any

from src.privacy.detector import LOOKS, Finding, describe, digest_of

HIDDEN = "[key hidden]"
MIN_LENGTH = 6
MAX_SECRETS = 64

# Compiled by `re` when first used: the start of the program needs none of them.
# A name that announces a key, what may stand between it and the key, and the key. The name stays readable.
_ANNOUNCED = r"""(?ix)
    ( (?: \b | _ ) (?: x-goog-api-key | x-api-key | api[-_]?key | access[-_]?token | auth[-_]?token | secret | password
          | proxy-authorization | authorization )
      (?: \\*["'] )? \s* (?: [:=,] | %3[aAdD] ) \s* (?: b? \\*["'] )? (?: (?: bearer | basic ) \s+ )?
    | \b (?: bearer | basic ) \s+
    | [?&] key = )
    ( [^\s"'\\,;&)\]}>]{6,} )
    """
_SHAPED = r"\b(?:sk-[A-Za-z0-9_-]{16,}|AIza[A-Za-z0-9_-]{30,}|gh[pousr]_[A-Za-z0-9]{30,}|xox[abprs]-[A-Za-z0-9-]{10,})"
_URL_CREDENTIALS = r"(?i)\b([a-z][a-z0-9+.-]*://)[^\s/?#@\"']+@"


class Redactor:
    """Known secrets, and the pattern made of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._secrets: tuple[str, ...] = ()
        self._forms: tuple[str, ...] = ()

    def add(self, secret: str) -> None:
        """Hides *secret* from now on; the oldest is forgotten beyond MAX_SECRETS."""
        if len(secret) < MIN_LENGTH:
            return
        with self._lock:
            if secret in self._secrets:
                return
            self._secrets = (*self._secrets, secret)[-MAX_SECRETS:]
            # The longest first: a form may hold another.
            self._forms = tuple(sorted({form for one in self._secrets for form in _forms(one)}, key=len, reverse=True))

    def knows(self, digest: str) -> bool:
        """A key that was handed to `add` has this digest."""
        return any(digest_of(one) == digest for one in self._secrets)

    def redact(
        self, text: str, accepted: Set[str] = frozenset(), tell: Callable[[Finding], object] | None = None
    ) -> str:
        """*text* with `[key hidden]` in the place of every key. *accepted*: digests of what only looks like one.

        *tell* gets what was hidden for its looks alone: it may be accepted.
        """

        def hide(found: re.Match[str]) -> str:
            kept, secret = _taken_apart(found)
            if accepted and digest_of(secret) in accepted:
                return found[0]
            if tell is not None:
                tell(describe(found.string, LOOKS, secret, found.start()))
            return f"{kept}{HIDDEN}"

        for form in self._forms:  # plain searches: one pattern of some hundred forms is ten times slower
            if form in text:
                text = text.replace(form, HIDDEN)
        text = re.sub(_URL_CREDENTIALS, rf"\1{HIDDEN}@", text)
        return re.sub(_ANNOUNCED, hide, re.sub(_SHAPED, hide, text))

    def find_accepted(self, text: str, accepted: Set[str]) -> tuple[Finding, ...]:
        """What `redact` leaves in *text* because its digest is in *accepted*, each once."""
        found = {}
        for match in (one for pattern in (_SHAPED, _ANNOUNCED) for one in re.finditer(pattern, text)):
            _, secret = _taken_apart(match)
            if (digest := digest_of(secret)) in accepted:
                found[digest] = describe(text, LOOKS, secret, match.start())
        return tuple(found.values())

    def redact_value(self, value: Any) -> Any:
        """The JSON-like *value* with every text in it redacted, names of fields included; other values as they are."""
        if isinstance(value, str):
            return self.redact(value)
        if isinstance(value, dict):
            return {self.redact_value(key): self.redact_value(one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.redact_value(one) for one in value]
        return value


def _taken_apart(found: re.Match[str]) -> tuple[str, str]:
    """What announces the key, and the key."""
    return (found[1], found[2]) if found.re.groups else ("", found[0])


def _forms(secret: str) -> set[str]:
    from urllib.parse import quote, quote_plus  # a few ms that only a start with a key pays

    raw = secret.encode()
    forms = {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), raw.hex(), raw.hex().upper()}
    forms |= {json.dumps(secret)[1:-1], repr(secret)[1:-1]}
    for shift in range(3):
        # What stands before the key moves it against the groups of three bytes; the characters that mix it with its
        # neighbours are left out, so the form is found whatever these are.
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            encoded = encode(b"\0" * shift + raw).decode().rstrip("=")
            start = -(-shift * 8 // 6)
            end = (shift + len(raw)) * 8 // 6
            forms.add(encoded[start:end])
    return {form for form in forms if len(form) >= MIN_LENGTH}


REDACTOR = Redactor()
redact = REDACTOR.redact
