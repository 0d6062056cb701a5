"""How long a reply is waited for and how often it is asked for again. Values only."""

from __future__ import annotations

from src.value import Value


class Patience(Value):
    """All times in seconds.

    `attempts` counts the first. The wait before attempt n + 1 is `first_wait_s` * 2 ** (n - 1), at most
    `longest_wait_s`, shortened by up to `jitter` of itself; a provider's Retry-After takes its place, and one that is
    longer than `longest_wait_s` ends the reply instead. A wait or a silence is reported every
    `tick_s`; a silence is reported from `quiet_s` on and ends the reply at `idle_timeout_s`.
    """

    attempts: int = 4
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0
    jitter: float = 0.25
    connect_s: float = 15.0
    quiet_s: float = 3.0
    idle_timeout_s: float = 120.0
    tick_s: float = 1.0


def in_words(seconds: float) -> str:
    """*seconds* in the two largest units that they fill: `45 s`, `1 min 30 s`, `1 h`."""
    left, found = max(0, round(seconds)), []
    for unit, size in (("h", 3600), ("min", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            found.append(f"{count:,} {unit}")
    return " ".join(found[:2]) or "0 s"
