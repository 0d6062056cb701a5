"""Kills (SIGKILL) a process that changes its settings and a project file without a pause, and reads what is left.

Held each time: both files can be read, and each holds the last change that was reported or the one after it. Exits 1
when that does not hold. What a write had begun stays beside the file under a name that Sloppy neither lists nor sends.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LONGEST_S = 0.3
CHILD = """
import importlib, itertools, os, sys
from src.project import file as project_file
from src.storage import settings
project_file._require_warmed = importlib.import_module
folder = sys.argv[1]
project = os.path.join(folder, "sloppy.toml")
project_file.create(project)
for number in itertools.count(1):
    settings._merge(os.path.join(folder, "settings.json"), {"token_cap": number})
    project_file.write(project, {"pinned": [str(number)] * 200})
    print(number, flush=True)
"""


def kill_once(folder: str, wait_s: float) -> tuple[int, str]:
    """How many changes were reported, and what is wrong."""
    command = [sys.executable, "-c", CHILD, folder]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(wait_s)
        process.send_signal(signal.SIGKILL)
        lines = process.stdout.read().split("\n")[:-1]
    reported = int(lines[-1]) if lines else 1
    try:
        kept = json.loads(Path(folder, "settings.json").read_text(encoding="utf-8"))["token_cap"]
        pinned = tomllib.loads(Path(folder, "sloppy.toml").read_text(encoding="utf-8"))["pinned"]
    except (OSError, ValueError, KeyError) as error:
        return reported, f"a file cannot be read: {error}"
    if kept not in (reported, reported + 1):
        return reported, f"the settings hold change {kept} after {reported}"
    if len(set(pinned)) != 1 or len(pinned) != 200 or int(pinned[0]) not in (reported, reported + 1):
        return reported, f"the project file holds change {pinned[:1]} after {reported}"
    return reported, ""


def main() -> int:
    """Prints one line of figures, and one for each kill after which something was wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    moments = random.Random(arguments.seed)
    changes = wrong = begun = 0
    for _ in range(arguments.times):
        with tempfile.TemporaryDirectory() as folder:
            reported, fault = kill_once(folder, moments.uniform(0, LONGEST_S))
            begun += len(list(Path(folder).glob("*.part")))
        changes += reported
        if fault:
            wrong += 1
            print(f"wrong: {fault}", file=sys.stderr)
    print(
        f"{arguments.times} kills after {changes} changes of two files, {wrong} wrong; {begun} in the middle of a write"
    )
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
