"""Tells files that hold keys and passwords by their name and by their content. Pure.

A text that only looks like a secret may be *accepted*: it is then known by its digest, which tells nothing of it. A
digest stands for the whole of the text, so that a longer one with the same beginning is found again.

Guarantee: the work grows with the length of the text and nothing else in it, slice by slice (`src.privacy.sliced`).
"""

from __future__ import annotations

from collections.abc import Set
from typing import TYPE_CHECKING

from src.value import Value

if TYPE_CHECKING:
    from src.privacy.shapes import Suspect

# Names of files that hold keys, in small letters.
_NAMES = frozenset(
    ".envrc .netrc _netrc .pgpass .htpasswd .pypirc .npmrc .git-credentials .vault-token .dockercfg .dockerconfigjson"
    " .my.cnf .s3cfg .boto kubeconfig kube_config secring.gpg credentials credentials.json credentials.xml"
    " secret.json secret.toml secret.yml secret.yaml secret.ini"
    " secrets.json secrets.toml secrets.yml secrets.yaml secrets.ini secrets.xml".split()
)
_ENDS = tuple(
    ".env .pem .key .p12 .pfx .jks .keystore .kdb .kdbx .ppk .ovpn .tfstate .tfstate.backup .tfvars _history".split()
)
_KEYS = ("id_rsa", "id_dsa", "id_ecdsa", "id_ed25519")
_EXAMPLES = (".example", ".sample", ".template", ".dist", ".pub")
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
    small = name.lower()
    if small.endswith(_EXAMPLES):
        return False
    stem = small.partition(".")[0]
    of_google = small.endswith(".json") and small.startswith(("client_secret", "service-account", "service_account"))
    is_settings = small.startswith(".env.") or ".env." in small
    return small in _NAMES or small.endswith(_ENDS) or stem in _KEYS or of_google or is_settings


def find_secret(text: str, accepted: Set[str] = frozenset()) -> Finding | None:
    """The first of *text* that looks like a secret and has no digest in *accepted*; None when there is none."""
    found = (one for one in suspects(text) if not accepted or digest_of(one.text) not in accepted)
    return next((describe(text, one.kind, one.text, one.start) for one in found), None)


def find_accepted(text: str, accepted: Set[str]) -> tuple[Finding, ...]:
    """What of *text* would be found, were it not accepted, each once."""
    found = {digest: one for one in suspects(text) if (digest := digest_of(one.text)) in accepted} if accepted else {}
    return tuple(describe(text, one.kind, one.text, one.start) for one in found.values())


def suspects(text: str) -> tuple[Suspect, ...]:
    """All that looks like a secret in *text*, in order, none over another."""
    from src.privacy import shapes  # the start of the program needs none of the patterns

    return shapes.find(text)


def describe(text: str, kind: str, secret: str, at: int) -> Finding:
    """The finding of *secret* at offset *at* of *text*: its line and its first letters, never the whole of it."""
    hint = f"{secret[:SHOWN]}..., {len(secret):,} characters"
    return Finding(kind, text.count("\n", 0, at) + 1, hint, digest_of(secret))
