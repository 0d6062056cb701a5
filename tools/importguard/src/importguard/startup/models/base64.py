"""`base64`: bytes as texts."""

from __future__ import annotations

import base64

from importguard.startup.models.library import Library
from importguard.startup.models.plain_functions import plain

_NAMES = (
    "b64encode",
    "b64decode",
    "urlsafe_b64encode",
    "urlsafe_b64decode",
    "b32encode",
    "b32decode",
    "b16encode",
    "b16decode",
)
LIBRARY = Library(functions={"base64": plain(base64, *_NAMES)})
