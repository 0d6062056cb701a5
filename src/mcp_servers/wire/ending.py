"""Why a connection to a server has ended, and what it said before. Standard library only."""

from __future__ import annotations

import asyncio

from src.privacy.redactor import redact

MAX_ANSWER = 8 * 1024 * 1024  # bytes of one answer, whichever way it comes
MAX_SAID = 300  # characters of a server's own words in a sentence


class ServerError(Exception):
    """A server that cannot be used; the message says why, in a sentence."""


class Ending:
    """How one connection ended. Used on the loop alone."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()
        self.words = b""  # the last that it wrote to its standard error
        self.reason = ""
        self._stray = b""

    def end(self, reason: str) -> None:
        """The connection has ended because of *reason*; the first reason counts."""
        if not self.ended.is_set():
            self.reason = reason
            self.ended.set()

    def heard(self, line: bytes) -> None:
        """*line* came where only messages may come."""
        self._stray = self._stray or line[:MAX_SAID]

    def said(self) -> str:
        """What the server said of itself, for the end of a sentence; empty when it said nothing."""
        last = self.words or self._stray
        text = " ".join(redact(last.decode("utf-8", "replace")).split())
        return f" It said: {text[-MAX_SAID:]}" if text else ""
