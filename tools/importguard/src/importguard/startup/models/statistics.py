"""`statistics`: averages of numbers."""

from __future__ import annotations

import statistics

from importguard.startup.models.library import Library
from importguard.startup.models.plain_functions import plain

_NAMES = ("mean", "fmean", "median", "median_low", "median_high", "mode", "multimode", "stdev", "pstdev", "variance")
LIBRARY = Library(functions={"statistics": plain(statistics, *_NAMES)})
