"""The fits of answers, each worked out once on the pool. At most MAX_KEPT are kept; `_lock` guards them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from importguard.warmup import require_warmed as _require_warmed
from src.structured.fit import Fit
from src.structured.schema import SchemaError
from src.work.background import Background

MODULE = "src.structured.validation"
MAX_KEPT = 200


def check_schema(schema: str) -> None:
    """Raises SchemaError when *schema*, whose module is warm, is none: before an answer by it is paid for."""
    if wrong := _require_warmed("src.structured.validation").check_schema(schema):
        raise SchemaError(wrong)


class Checked:
    """Answers and their schemas."""

    def __init__(self, background: Background, notify: Callable[[], None]) -> None:
        self._background = background
        self._notify = notify
        self._lock = threading.Lock()
        self._fits: OrderedDict[tuple[str, str], Fit | None] = OrderedDict()

    def of(self, text: str, schema: str) -> Fit | None:
        """How *text* fits *schema*; None until it is known."""
        key = (text, schema)
        with self._lock:
            if key in self._fits:
                return self._fits[key]
            self._fits[key] = None
            while len(self._fits) > MAX_KEPT:
                self._fits.popitem(last=False)

        def check() -> None:
            fit: Fit = _require_warmed("src.structured.validation").check(text, schema)
            with self._lock:
                self._fits[key] = fit
            self._notify()

        def failed(reason: str) -> None:
            with self._lock:
                self._fits[key] = Fit(None, (reason,))
            self._notify()

        self._background.when_warm((MODULE,), lambda: self._background.submit(check), failed)
        return None
