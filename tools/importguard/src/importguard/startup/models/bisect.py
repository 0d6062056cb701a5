"""`bisect`: the place of an item in a list that is in order."""

from __future__ import annotations

import bisect

from importguard.startup.models.heapq import on_list
from importguard.startup.models.library import Library
from importguard.startup.models.plain_functions import plain

_NAMES = ("bisect", "bisect_left", "bisect_right")
_INSERT = ("insort", "insort_left", "insort_right")
LIBRARY = Library(
    functions={"bisect": {**plain(bisect, *_NAMES), **{name: on_list(getattr(bisect, name)) for name in _INSERT}}}
)
