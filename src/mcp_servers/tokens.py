"""The token for a server at an address: a key of the user's, under a name that only this address has. Pure.

A project names addresses and never a key: it cannot send the token for one address to another.
"""

from __future__ import annotations

import hashlib
import re
from urllib.parse import urlsplit

MAX_HOST = 40  # characters of a host in a key's name


def key_name(url: str) -> str:
    """The name of the key that goes to *url* as `Authorization: Bearer`, such as MCP_MAPS_EXAMPLE_ORG_0F…."""
    host = re.sub(r"[^A-Z0-9]+", "_", (urlsplit(url).hostname or "").upper())[:MAX_HOST].strip("_")
    return f"MCP_{host}_{hashlib.sha256(url.encode()).hexdigest()[:16].upper()}"
