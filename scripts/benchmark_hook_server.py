"""How soon the hook API answers after the process began, and how fast it answers while the warmup still runs.

Starts Sloppy anew each time, with compiled bytecode: without a window, and with one where DISPLAY is set. Exits 1 when
the median of the first answer is above 2 s.
"""

from __future__ import annotations

import argparse
import compileall
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from src.hooks.client import HookClient  # noqa: E402

LIMIT_S = 2.0


class Start(NamedTuple):
    """One start: seconds until the first answer and until all was warm; milliseconds of each answer in between."""

    first_s: float
    warm_s: float
    answers_ms: tuple[float, ...]


def measure(flag: str, home: str) -> Start:
    """Starts `sloppy.py FLAG` once."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"HOME": home, "NO_PROXY": "127.0.0.1"}
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "sloppy.py", flag], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        client = HookClient.of_output(process.stdout.readline())
        ready = client.health().ready
        first, answers = time.perf_counter() - began, []
        while not ready and time.perf_counter() - began < 60:
            asked = time.perf_counter()
            ready = client.health().ready
            answers.append((time.perf_counter() - asked) * 1000)
        return Start(first, time.perf_counter() - began, tuple(answers))
    finally:
        process.terminate()
        process.wait(30)


def main() -> int:
    """Prints a line a mode."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--repeat", type=int, default=7)
    repeat = parser.parse_args().repeat
    for folder in ("src", "tools/importguard/src"):
        compileall.compile_dir(ROOT / folder, quiet=1)
    modes = ["--headless"] + (["--enable-test-hooks"] if os.environ.get("DISPLAY") else [])
    slow = False
    for flag in modes:
        with tempfile.TemporaryDirectory() as home:
            starts = [measure(flag, home) for _ in range(repeat)]
        first = [start.first_s for start in starts]
        answers = sorted(ms for start in starts for ms in start.answers_ms)
        late = answers[int(len(answers) * 0.99)] if answers else 0.0
        slow |= statistics.median(first) > LIMIT_S
        print(
            f"{flag}: first answer after {statistics.median(first):.2f} s (worst {max(first):.2f}), "
            f"all warm after {statistics.median(start.warm_s for start in starts):.2f} s; {len(answers)} answers while "
            f"warming, median {statistics.median(answers or [0]):.1f} ms, 99 % within {late:.0f} ms"
        )
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())
