"""`bisect`: the place of an item in a list that is in order."""

from __future__ import annotations

import bisect

from importguard.startup.models.library import Library
from importguard.startup.models.plain_functions import plain

_NAMES = ("bisect", "bisect_left", "bisect_right")
LIBRARY = Library(functions={"bisect": plain(bisect, *_NAMES)})
