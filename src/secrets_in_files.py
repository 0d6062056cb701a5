"""Tells files that hold keys and passwords by their name and by their content. Pure."""

from __future__ import annotations

import math
import re
from collections import Counter

_NAMES = (  # compiled by `re` when first used, as the others
    r"(?ix) \.env (?!\.(?:example|sample|template)$) (?:\..+)? | .+\.(?:pem|key|p12|pfx|jks|keystore|kdbx|ppk)"
    r" | id_(?:rsa|dsa|ecdsa|ed25519) | \.netrc | _netrc | \.pgpass | \.htpasswd | \.pypirc | \.git-credentials"
    r" | credentials(?:\.json)? | secrets?\.(?:json|toml|ya?ml|ini)"
)
_SHAPES = (
    (r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----", "a private key"),
    (r"\bAKIA[0-9A-Z]{16}\b", "an AWS key"),
    (r"\bgh[pousr]_[A-Za-z0-9]{36,}", "a GitHub token"),
    (r"\bsk-(?:[a-z]+-)*[A-Za-z0-9_-]{32,}", "an API key"),
    (r"\bAIza[0-9A-Za-z_-]{35}", "a Google key"),
    (r"\bxox[abprs]-[0-9A-Za-z-]{20,}", "a Slack token"),
)
# A name that announces a secret, and a long word assigned to it.
_ASSIGNED = (
    r"(?i)(?:key|secret|token|passw(?:or)?d|credential|auth)[A-Za-z_]{0,20}[\"']?\s{0,4}[:=]\s{0,4}[\"']?"
    r"([A-Za-z0-9+/_=-]{24,200})"
)
MIN_ENTROPY = 4.0  # bits per character: words and names stay below 3.8, hexadecimal below 4, random base64 is near 5


def secret_name(name: str) -> bool:
    """A file of this name holds keys."""
    return re.fullmatch(_NAMES, name) is not None


def find_secret(text: str) -> str:
    """What kind of secret *text* holds and in which line; empty when none is found."""
    for shape, kind in _SHAPES:
        if found := re.search(shape, text):
            return f"{kind} in line {_line(text, found.start())}"
    for found in re.finditer(_ASSIGNED, text):
        word = found[1]
        if any(map(str.isdigit, word)) and entropy(word) >= MIN_ENTROPY:
            return f"what looks like a key in line {_line(text, found.start())}"
    return ""


def entropy(word: str) -> float:
    """Bits per character of *word*, by how often each character occurs in it."""
    total = len(word)
    return -sum(count / total * math.log2(count / total) for count in Counter(word).values()) if total else 0.0


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1
