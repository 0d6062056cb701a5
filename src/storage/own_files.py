"""Which files in a project are Sloppy's own and go to no model: logs of discussions, and what belongs to them."""

from __future__ import annotations

HEAD = 64  # bytes of a file by which a log is known
_LOG = ".jsonl"
_BEGINS = (b'{"e":"session"', b'{"e":"discussion"', b'{"e": "session"')
_BESIDE = (".lock", ".torn-", ".bad-")


def is_own(name: str, head: bytes) -> bool:
    """The file of this *name*, which begins with *head*, is Sloppy's."""
    stem, log, rest = name.partition(_LOG)
    return bool(stem and log) and (rest.startswith(_BESIDE) or head.startswith(_BEGINS))
