"""What Python loads for the programs in FILE, beside what the static start predicts of them. FILE stays as it is.

usage: compare_programs.py PYTHON FILE... [--only NAME...] [--own]

PYTHON is the interpreter of the environment that the programs run in and that is looked at. FILE has the shape of
tests/programs/*.txt; its `loads` lines are not needed. Prints a line for each program that is not right, the worst
first in it, and the shares. --own leaves out the modules of the standard library and of packages. Exit code 1 when a
module is called certain and is not loaded, or is missed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from record_programs import run  # beside this file; it finds the tests, too
from test_programs import Program, read_programs, start_of

from importguard.session import Session
from importguard.startup import trace_start
from importguard.startup.trace import Certainty, Reach
from importguard.storage.disk import Now
from importguard.target.environment import Environment, probe

NEVER_COUNTED = {"__main__", "main", "sitecustomize", "usercustomize", "__mp_main__", "atexit"}
RUN_MODULE = "import runpy, sys; print(*sys.modules)"  # `python -m` loads that by itself


def differences(program: Program, environment: Environment, runner: set[str], own: bool) -> tuple[str, str]:
    """The worst kind of difference, and all in words. *runner*: what `python -m` loads by itself."""
    kept, gone, said = run(program, environment.executable)
    with tempfile.TemporaryDirectory() as folder:
        program.write(Path(folder).resolve())
        found = trace_start(start_of(program, Path(folder).resolve()), Session(None, Now()).within(environment))
    uncounted = NEVER_COUNTED | (runner if program.start[0] == "-m" else set())
    real = set(kept) - uncounted
    eager = {one.name: one.certainty for one in found.modules if one.reach is Reach.EAGER}
    predicted = eager.keys() - uncounted - set(gone) - environment.bare
    if own:
        real, predicted = real & program.own, predicted & program.own
    certain = {name for name in predicted if eager[name] is Certainty.CERTAIN}
    told = bool(found.unresolved or found.stops)
    parts = {
        "wrong-certain": certain - real,
        "silent" if not told else "missed": real - predicted,
        "wide": predicted - certain - real,
    }
    kinds = [kind for kind, names in parts.items() if names]
    words = "; ".join(f"{kind}: {' '.join(sorted(names))}" for kind, names in parts.items() if names)
    return (kinds or ["right"])[0], words + (f"   [{said}]" if said else "") + ("   named" if told else "")


def main() -> int:
    """Compares each, and prints the shares."""
    words = sys.argv[1:]
    own = "--own" in words
    words = [word for word in words if word != "--own"]
    only = words[words.index("--only") + 1 :] if "--only" in words else []
    words = words[: words.index("--only")] if only else words
    if len(words) < 2:
        sys.exit(__doc__)
    words[0] = os.path.abspath(words[0])
    environment = probe(words[0])
    runner = set(
        subprocess.run([words[0], "-c", RUN_MODULE], capture_output=True, text=True, check=True).stdout.split()
    )
    counts: Counter[str] = Counter()
    for path in words[1:]:
        for program in read_programs(Path(path).read_text(encoding="utf-8")):
            if only and not any(one in program.name for one in only):
                continue
            kind, text = differences(program, environment, runner, own)
            counts[kind] += 1
            if kind != "right" or "[" in text:
                print(f"{program.name:40} {text}", flush=True)
    number = max(sum(counts.values()), 1)
    print(f"programs {sum(counts.values())}  ", *(f"{kind} {count / number:.3f}" for kind, count in counts.items()))
    return int(bool(counts.keys() & {"wrong-certain", "missed", "silent"}))


if __name__ == "__main__":
    sys.exit(main())
