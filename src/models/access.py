"""How a provider is reached: its name to the user, its address, its key. Values only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from src.value import Value

if TYPE_CHECKING:
    from src.privacy.keys import Key

# Stands in for a key where an SDK wants one and the endpoint does not, and while clients are warmed.
NO_KEY = "no-key"


class Access(Value):
    """`title` is the provider's name to the user, `base_url` empty for the SDK's own address."""

    title: str
    base_url: str = ""
    key: Key | None = None

    @property
    def secret(self) -> str:
        """What is sent as the key."""
        return self.key.reveal() if self.key else NO_KEY

    @property
    def key_place(self) -> str:
        """Where the key is from, for a sentence."""
        return self.key.place if self.key else ""
