"""Times what a long discussion costs: opening 2,000 turns of 20 MB, appending to it, showing and previewing it.

`python scripts/benchmark_discussions.py [--turns N] [--megabytes N]`. Figures of one machine; tests hold the shapes.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from src.chat import Done, Message, Text, Usage
from src.discussion import format as log_format
from src.discussion.events import Added, Arrived, Begun, DiscussionEvent, Ended
from src.discussion.log import DiscussionLog
from src.discussion.reading import load
from src.models.prices import Money
from src.request import build
from src.request.build import Material

T = TypeVar("T")
PIECE = "A quarter of a second of a reply is some ten words. "  # what one flush of a reply writes at 50 tokens a second


class Now:
    """A background that does each job at once; nothing is left for later."""

    is_full = False

    def submit(self, job: Callable[[], T]) -> Future[T]:
        """Does *job*."""
        future: Future[T] = Future()
        future.set_result(job())
        return future

    def later(self, _delay_s: float, _action: Callable[[], object]) -> None:
        """Nothing: a turn's end writes what waits."""


def make_events(turns: int, size: int) -> list[DiscussionEvent]:
    """The events of a discussion of *turns* turns, half of them replies, and about *size* bytes in its log."""
    per_reply = max(1, size // (turns // 2) // (len(PIECE) + 8))
    events: list[DiscussionEvent] = []
    for number in range(1, turns + 1, 2):
        at = float(number)
        events.append(Added(number, number - 1, at, Message.of("user", f"Question {number}?")))
        events.append(Begun(number + 1, number, at, "echo", "echo-1"))
        events += [Arrived(Text(PIECE))] * per_reply
        events += [Arrived(Usage(100, 200)), Ended(Done("end"), Money(5))]
    return events


def write_discussion(path: str, turns: int, size: int) -> int:
    """Writes such a discussion with one line per piece; its bytes."""
    with open(path, "wb") as file:
        file.write(log_format.encode_header("long", 0.0))
        file.writelines(log_format.encode(event) for event in make_events(turns, size))
    return os.path.getsize(path)


def main() -> int:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=2000)
    parser.add_argument("--megabytes", type=float, default=20.0)
    flags = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "long.jsonl")
        size = write_discussion(path, flags.turns, int(flags.megabytes * 1_000_000))
        with open(path, "rb") as file:
            print(f"{flags.turns:,} turns, {size / 1e6:.1f} MB, {sum(1 for _ in file):,} lines")
        opened = [time_of(lambda: load(path)) for _ in range(5)]
        print(f"open           median {statistics.median(opened) * 1000:7.0f} ms, worst {max(opened) * 1000:.0f} ms")
        tree = load(path).discussion
        for name, end in (("empty.jsonl", 0), ("long.jsonl", size)):
            each = append_us(os.path.join(folder, name), end)
            print(f"append         median {each:7.0f} µs a line at {end / 1e6:.1f} MB")
        print(f"branch, first  {time_of(tree.branch) * 1000:14.1f} ms")
        print(f"branch, again  {time_of(tree.branch) * 1000:14.1f} ms")
        material = Material("echo", "echo-1", "", (), tuple(turn.message for turn in tree.branch()), None, ())
        print(f"describe       {time_of(lambda: build.describe(material)) * 1000:14.1f} ms")
        print(f"build          {time_of(lambda: build.build(material)) * 1000:14.1f} ms")
    return 0


def append_us(path: str, size: int) -> float:
    """The median microseconds that one written event costs at the end of *path*."""
    log = DiscussionLog(Now(), path, size, print)  # type: ignore[arg-type]
    event = Added(1, 0, 1.0, Message.of("user", PIECE))
    times = [time_of(lambda: log.append(event)) for _ in range(500)]
    log.close()
    return statistics.median(times) * 1e6


def time_of(job: Callable[[], object]) -> float:
    """Seconds that *job* takes."""
    start = time.perf_counter()
    job()
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
