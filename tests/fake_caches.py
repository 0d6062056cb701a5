"""What a provider's cache does, for the fake providers: the longest beginning that a request before had is read.

Anthropic's keeps what a request marks and looks for what a mark kept; the others keep every beginning.
"""

from __future__ import annotations

import json
import threading
from typing import Any, NamedTuple

LETTERS = 4  # of JSON that the fakes count as a token


class Counted(NamedTuple):
    """Tokens of the input: read from the cache, written to it, neither."""

    read: int
    written: int
    fresh: int

    @property
    def total(self) -> int:
        """All of the input."""
        return self.read + self.written + self.fresh


SMALL = Counted(1, 0, 2)


class Caches:
    """What the fakes have kept."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: set[tuple[str, ...]] = set()

    def count(self, body: dict[str, Any], *, marked: bool) -> Counted:
        """The tokens of *body*, which is kept now."""
        blocks = list(_blocks(body))
        texts = tuple(text for text, _ in blocks)
        sizes = [len(text) // LETTERS for text in texts]
        ends = [at for at, (_, mark) in enumerate(blocks, 1) if mark or not marked]
        with self._lock:
            read = max((at for at in range(1, len(texts) + 1) if texts[:at] in self._kept), default=0)
            self._kept.update(texts[:at] for at in ends)
        upto = max(ends, default=0) if marked else read
        written = max(0, upto - read)
        return Counted(sum(sizes[:read]), sum(sizes[read : read + written]), sum(sizes[read + written :]))


def _blocks(body: dict[str, Any]) -> Any:
    """Each block of *body* as text and whether it is marked, in the order in which providers read them."""
    content = (body.get("contents") or body.get("messages") or ()) or ()
    system = body.get("system") or body.get("systemInstruction") or ()
    for block in (*(body.get("tools") or ()), *(system if isinstance(system, list) else [system] if system else [])):
        yield _block(block, "")
    for message in content:
        parts = message.get("parts") or message.get("content") or ""
        for part in parts if isinstance(parts, list) else [parts]:
            yield _block(part, message["role"])


def _block(block: Any, role: str) -> tuple[str, bool]:
    fields = dict(block) if isinstance(block, dict) else {"text": block}
    mark = fields.pop("cache_control", None)
    return role + json.dumps(fields, sort_keys=True), mark is not None
