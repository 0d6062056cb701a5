"""Answers as JSON."""

from __future__ import annotations

import json
from typing import Any

from fastapi.responses import JSONResponse


class SafeJson(JSONResponse):
    """JSON in ASCII, so that a file's name that is not UTF-8 can be told, too."""

    def render(self, content: Any) -> bytes:
        """*content* as bytes."""
        return json.dumps(content, allow_nan=False).encode()
