"""An hour at the bench in a minute: what a user does, over and over, and the memory that the program then holds.

`python scripts/soak.py [--minutes 60]` does twelve messages a simulated minute with the offline provider: it types,
previews, sends, edits, undoes, searches, exports, stops every tenth reply, starts a new discussion every twenty
messages, opens the one before, scans its project again. It exits 1 when the memory grew by more than `--limit`
megabytes after the first quarter.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import tempfile
import threading

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from src.app_controller import AppController
from src.host.warming import MANIFEST
from src.storage.places import places_in

from importguard.warmup import WarmupManifest

PER_MINUTE = 12
PER_DISCUSSION = 20
NEEDED = ("src.turn.loop", "src.providers.echo", "tomlkit")


def megabytes() -> float:
    """What the process holds in memory now."""
    gc.collect()
    with open("/proc/self/statm", "rb") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


class Bench:
    """A controller in folders of its own, and a user at it."""

    def __init__(self, folder: str) -> None:
        manifest = WarmupManifest.load(MANIFEST)
        jobs = tuple(job for job in manifest.jobs if job.module in NEEDED)
        self.controller = AppController(manifest._replace(jobs=jobs), places=places_in(folder))
        self._changed = threading.Event()
        self.controller.on_change(self._changed.set)
        self.controller.wait_for_warmup(30)
        self.controller.wait_until_set_up(30)
        project = os.path.join(folder, "project")
        os.makedirs(project)
        for number in range(50):
            with open(os.path.join(project, f"file{number}.py"), "w", encoding="utf-8") as file:
                file.write("print('echo_says_word_by_word')\n" * 100)
        self.controller.project.create(project).result(30)
        self.controller.project.set_globs(("file1*.py",), ())

    def settle(self) -> None:
        """Waits until no reply is on its way."""
        while True:
            now = self.controller.snapshot()  # one: between two, a reply that waited may have begun
            if not (now.reply or now.waiting):
                return
            self._changed.wait(1.0)
            self._changed.clear()

    def message(self, number: int) -> None:
        """One message and what a user does around it."""
        controller, discussion = self.controller, self.controller.discussion
        if number % PER_DISCUSSION == 0:
            last = discussion.snapshot().name
            discussion.new().result(30)
            discussion.refresh().result(30)
            if any(one.name == last for one in discussion.list()):
                discussion.open(last).result(30)
                discussion.new().result(30)
        for typed in ("so", "so what", f"so what about {number}"):
            controller.composer.set_text(typed)
            controller.preview()
        controller.send()
        if number % 10 == 9:
            controller.stop()
        self.settle()
        turns = discussion.snapshot().turns
        discussion.edit(turns[-1].id, f"edited {number}")
        discussion.undo()
        discussion.search("what")
        discussion.export("markdown")
        controller.toasts.add(f"message {number}")
        controller.log.add("info", "soak", f"message {number}")
        if number % PER_MINUTE == 0:
            controller.project.rescan()


def main() -> int:
    """Prints the memory every tenth of the time; 1 when it grew too much."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, default=60)
    parser.add_argument("--limit", type=float, default=8.0, metavar="MB")
    flags = parser.parse_args()
    total = flags.minutes * PER_MINUTE
    held: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(folder)
        try:
            for number in range(1, total + 1):
                bench.message(number)
                if number % max(1, total // 20) == 0:
                    held.append(megabytes())
                    print(f"minute {number / PER_MINUTE:5.1f}  {held[-1]:7.1f} MB", flush=True)
        finally:
            whole = bench.controller.close(10)
    grown = max(held) - held[len(held) // 4]
    print(f"grown by {grown:.1f} MB after the first quarter; closed {'whole' if whole else 'with workers left'}")
    return 0 if grown <= flags.limit and whole else 1


if __name__ == "__main__":
    sys.exit(main())
