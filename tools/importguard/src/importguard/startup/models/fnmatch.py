"""`fnmatch`: names that a pattern matches."""

from __future__ import annotations

import fnmatch

from importguard.startup.models.library import Library
from importguard.startup.models.plain_functions import plain

LIBRARY = Library(functions={"fnmatch": plain(fnmatch, "fnmatch", "fnmatchcase", "filter", "translate")})
