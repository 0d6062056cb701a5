"""`shlex`: command lines as texts."""

from __future__ import annotations

import shlex

from importguard.startup.models.library import Library
from importguard.startup.models.plain_functions import plain

LIBRARY = Library(functions={"shlex": plain(shlex, "split", "quote", "join")})
