"""Kills Sloppy (SIGKILL) at random moments of a reply that streams and reads what is left, again and again.

Held each time: the discussion's file is read as the next Sloppy reads it, nothing that had been shown for a second is
missing, and nothing is in it that was not said. Exits 1 when one of these does not hold. `--program` kills the whole
program, followed through its hook API; without, a controller alone in a process of its own, which starts faster.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from src.discussion import reading  # noqa: E402
from src.hooks.client import HookClient  # noqa: E402

SHOWN_S = 1.0
LONGEST_S = 3.0
WORDS = " ".join(f"word{number}" for number in range(2000))

# A controller that streams WORDS and says, with the time, how many characters of the reply it has shown.
CHILD = """
import os, sys, threading, time
from importguard.warmup import WarmupJob, WarmupManifest
from src.app_controller import AppController
from src.storage.places import places_in
jobs = (WarmupJob("src.turn.loop"), WarmupJob("src.providers.echo", "src.providers.echo:connect", group=1))
controller = AppController(WarmupManifest(1, "kill", jobs), start=False, places=places_in(sys.argv[1]))
lock = threading.Lock()
def show():
    reply = controller.snapshot().reply
    if reply is not None:
        with lock:
            print(time.monotonic(), len(reply.text), flush=True)
controller.on_change(show)
controller.start_warmup()
controller.wait_for_warmup(30)
controller.send(sys.argv[2])
threading.Event().wait(60)
os._exit(1)  # its killer is gone
"""


class Kill(NamedTuple):
    """One kill: the characters shown for a second, those that the file held, and what is wrong, if anything."""

    shown: int
    kept: int
    wrong: str


class Shown:
    """Moments and lengths of what was shown. `_lock` guards them; `begun` is set at the first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: list[tuple[float, int]] = []
        self.begun = threading.Event()

    def add(self, at: float, length: int) -> None:
        """*length* characters were shown at *at*."""
        with self._lock:
            self._rows.append((at, length))
        self.begun.set()

    def until(self, moment: float) -> int:
        """The characters that were shown at *moment*."""
        with self._lock:
            return max((length for at, length in self._rows if at <= moment), default=0)


def kill_once(folder: str, wait_s: float, *, program: bool) -> Kill:
    """Lets a reply stream in a process that keeps its files in *folder* and kills it *wait_s* after its first word."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"HOME": folder, "XDG_DATA_HOME": f"{folder}/data", "PYTHONPATH": str(ROOT), "NO_PROXY": "127.0.0.1"}
    command = [sys.executable, "sloppy.py", "--headless"] if program else [sys.executable, "-c", CHILD, folder, WORDS]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    shown = Shown()
    watch = _watch_program if program else _watch_child
    watcher = threading.Thread(target=watch, args=(process, shown), daemon=True)
    watcher.start()
    try:
        if not shown.begun.wait(60):
            return Kill(0, 0, "nothing was shown")
        time.sleep(wait_s)
    finally:
        killed = time.monotonic()
        process.send_signal(signal.SIGKILL)
        process.wait()
        watcher.join(10)
    return _inspect(folder, shown.until(killed - SHOWN_S))


def _watch_child(process: subprocess.Popen[str], shown: Shown) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        at, _, length = line.partition(" ")
        if length.endswith("\n"):
            shown.add(float(at), int(length))


def _watch_program(process: subprocess.Popen[str], shown: Shown) -> None:
    assert process.stdout is not None
    client = HookClient.of_output(process.stdout.readline())
    length = 0
    try:
        client.choose_provider("echo")
        for event in client.events():
            if event.kind == "state" and event.value.turns == 0 and not event.value.waiting:
                client.send(WORDS)
            if event.kind == "reply":
                length = event.value.start + len(event.value.text)
                shown.add(time.monotonic(), length)
    except (OSError, ValueError, EOFError):
        return  # killed


def _inspect(folder: str, shown: int) -> Kill:
    files = [path for path in Path(folder).rglob("*.jsonl") if path.name != "ledger.jsonl"]
    if len(files) != 1:
        return Kill(shown, 0, f"there are {len(files)} discussion files")
    try:
        discussion = reading.load(str(files[0])).discussion
    except (OSError, ValueError) as error:
        return Kill(shown, 0, f"the file cannot be read: {error}")
    reply = discussion.reply
    text = reply.text if reply is not None else ""
    wrong = ""
    if len(text) < shown:
        wrong = f"{shown - len(text)} characters are lost that had been shown for a second"
    elif not WORDS.startswith(text):
        wrong = "the file holds what was not said"
    elif [turn.message.text for turn in discussion.branch()] != [WORDS]:
        wrong = "the question is not as it was asked"
    elif any(json.loads(line) is None for line in files[0].read_text(encoding="utf-8").splitlines()):
        wrong = "a line is empty"
    return Kill(shown, len(text), wrong)


def main() -> int:
    """Prints one line of figures, and one for each kill after which something was wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--at-once", type=int, default=2)
    parser.add_argument("--program", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    moments = random.Random(arguments.seed)
    waits = [moments.uniform(0, LONGEST_S) for _ in range(arguments.times)]

    def run(wait_s: float) -> Kill:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            return kill_once(folder, wait_s, program=arguments.program)

    with ThreadPoolExecutor(arguments.at_once) as pool:
        kills = list(pool.map(run, waits))
    wrong = [kill for kill in kills if kill.wrong]
    for kill in wrong:
        print(f"wrong: {kill.wrong}", file=sys.stderr)
    lengths = sorted(kill.kept for kill in kills)
    print(
        f"{len(kills)} kills, {len(wrong)} wrong; {lengths[0]} to {lengths[-1]} characters kept, "
        f"{sum(kill.shown > 0 for kill in kills)} times after text had been shown for a second"
    )
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
