"""The addresses in the distribution's metadata, from the one constant `importguard.errors.HOME`. Run by hatchling."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

CONSTANT = Path(__file__).with_name("src") / "importguard" / "errors.py"


def urls(home: str) -> dict[str, str]:
    """What the index shows beside the project; nothing while there is no address."""
    return {"Documentation": home, "Changelog": f"{home}/changelog/"} if home else {}


class CustomMetadataHook(MetadataHookInterface):
    """Reads the constant without importing the package, whose dependencies are not there when it is built."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Fills in `urls`."""
        (home,) = re.findall(r'^HOME = "(.*)"', CONSTANT.read_text(encoding="utf-8"), re.MULTILINE)
        metadata["urls"] = urls(home)
