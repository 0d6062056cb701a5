"""Tells files that hold keys and passwords by their name and by their content. Pure.

A text that only looks like a secret may be *accepted*: it is then known by its digest, which tells nothing of it. A
digest stands for the whole of the text, so that a longer one with the same beginning is found again.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Set

from src.value import Value

_NAMES = (  # compiled by `re` when first used, as the others
    r"(?ix) \.env (?!\.(?:example|sample|template)$) (?:\..+)? | .+\.(?:pem|key|p12|pfx|jks|keystore|kdbx|ppk)"
    r" | id_(?:rsa|dsa|ecdsa|ed25519) | \.netrc | _netrc | \.pgpass | \.htpasswd | \.pypirc | \.git-credentials"
    r" | credentials(?:\.json)? | secrets?\.(?:json|toml|ya?ml|ini)"
)
# As far as its end, or the text's: every private key begins alike.
_PRIVATE = r"(?s)-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----(?:.*?-----END (?:[A-Z]+ )*PRIVATE KEY-----|.*)"
_SHAPES = (
    (_PRIVATE, "a private key"),
    (r"\bAKIA[0-9A-Z]{16}\b", "an AWS key"),
    (r"\bgh[pousr]_[A-Za-z0-9]{36,}", "a GitHub token"),
    (r"\bsk-(?:[a-z]+-)*[A-Za-z0-9_-]{32,}", "an API key"),
    (r"\bAIza[0-9A-Za-z_-]{35,}", "a Google key"),
    (r"\bxox[abprs]-[0-9A-Za-z-]{20,}", "a Slack token"),
)
# A name that announces a secret, and a long word assigned to it.
_ASSIGNED = (
    r"(?i)(?:key|secret|token|passw(?:or)?d|credential|auth)[A-Za-z_]{0,20}[\"']?\s{0,4}[:=]\s{0,4}[\"']?"
    r"([A-Za-z0-9+/_=-]{24,200})([A-Za-z0-9+/_=-]*)"
)
LOOKS = "what looks like a key"
SHOWN = 4  # characters of a finding, for the one person who is asked about it
MIN_ENTROPY = 4.0  # bits per character: words and names stay below 3.8, hexadecimal below 4, random base64 is near 5


class Finding(Value):
    """What looks like a secret: its kind, its line from 1, its `digest` (`digest_of`), a `hint` to know it by."""

    kind: str
    line: int
    hint: str
    digest: str

    def __str__(self) -> str:
        return f"{self.kind} in line {self.line}"


def digest_of(text: str) -> str:
    """What an accepted text is known by: its SHA-256, 64 hexadecimal digits."""
    import hashlib  # a ms that the start saves: nothing is compared before a file is found that looks odd

    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def secret_name(name: str) -> bool:
    """A file of this name holds keys."""
    return re.fullmatch(_NAMES, name) is not None


def find_secret(text: str, accepted: Set[str] = frozenset()) -> Finding | None:
    """The first of *text* that looks like a secret and has no digest in *accepted*; None when there is none."""
    found = (one for one in _suspects(text) if not accepted or digest_of(one[1]) not in accepted)
    return next((describe(text, *one) for one in found), None)


def find_accepted(text: str, accepted: Set[str]) -> tuple[Finding, ...]:
    """What of *text* would be found, were it not accepted, each once."""
    found = {digest: one for one in _suspects(text) if (digest := digest_of(one[1])) in accepted} if accepted else {}
    return tuple(describe(text, *one) for one in found.values())


def _suspects(text: str) -> Iterator[tuple[str, str, int]]:
    """The kind, the whole text and the place of each."""
    for shape, kind in _SHAPES:
        for found in re.finditer(shape, text):
            yield kind, found[0], found.start()
    for found in re.finditer(_ASSIGNED, text):
        if any(map(str.isdigit, found[1])) and entropy(found[1]) >= MIN_ENTROPY:
            yield LOOKS, found[1] + found[2], found.start()


def describe(text: str, kind: str, secret: str, at: int) -> Finding:
    """The finding of *secret*, which stands in *text* at *at*."""
    hint = f"{secret[:SHOWN]}..., {len(secret):,} characters"
    return Finding(kind, text.count("\n", 0, at) + 1, hint, digest_of(secret))


def entropy(word: str) -> float:
    """Bits per character of *word*, by how often each character occurs in it."""
    total = len(word)
    return -sum(count / total * math.log2(count / total) for count in Counter(word).values()) if total else 0.0
