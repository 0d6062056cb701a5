"""Writes docs/openapi.json from the routes; `--check` exits 1 when the file is stale."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from src.app_controller import AppController  # noqa: E402
from src.hooks.server import create_app  # noqa: E402
from src.hooks.server.changes import Changes  # noqa: E402

from importguard.warmup import WarmupManifest  # noqa: E402

DOCUMENT = ROOT / "docs" / "openapi.json"


def describe() -> str:
    """The document's text."""
    controller = AppController(WarmupManifest.of(()), start=False)
    try:
        return json.dumps(create_app(controller, Changes(controller)).openapi(), indent=2) + "\n"
    finally:
        controller.close()


def main() -> int:
    """Writes, or checks."""
    text = describe()
    if sys.argv[1:] == ["--check"]:
        if DOCUMENT.exists() and DOCUMENT.read_text(encoding="utf-8") == text:
            return 0
        print("docs/openapi.json is stale; run `uv run python scripts/write_openapi.py`", file=sys.stderr)
        return 1
    scratch = DOCUMENT.with_suffix(".part")
    scratch.write_text(text, encoding="utf-8")
    os.replace(scratch, DOCUMENT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
