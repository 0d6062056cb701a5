"""What was hidden from a model in the answers of tools because it looks like a secret. In memory only, and bounded.

The texts themselves are not here: a `Finding` has their beginning and their digest. `_lock` guards them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from src.privacy.detector import Finding
from src.value import Value

MAX_KEPT = 50


class Hidden(Value):
    """Something hidden in what *tool* answered."""

    tool: str
    finding: Finding


class HiddenTexts:
    """The last `MAX_KEPT`, each text once."""

    def __init__(self, notify: Callable[[], None]) -> None:
        self._notify = notify
        self._lock = threading.Lock()
        self._kept: dict[str, Hidden] = {}

    def snapshot(self) -> tuple[Hidden, ...]:
        """What was hidden, the latest first."""
        with self._lock:
            return tuple(reversed(self._kept.values()))

    def add(self, tool: str, finding: Finding) -> None:
        """*finding* was hidden in what *tool* answered."""
        with self._lock:
            self._kept.pop(finding.digest, None)
            self._kept[finding.digest] = Hidden(tool, finding)
            while len(self._kept) > MAX_KEPT:
                del self._kept[next(iter(self._kept))]
        self._notify()
