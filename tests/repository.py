"""Where this repository is. Imports nothing of the app: the architecture test reads it when the app cannot start."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
