"""What defining values costs a start: ours beside dataclasses, NamedTuple, attrs and msgspec, in turns, as ratios.

Each program defines COUNT classes of five fields, as Sloppy does before its first frame, and makes one instance of
each. Its time is user and system time of a fresh process minus that of an empty one, the median of RUNS.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COUNT = 100
RUNS = 15
FIELDS = "a: int; b: str; c: tuple[int, ...]; d: str = ''; e: bool = False"
PROGRAMS = {
    "src.value": ("from src.value import Value", "class V{}(Value): " + FIELDS),
    "msgspec": ("import msgspec", "class V{}(msgspec.Struct, frozen=True): " + FIELDS),
    "NamedTuple": ("from typing import NamedTuple", "class V{}(NamedTuple): " + FIELDS),
    "dataclass": ("from dataclasses import dataclass", "@dataclass(frozen=True, slots=True)\nclass V{}: " + FIELDS),
    "attrs": ("import attrs", "@attrs.frozen\nclass V{}: " + FIELDS),
}


def source(name: str) -> str:
    """The program that defines its values as *name* does."""
    head, body = PROGRAMS[name]
    classes = "\n".join(f"{body.format(number)}\nV{number}(1, '', ())" for number in range(COUNT))
    # What Sloppy has loaded anyway is no cost of a value.
    return f"from __future__ import annotations\nimport json, threading, typing, collections\n{head}\n{classes}\n"


def cpu_ms(path: Path) -> float:
    """User and system time of a fresh process that runs *path*, in milliseconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, str(path)], check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def main() -> int:
    """Measures and prints."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        paths = {"nothing": Path(folder) / "nothing.py"}
        paths["nothing"].write_text("import json, threading, typing, collections\n")
        for name in PROGRAMS:
            (Path(folder) / f"values_{name.replace('.', '_')}.py").write_text(source(name))
            paths[name] = Path(folder) / f"main_{name.replace('.', '_')}.py"
            paths[name].write_text(f"import values_{name.replace('.', '_')}\n")  # a module is compiled once
        for path in paths.values():
            cpu_ms(path)
        times: dict[str, list[float]] = {name: [] for name in paths}
        for _ in range(RUNS):
            for name, path in paths.items():
                times[name].append(cpu_ms(path))
    floor = statistics.median(times.pop("nothing"))
    spent = {name: statistics.median(row) - floor for name, row in times.items()}
    for name, ms in spent.items():
        print(f"{name:12}{ms:8.1f} ms{ms / spent['src.value']:8.1f} x")
    return 0


if __name__ == "__main__":
    sys.exit(main())
