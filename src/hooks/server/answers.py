"""Answers as JSON, with keys taken out."""

from __future__ import annotations

import json
from typing import Any

from fastapi.responses import JSONResponse

from src.privacy.redactor import current


class SafeJson(JSONResponse):
    """JSON in ASCII, so that a file name that is not UTF-8 can be sent, too; every text has passed the redactor."""

    def render(self, content: Any) -> bytes:
        """*content* as bytes."""
        return json.dumps(current().redact_value(content), allow_nan=False).encode()
