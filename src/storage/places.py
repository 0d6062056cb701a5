"""Where Sloppy keeps what belongs to the user. Called on the pool: platformdirs is warmed, not imported."""

from __future__ import annotations

import os

from importguard.warmup import require_warmed as _require_warmed
from src.value import Value

APP = "sloppy"


class Places(Value):
    """Three folders: `config` for settings, `data` for discussions and locks, `cache` for what can be fetched again."""

    config: str
    data: str
    cache: str

    @property
    def settings(self) -> str:
        """The file of the settings."""
        return os.path.join(self.config, "settings.json")

    @property
    def discussions(self) -> str:
        """The folder of the discussions that belong to no project."""
        return os.path.join(self.data, "sessions")  # as it is called on the disks of users


def find_places() -> Places:
    """The user's folders on this system. Raises NotWarmedError before platformdirs is ready."""
    platformdirs = _require_warmed("platformdirs")
    return Places(
        str(platformdirs.user_config_path(APP, appauthor=False)),
        str(platformdirs.user_data_path(APP, appauthor=False)),
        str(platformdirs.user_cache_path(APP, appauthor=False)),
    )


def places_in(folder: str) -> Places:
    """All three inside *folder*, for tests and other programs."""
    return Places(*(os.path.join(folder, name) for name in ("config", "data", "cache")))
