"""The redactor as a filter of `logging`: put it on every handler, so that no record leaves with a key in it."""

from __future__ import annotations

import logging
import traceback

from src.redactor import REDACTOR, Redactor


class RedactingFilter(logging.Filter):
    """Lets every record pass, its message, its arguments and its traceback redacted."""

    def __init__(self, redactor: Redactor = REDACTOR) -> None:
        super().__init__()
        self._redactor = redactor

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrites *record*: the arguments are merged into the message, so that no handler formats them again."""
        try:
            message = record.getMessage()
        except (TypeError, ValueError):  # arguments that do not fit the message; logging would print them raw
            message = f"{record.msg} {record.args}"
        record.msg, record.args = self._redactor.redact(message), ()
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = "".join(traceback.format_exception(record.exc_info[1])).rstrip()
            record.exc_info = None
        if record.exc_text:
            record.exc_text = self._redactor.redact(record.exc_text)
        if record.stack_info:
            record.stack_info = self._redactor.redact(record.stack_info)
        return True
