"""OpenAI-compatible endpoints as the user's settings name them; a project never adds one. Values only."""

from __future__ import annotations

import re

from src.value import Value

_NAME = r"[a-z0-9][a-z0-9_-]{0,39}"  # compiled by `re` when first used, as the other
_KEY_NAME = r"[A-Za-z_][A-Za-z0-9_]{0,79}"
_LOCAL = ("localhost", "127.0.0.1", "::1")


class Endpoint(Value):
    """A server that speaks OpenAI's chat completions; `name` is the provider's, `key_name` may be empty."""

    name: str
    base_url: str
    key_name: str = ""
    title: str = ""
    models: tuple[str, ...] = ()


def check_endpoint(endpoint: Endpoint, taken: tuple[str, ...] = ()) -> None:
    """Raises ValueError with a sentence when *endpoint* cannot be used or its name is among *taken*."""
    if not re.fullmatch(_NAME, endpoint.name):
        raise ValueError(f"The endpoint's name {endpoint.name!r} must be lower-case letters, digits, - and _.")
    if endpoint.name in taken:
        raise ValueError(f"There is a provider {endpoint.name!r} already; give the endpoint another name.")
    if endpoint.key_name and not re.fullmatch(_KEY_NAME, endpoint.key_name):
        raise ValueError(
            f"The key name of {endpoint.name} must look like OLLAMA_API_KEY: it names a key and is not the key itself."
        )
    from urllib.parse import urlsplit  # no start without endpoints pays for it

    parts = urlsplit(endpoint.base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"The base URL of {endpoint.name} must look like http://localhost:11434/v1.")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError(f"The base URL of {endpoint.name} must not hold credentials or a query; name a key instead.")
    if endpoint.key_name and parts.scheme == "http" and parts.hostname not in _LOCAL:
        raise ValueError(
            f"{endpoint.name} would send its key unencrypted to {parts.hostname}; use https, or name no key."
        )
