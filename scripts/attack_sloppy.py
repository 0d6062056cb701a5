"""Gives Sloppy hostile inputs of many shapes and counts them: `attack_sloppy.py --inputs 5000 --seed 1`.

Each shape of `scripts/attacks` is tried equally often, in a process that is ended when it says nothing for `--patience`
seconds. Prints a line for each shape; exits 1 when an input brought out a fault, with the seed that brings it again.
"""

from __future__ import annotations

import argparse
import importlib
import os
import random
import select
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parent.parent
ALIVE = "\0"  # what the child says after each input
sys.path.insert(0, str(ROOT))
Shape = Callable[[Random, Path], None]


def shapes() -> tuple[Shape, ...]:
    """All of them."""
    from attacks import files, texts
    from src.project import file as project_file

    vars(project_file)["_require_warmed"] = importlib.import_module  # there is no warmup here
    return (*texts.SHAPES, *files.SHAPES)


def attack(count: int, seed: int) -> int:
    """Tries every shape *count* times, in this process; the number of faults."""
    faults = 0
    for shape in shapes():
        failed = 0
        for number in range(count):
            with tempfile.TemporaryDirectory() as folder:
                try:
                    shape(random.Random(f"{shape.__name__} {seed} {number}"), Path(folder))
                except Exception:  # whatever it is, it is what is looked for
                    failed += 1
                    if failed <= 3:
                        print(f"{shape.__name__} {seed} {number}\n{traceback.format_exc(limit=-4)}", file=sys.stderr)
            print(ALIVE, end="", file=sys.stderr, flush=True)
        print(f"{shape.__name__:<20} {count:>7} inputs {failed:>4} faults", flush=True)
        faults += failed
    return faults


def main() -> int:
    """Prints a line for each shape, and their sum."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--inputs", type=int, default=5000, help="in all; %(default)s")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--patience", type=float, default=60.0, help="seconds of silence that mean a hang")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    flags = parser.parse_args()
    if flags.here:
        return int(attack(flags.inputs, flags.seed) > 0)
    count = -(-flags.inputs // len(shapes()))
    command = [sys.executable, __file__, "--here", "--inputs", str(count), "--seed", str(flags.seed)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) as child:
        hung = _follow(child, flags.patience)
    print(f"{count * len(shapes())} inputs of {len(shapes())} shapes{'; it hung and was ended' if hung else ''}")
    return 1 if hung else child.returncode


def _follow(child: subprocess.Popen[bytes], patience: float) -> bool:
    """Passes on what the child says of faults; True when it was silent for too long and was ended."""
    assert child.stderr is not None
    said = child.stderr.fileno()
    while select.select([said], [], [], patience)[0]:
        piece = os.read(said, 65_536)
        if not piece:
            return False
        sys.stderr.write(piece.decode(errors="replace").replace(ALIVE, ""))
    child.kill()
    return True


if __name__ == "__main__":
    sys.exit(main())
