"""What a user feels while modules are imported in the background: four ways, two loops, one run, bytecode compiled.

    uv run python scripts/benchmark_warmup.py
    uv run python scripts/benchmark_warmup.py --first
    uv run --with matplotlib python scripts/benchmark_warmup.py --plot docs/images/warmup_frames.png

Ways: no warmup; a naive pool of four threads; one daemon thread, as aider does it; importguard.warmup. Fresh processes,
alternating; the medians of the runs, and the worst frame of all. `x serial` compares the time until all is ready with
importing the same modules one after the other in a process that does nothing else, in the same run.

`--first` measures first starts: each process finds an empty folder for bytecode, and the ways are the runtime as it is
and with `precompile`.
"""

import argparse
import compileall
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
ENVIRONMENT |= {"PYTHONPATH": str(ROOT)}
WAYS = {
    "none": "no warmup",
    "pool": "pool of four threads",
    "daemon": "one daemon thread",
    "runtime": "importguard.warmup",
}
FIRST_WAYS = {
    "daemon": "one daemon thread",
    "runtime": "importguard.warmup",
    "child": "the same, precompile",
}
LATE_MS = 33.0


def measure(loop: str, way: str, modules: list[str], *, first: bool = False) -> dict[str, Any]:
    """The JSON of one process; of a *first* start, for which there is no bytecode."""
    if first:
        with tempfile.TemporaryDirectory() as empty:
            return _measured(loop, way, modules, {"PYTHONPYCACHEPREFIX": empty})
    return _measured(loop, way, modules, {})


def _measured(loop: str, way: str, modules: list[str], variables: dict[str, str]) -> dict[str, Any]:
    command = [sys.executable, str(ROOT / "scripts" / "warmup_frames.py"), loop, way, *modules]
    done = subprocess.run(
        command, cwd=ROOT, env=ENVIRONMENT | variables, capture_output=True, text=True, check=False, timeout=300
    )
    if done.returncode != 0:
        sys.exit(f"{loop} {way} failed:\n{done.stderr}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def summary(loop: str, way: str, runs: list[dict[str, Any]], serial: list[float]) -> dict[str, Any]:
    """One row: medians over *runs*."""
    took = [sorted(frame[1] for frame in run["frames"]) for run in runs]

    def percentile(share: float) -> float:
        return float(statistics.median(run[min(len(run) - 1, int(len(run) * share))] for run in took))

    ready = [run["ready_ms"] for run in runs]
    return {
        "loop": loop,
        "way": (WAYS | FIRST_WAYS)[way],
        "ready_ms": statistics.median(ready),
        "of_serial": statistics.median(one / alone for one, alone in zip(ready, serial, strict=True)),
        "p50": percentile(0.5),
        "p95": percentile(0.95),
        "p99": percentile(0.99),
        "worst": statistics.median(run[-1] for run in took),
        "worst_of_all": max(run[-1] for run in took),
        "late": statistics.median(sum(one > LATE_MS for one in run) for run in took),
    }


def plot(path: str, frames: dict[tuple[str, str], list[Any]], loop: str) -> None:
    """Each frame's length over time, one strip a way."""
    import matplotlib as mpl  # type: ignore[import-not-found,unused-ignore]

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # type: ignore[import-not-found,unused-ignore]

    figure, axes = plt.subplots(len(WAYS), 1, figsize=(10, 8), sharex=True, sharey=True)
    for axis, (way, title) in zip(axes, WAYS.items(), strict=True):
        run = frames[loop, way][-1]
        times, took = zip(*run["frames"], strict=True)
        colours = ["#d62728" if one > LATE_MS else "#1f77b4" for one in took]
        axis.bar([one / 1000 for one in times], took, width=0.012, color=colours)
        axis.axhline(LATE_MS, color="#888", linewidth=0.8, linestyle="--")
        if way != "none":
            axis.axvline(run["ready_ms"] / 1000, color="#2ca02c", linewidth=1.2)
        axis.set_title(title, loc="left", fontsize=10)
        axis.set_ylabel("ms")
    axes[-1].set_xlabel("seconds since the imports began (green: all ready; dashed: 33 ms; red: frames beyond it)")
    figure.suptitle("Frames of a 60 Hz window while its SDKs are imported", fontsize=12)
    figure.tight_layout()
    figure.savefig(path, dpi=100)


def main() -> int:
    """Prints the table, or JSON with --json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="processes of each way and loop (%(default)s)")
    parser.add_argument("--loop", choices=["bare", "null"], action="append", help="only this loop")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--plot", metavar="PNG", help="draw the last run of the last loop; wants matplotlib")
    parser.add_argument("--first", action="store_true", help="first starts, without bytecode")
    flags = parser.parse_args()
    ways = FIRST_WAYS if flags.first else WAYS
    for folder in ("src", "tools/importguard/src"):
        compileall.compile_dir(str(ROOT / folder), quiet=1)
    manifest = json.loads((ROOT / "src" / "warmup_manifest.json").read_text(encoding="utf-8"))
    modules = [job["module"] for job in manifest["jobs"]]
    measure("bare", "serial", modules)  # writes what bytecode is missing
    frames: dict[tuple[str, str], list[Any]] = {}
    rows = []
    loops = flags.loop or ["bare", "null"]
    for loop in loops:
        serial = []
        for _ in range(flags.runs):
            serial.append(measure(loop, "serial", modules, first=flags.first)["ready_ms"])
            for way in ways:
                frames.setdefault((loop, way), []).append(measure(loop, way, modules, first=flags.first))
        rows += [summary(loop, way, frames[loop, way], serial) for way in ways]
        print(f"{loop}: serial import {statistics.median(serial):,.0f} ms", file=sys.stderr)
        traced = measure(loop, "traced", modules)
        print(
            f"{loop}: recorded, the longest frame, {traced['worst_ms']:.0f} ms, came while {traced['worst_loads']} "
            f"modules began to load, the last of them {traced['worst_during']}",
            file=sys.stderr,
        )
    if flags.plot:
        plot(flags.plot, frames, loops[-1])
    if flags.json:
        print(json.dumps(rows, indent=2))
        return 0
    heads = ("ready ms", "x serial", "p50", "p95", "p99", "worst", "of all", "> 33 ms")
    print(f"{'loop':6}{'way':24}" + "".join(f"{head:>10}" for head in heads))
    for row in rows:
        ready = ("-", "-") if row["way"] == WAYS["none"] else (f"{row['ready_ms']:.0f}", f"{row['of_serial']:.2f}")
        times = [f"{row[key]:.1f}" for key in ("p50", "p95", "p99", "worst", "worst_of_all")]
        cells = (*ready, *times, f"{row['late']:.0f}")
        print(f"{row['loop']:6}{row['way']:24}" + "".join(f"{cell:>10}" for cell in cells))
    return 0


if __name__ == "__main__":
    sys.exit(main())
