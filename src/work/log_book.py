"""What happened, for the Log panel: a bounded list of records that holds no key. Knows no window and no file.

Guarantees
- At most `MAX_RECORDS` records of `MAX_TEXT` characters are kept; the oldest goes first.
- Every text passes the redactor before it is kept.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Literal

from src.value import Value

Level = Literal["debug", "info", "warning", "error"]
MAX_RECORDS = 1000
MAX_TEXT = 4000


class LogRecord(Value):
    """One line: when (seconds since 1970), how grave, which part of the program, what."""

    number: int
    at: float
    level: Level
    source: str
    text: str


class LogBook(logging.Handler):
    """The records; also the handler that brings in what libraries log. `_guard` guards the records."""

    def __init__(self, redact: Callable[[str], str] = str) -> None:
        super().__init__(logging.WARNING)
        self._redact = redact
        self._guard = threading.Lock()
        self._records: deque[LogRecord] = deque(maxlen=MAX_RECORDS)
        self._number = 0

    def snapshot(self) -> tuple[LogRecord, ...]:
        """The records, oldest first."""
        with self._guard:
            return tuple(self._records)

    def add(self, level: Level, source: str, text: str) -> None:
        """Keeps one record."""
        cleaned = self._redact(text)
        if len(cleaned) > MAX_TEXT:
            cleaned = f"{cleaned[:MAX_TEXT]}... ({len(cleaned) - MAX_TEXT:,} more characters)"
        with self._guard:
            self._number += 1
            self._records.append(LogRecord(self._number, time.time(), level, source, cleaned))

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps what a library logged."""
        try:
            text = record.getMessage()
        except Exception as error:  # a library's wrong format string is not the user's problem
            text = f"{record.msg} ({type(error).__name__})"
        level: Level = "error" if record.levelno >= logging.ERROR else "warning"
        self.add(level, record.name, text)
