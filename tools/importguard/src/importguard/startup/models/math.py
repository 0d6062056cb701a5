"""`math`: functions of numbers."""

from __future__ import annotations

import math

from importguard.startup.models.conversions import asking
from importguard.startup.models.library import Library
from importguard.startup.models.plain_functions import plain

_NAMES = tuple(name for name in dir(math) if callable(getattr(math, name)) and not name.startswith("_"))
_SMALL = tuple(name for name in _NAMES if name not in {"factorial", "comb", "perm"})  # these make huge numbers
LIBRARY = Library(functions={"math": asking(plain(math, *_SMALL), ("__float__", "__index__"))})
