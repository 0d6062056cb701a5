"""How asking a provider fails: raised inside an attempt, by the model lists and by the counts. Values only."""

from __future__ import annotations

from src.chat import FailureKind


class ProviderError(Exception):
    """`kind`, `reason` (a sentence without keys), `again` when another attempt may help, how long to wait before it."""

    def __init__(
        self, kind: FailureKind, reason: str, *, again: bool = False, retry_after_s: float | None = None
    ) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason
        self.again = again
        self.retry_after_s = retry_after_s


class CutOffError(Exception):
    """The connection ended in the middle of the answer."""
