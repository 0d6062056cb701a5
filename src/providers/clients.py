"""The SDK clients of a provider over one HTTP client, one for each address and key. Standard library only."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

from src.models.access import Access

if TYPE_CHECKING:
    from src.providers.wire import Client

C = TypeVar("C")

Build = Callable[["Client", Access], C]
MAX_CLIENTS = 8


class Clients(Generic[C]):
    """SDK clients by address and key, at most MAX_CLIENTS; a new key gets a new client. `_lock` guards the table."""

    def __init__(self, build: Build[C], http: Client) -> None:
        self._build = build
        self._http = http
        self._lock = threading.Lock()
        self._made: dict[tuple[str, str], C] = {}

    @property
    def http(self) -> Client:
        """The HTTP client under all of them, for what an SDK does not offer."""
        return self._http

    def get(self, access: Access) -> C:
        """The client for *access*, made now if there is none."""
        name = (access.base_url, access.secret)
        with self._lock:
            client = self._made.pop(name, None) or self._build(self._http, access)
            self._made[name] = client
            while len(self._made) > MAX_CLIENTS:
                del self._made[next(iter(self._made))]
            return client

    def __repr__(self) -> str:
        return f"Clients({len(self._made)})"
