"""What the recorder of `importguard verify` and the pytest plugin adds to imports: pairs of fresh processes.

`main` imports on the recorded thread; `worker` on another one, where `builtins.__import__` is wrapped from the first
load on. CPU time of the process, so that what else the machine does counts less; medians of the pairs' ratios.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
ENVIRONMENT |= {"PYTHONPATH": str(ROOT)}
GOAL = 1.05
PROGRAM = """
import sys, threading, time
from importlib import import_module
from importguard.running.recorder import ImportRecorder
where, recorded, *names = sys.argv[1:]
def load():
    for name in names:
        import_module(name)
recorder = ImportRecorder()
began = time.process_time()
if recorded == "yes":
    recorder.install()
if where == "worker":
    thread = threading.Thread(target=load)
    thread.start()
    thread.join()
else:
    load()
recorder.remove()
print(time.process_time() - began)
"""


def measure(where: str, recorded: str, modules: list[str]) -> float:
    """CPU seconds of one process."""
    command = [sys.executable, "-c", PROGRAM, where, recorded, *modules]
    done = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=True, timeout=120)
    return float(done.stdout.splitlines()[-1])


def main() -> int:
    """Prints the ratios; 1 when one is over the goal."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=9, help="pairs for each thread (%(default)s)")
    flags = parser.parse_args()
    manifest = json.loads((ROOT / "src" / "warmup_manifest.json").read_text(encoding="utf-8"))
    modules = [job["module"] for job in manifest["jobs"]]
    measure("main", "no", modules)  # writes what bytecode is missing
    code = 0
    for where in ("main", "worker"):
        pairs = [(measure(where, "yes", modules), measure(where, "no", modules)) for _ in range(flags.runs)]
        ratio = statistics.median(recorded / plain for recorded, plain in pairs)
        plain = statistics.median(pair[1] for pair in pairs)
        print(f"{where:8} {plain * 1000:6.0f} ms CPU plain, {ratio:.3f} x recorded (goal {GOAL:.2f})")
        code |= ratio > GOAL
    return code


if __name__ == "__main__":
    sys.exit(main())
