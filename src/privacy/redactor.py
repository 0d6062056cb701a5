"""The redactor: takes keys out of command output, providers' errors, logs and exports, and says in how many places.

A file, an edit or a draft is never changed by it: one that holds a secret is held back whole (`find_known`,
`src.privacy.detector`). It knows two kinds of secrets: keys that were handed to `add`, in every form that they take on
the wire (as they are, url-encoded, JSON-escaped, base64 at each of its three alignments, hexadecimal), and whatever
looks like one although nobody named it. Standard library only.

Guarantees
- `redact` may be called from any thread; it reads one frozen tuple of forms, which `add` swaps under `_lock`.
- At most MAX_SECRETS are remembered. What is shorter than MIN_LENGTH characters is no secret: it would blank out words.
- What is redacted once is not changed again.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Set
from typing import Any

from src.privacy.detector import Finding, describe, digest_of, suspects

HIDDEN = "[key hidden]"
MIN_LENGTH = 6
MAX_SECRETS = 64


class Redactor:
    """Known secrets, and the forms that they take."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._secrets: tuple[str, ...] = ()
        self._forms: tuple[str, ...] = ()
        self._version = 0

    def add(self, secret: str) -> None:
        """Hides *secret* from now on; the oldest is forgotten beyond MAX_SECRETS."""
        if len(secret) < MIN_LENGTH:
            return
        with self._lock:
            if secret in self._secrets:
                return
            self._version += 1
            self._secrets = (*self._secrets, secret)[-MAX_SECRETS:]
            # The longest first: a form may hold another.
            self._forms = tuple(sorted({form for one in self._secrets for form in _forms(one)}, key=len, reverse=True))

    @property
    def version(self) -> int:
        """Another number whenever another key is known."""
        return self._version

    def knows(self, digest: str) -> bool:
        """A key that was handed to `add` has this digest."""
        return any(digest_of(one) == digest for one in self._secrets)

    def find_known(self, text: str) -> Finding | None:
        """A key that was handed to `add`, in any form that it takes in *text*; None without one."""
        form = next((form for form in self._forms if form in text), None)
        if form is None:
            return None
        at = text.index(form)
        return describe(text, "one of your own keys", form, at)

    def redact(
        self, text: str, accepted: Set[str] = frozenset(), tell: Callable[[Finding], object] | None = None
    ) -> str:
        """*text* with `[key hidden]` in the place of every key. *accepted*: digests of what only looks like one.

        *tell* gets what was hidden for its looks alone: it may be accepted.
        """
        return self.counted(text, accepted, tell)[0]

    def counted(
        self, text: str, accepted: Set[str] = frozenset(), tell: Callable[[Finding], object] | None = None
    ) -> tuple[str, int]:
        """As `redact`, and in how many places something is hidden now that was not."""
        places = 0
        for form in self._forms:  # plain searches: one pattern of some hundred forms is ten times slower
            if form in text:
                places += text.count(form)
                text = text.replace(form, HIDDEN)
        pieces, end = [], 0
        for found in suspects(text):
            if (accepted and digest_of(found.text) in accepted) or found.text == HIDDEN:
                continue
            if tell is not None:
                tell(describe(text, found.kind, found.text, found.start))
            pieces += [text[end : found.start], HIDDEN]
            end = found.end
            places += 1
        return ("".join([*pieces, text[end:]]), places) if pieces else (text, places)

    def said(self, text: str) -> str:
        """As `redact`; where something was hidden, the end says in how many places."""
        cleaned, places = self.counted(text)
        return f"{cleaned} ({in_places(places)})" if places else cleaned

    def redact_value(self, value: Any) -> Any:
        """The JSON-like *value* with every text in it redacted, names of fields included; other values as they are."""
        return self.counted_value(value)[0]

    def counted_value(self, value: Any) -> tuple[Any, int]:
        """As `redact_value`, and in how many places something was hidden."""
        if isinstance(value, str):
            return self.counted(value)
        if isinstance(value, dict):
            rows = [(self.counted(str(key)) if isinstance(key, str) else (key, 0), self.counted_value(one))
                    for key, one in value.items()]  # fmt: skip
            return {key: one for (key, _), (one, _) in rows}, sum(a + b for (_, a), (_, b) in rows)
        if isinstance(value, list | tuple):
            cleaned = [self.counted_value(one) for one in value]
            return [one for one, _ in cleaned], sum(places for _, places in cleaned)
        return value, 0


def in_places(places: int) -> str:
    """In how many places something was hidden, in words."""
    return f"hidden in {places} place{'' if places == 1 else 's'}"


def _forms(secret: str) -> set[str]:
    from urllib.parse import quote, quote_plus  # a few ms that only a start with a key pays

    raw = secret.encode()
    forms = {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), raw.hex(), raw.hex().upper()}
    forms |= {json.dumps(secret)[1:-1], repr(secret)[1:-1]}
    for shift in range(3):
        # What is before the key moves it against the groups of three bytes; the characters that mix it with its
        # neighbours are left out, so the form is found whatever these are.
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            encoded = encode(b"\0" * shift + raw).decode().rstrip("=")
            start = -(-shift * 8 // 6)
            end = (shift + len(raw)) * 8 // 6
            forms.add(encoded[start:end])
    return {form for form in forms if len(form) >= MIN_LENGTH}


def install(redactor: Redactor) -> None:
    """Makes *redactor* the one that this process uses: that of the controller which runs now."""
    global _current  # noqa: PLW0603  an uncaught exception and a library's message have no other way to it
    _current = redactor


def current() -> Redactor:
    """The redactor of the controller that runs; before there is one, one that knows no keys."""
    return _current


def redact(text: str) -> str:
    """*text* as the current redactor cleans it."""
    return _current.redact(text)


_current = Redactor()
