"""Where Sloppy keeps what belongs to the user. Called on the pool: platformdirs is warmed, not imported."""

from __future__ import annotations

import os
from typing import NamedTuple

from importguard.warmup import require_warmed as _require_warmed

APP = "sloppy"


class Places(NamedTuple):
    """Two folders: `config` for settings, `data` for discussions and locks."""

    config: str
    data: str

    @property
    def settings(self) -> str:
        """The file of the settings."""
        return os.path.join(self.config, "settings.json")

    @property
    def sessions(self) -> str:
        """The folder of the discussions that belong to no project."""
        return os.path.join(self.data, "sessions")


def find_places() -> Places:
    """The user's folders on this system. Raises NotWarmedError before platformdirs is ready."""
    platformdirs = _require_warmed("platformdirs")
    config = platformdirs.user_config_path(APP, appauthor=False)
    return Places(str(config), str(platformdirs.user_data_path(APP, appauthor=False)))
