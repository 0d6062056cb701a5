"""Whether what comes from another machine is what somebody with the key has made. Bytes in, bytes out.

That a Program is the one of its source cannot be seen from it, only worked out anew; so nothing is believed that does
not carry the seal of the key, or is not the file whose digest the user names. See docs/decisions/0022.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Mapping
from pathlib import Path

from importguard.errors import ConfigError
from importguard.storage.regular_file import read_regular

VARIABLE = "IMPORTGUARD_CACHE_KEY"  # the key itself
FILE_VARIABLE = "IMPORTGUARD_CACHE_KEY_FILE"  # a file that holds it
BYTES = 32  # of a seal; a key has at least as many
_MAX_KEY = 4096
_REMEDY = "make one with `importguard cache key`"


class Key:
    """A secret that seals. Whoever has it is believed: give it only to jobs that run code you trust."""

    def __init__(self, secret: bytes) -> None:
        self._secret = hashlib.blake2b(secret, person=b"importguard").digest()

    def __repr__(self) -> str:
        return "<Key>"

    def sealed(self, purpose: str, content: bytes) -> bytes:
        """*content* behind its seal, which holds for *purpose* alone."""
        return self._seal(purpose, content) + content

    def opened(self, purpose: str, sealed: bytes) -> memoryview | None:
        """The content of *sealed*; None when it was not sealed with this key, for *purpose*, or was changed since."""
        content = memoryview(sealed)[BYTES:]
        return content if hmac.compare_digest(sealed[:BYTES], self._seal(purpose, content)) else None

    def _seal(self, purpose: str, content: bytes | memoryview) -> bytes:
        made = hashlib.blake2b(key=self._secret, digest_size=BYTES)
        name = purpose.encode()
        made.update(len(name).to_bytes(4, "big") + name)
        made.update(content)
        return made.digest()


def without_secrets(variables: Mapping[str, str]) -> dict[str, str]:
    """The environment *variables* without the key, for a program that is run."""
    return {name: value for name, value in variables.items() if name not in {VARIABLE, FILE_VARIABLE}}


def key_of_user() -> Key | None:
    """The key that the user has set; None without one. Raises ConfigError for one that cannot be read or is short."""
    said, file = os.environ.get(VARIABLE, ""), os.environ.get(FILE_VARIABLE, "")
    if said:
        return _key(said.encode("utf-8", "surrogateescape"), VARIABLE, "")
    if not file:
        return None
    try:
        return _key(read_regular(Path(file), _MAX_KEY), file, FILE_VARIABLE)
    except OSError as error:
        raise ConfigError(file, FILE_VARIABLE, f"cannot be read: {error.strerror or error}") from error


def _key(secret: bytes, place: str, name: str) -> Key:
    secret = secret.strip()
    if len(secret) < BYTES:
        raise ConfigError(place, name, f"a key has at least {BYTES} characters, this has {len(secret)}; {_REMEDY}")
    return Key(secret)
