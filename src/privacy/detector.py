"""Tells files that hold keys and passwords by their name and by their content. Pure.

A text that only looks like a secret may be *accepted*: it is then known by its digest, which tells nothing of it. A
digest stands for the whole of the text, so that a longer one with the same beginning is found again.

Guarantee: the work grows with the length of the text and nothing else in it, slice by slice (`src.privacy.sliced`).
"""

from __future__ import annotations

from collections.abc import Set
from typing import TYPE_CHECKING

from src.privacy import sliced
from src.value import Value

if TYPE_CHECKING:
    from src.privacy.shapes import Suspect

_FILES = (  # compiled when first used, as all patterns
    r"(?ix) (?: [^/\n]{0,100}+ (?<=\.env) (?:\.(?!(?:example|sample|template|dist)$) [^/\n]{1,100}+)?"
    r" | \.envrc | [^/\n]{1,200}+ (?<=\.pem|\.key|\.p12|\.pfx|\.jks|\.kdb|\.ppk)"
    r" | [^/\n]{1,200}+ (?<=\.keystore|\.tfstate) | [^/\n]{1,200}+ (?<=\.kdbx|\.ovpn) | [^/\n]{1,200}+ (?<=\.tfvars)"
    r" | [^/\n]{1,200}+ (?<=\.tfstate\.backup) | id_(?:rsa|dsa|ecdsa|ed25519)(?:\.(?!pub$)[^/\n]{1,50}+)?"
    r" | [._]netrc | \.pgpass | \.htpasswd | \.pypirc | \.npmrc | \.git-credentials | \.vault-token | \.dockercfg"
    r" | \.dockerconfigjson | \.my\.cnf | \.s3cfg | \.boto | \.(?:bash|zsh|sh|python|psql|mysql|node_repl|irb)_history"
    r" | kube_?config | secring\.gpg | credentials(?:\.json|\.xml)? | secrets?\.(?:json|toml|ya?ml|ini|xml)"
    r" | (?:client_secret|service[-_]account)[^/\n]{0,100}+ (?<=\.json) )"
)
SHOWN = 4  # characters of a finding, for the one person who is asked about it


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
    return sliced.compiled(_FILES).fullmatch(name) is not None


def find_secret(text: str, accepted: Set[str] = frozenset()) -> Finding | None:
    """The first of *text* that looks like a secret and has no digest in *accepted*; None when there is none."""
    found = (one for one in suspects(text) if not accepted or digest_of(one.text) not in accepted)
    return next((describe(text, *one[:3]) for one in found), None)


def find_accepted(text: str, accepted: Set[str]) -> tuple[Finding, ...]:
    """What of *text* would be found, were it not accepted, each once."""
    found = {digest: one for one in suspects(text) if (digest := digest_of(one.text)) in accepted} if accepted else {}
    return tuple(describe(text, *one[:3]) for one in found.values())


def suspects(text: str) -> tuple[Suspect, ...]:
    """All that looks like a secret in *text*, in order, none over another."""
    from src.privacy import shapes  # the start of the program needs none of the patterns

    return shapes.find(text)


def describe(text: str, kind: str, secret: str, at: int) -> Finding:
    """The finding of *secret*, which stands in *text* at *at*."""
    hint = f"{secret[:SHOWN]}..., {len(secret):,} characters"
    return Finding(kind, text.count("\n", 0, at) + 1, hint, digest_of(secret))
