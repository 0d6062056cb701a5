"""The first frame against the floor: `sloppy.py` beside a bare imgui-bundle window on the same backend, in one run.

Each pair starts both programs anew, the order alternating, bytecode compiled first, with warm disk caches; medians
of the pairs and of their ratios count, because a shared machine drifts. Phases are the startup profile of Sloppy's
runs. The null backend always runs, a real window when DISPLAY is set (`xvfb-run -a`). With --idle, the CPU that an
idle window takes is measured as well. `cpu` is the ratio of CPU time, which other programs do not lengthen.
"""

import argparse
import compileall
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
ENVIRONMENT |= {"PYTHONPATH": str(ROOT)}
GOAL, IDLE_GOAL = 1.15, 0.05

BARE = """
from imgui_bundle import hello_imgui, imgui, immapp
params = hello_imgui.RunnerParams()
params.callbacks.show_gui = lambda: imgui.text("bare")
"""
OURS = """
import gc, sloppy
gc.disable()  # as sloppy.main does until the first frame
from src.startup_profiler import profiler
profiler.mark("main")
from src.app_controller import AppController
controller = AppController(start=False)
import imgui_bundle
profiler.mark("imgui_bundle")
from src.gui_2 import Gui
from imgui_bundle import hello_imgui, imgui, immapp
gui = Gui(controller)
params = gui.build_params()
profiler.mark("gui")
"""
WINDOW = """
import json, os, sys, time
params.ini_disable = True
if BACKEND == "null":
    from tests.null_backend import use_null_backend
    use_null_backend(params)
params.renderer_backend_options.open_gl_options = hello_imgui.OpenGlOptions()
params.renderer_backend_options.open_gl_options.anti_aliasing_samples = 0
"""
FIRST_FRAME = """
def leave():
    now, cpu = time.time(), time.process_time()
    marks = {}
    if "profiler" in globals():
        profiler.mark("first frame")
        marks = profiler.marks()
    print(json.dumps([now, cpu, marks]), flush=True)
    os._exit(0)
params.callbacks.after_swap = leave
"""
IDLE = """
frames = [0]
def look():
    frames[0] += 1
params.callbacks.before_imgui_render = look
import threading
def report():
    time.sleep(SETTLE)
    began, cpu, drawn = time.perf_counter(), time.process_time(), frames[0]
    time.sleep(SECONDS)
    took = time.perf_counter() - began
    print(json.dumps([(time.process_time() - cpu) / took, (frames[0] - drawn) / took]), flush=True)
    os._exit(0)
threading.Thread(target=report, daemon=True).start()
"""
RUN_OURS = "gui.run(params)\n"
RUN_BARE = "immapp.run(params, immapp.AddOnsParams(with_markdown=True))\n"


def run(code: str) -> tuple[float, list[Any]]:
    """The moment of the start and what the program prints."""
    began = time.time()
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    if result.returncode != 0:
        sys.exit(f"a program under test failed:\n{result.stderr}")
    return began, json.loads(result.stdout.strip().splitlines()[-1])


def first_frame(window: str, start: str, backend: str) -> tuple[float, float, dict[str, float]]:
    """Milliseconds from spawning to the end of the first frame: wall and CPU; and the profile's marks."""
    began, (shown, cpu, marks) = run(f"BACKEND = {backend!r}\n" + window + WINDOW + FIRST_FRAME + start)
    return (shown - began) * 1000, cpu * 1000, marks


def phases(marks: dict[str, float]) -> dict[str, float]:
    """How long each phase took, named by the mark at its end."""
    last, found = 0.0, {}
    for name, at in marks.items():
        found[name], last = at - last, at
    return found


def compare(backend: str, runs: int) -> dict[str, Any]:
    """One backend's row."""
    pairs, seen = [], []
    for number in range(runs):
        order = [(OURS, RUN_OURS), (BARE, RUN_BARE)]
        results = [first_frame(*one, backend) for one in (order if number % 2 else reversed(order))]
        ours, bare = results if number % 2 else reversed(results)
        pairs.append((*ours[:2], *bare[:2]))
        seen.append(phases(ours[2]))
    names = list(seen[0])
    return {
        "backend": backend,
        "ours_ms": statistics.median(pair[0] for pair in pairs),
        "bare_ms": statistics.median(pair[2] for pair in pairs),
        "ratio": statistics.median(pair[0] / pair[2] for pair in pairs),
        "cpu_ratio": statistics.median(pair[1] / pair[3] for pair in pairs),
        "phases_ms": {name: statistics.median(one[name] for one in seen) for name in names},
    }


def idle(backend: str, settle: float, seconds: float) -> tuple[float, float]:
    """CPU share of one core and frames a second of our window when nobody touches it, its warmup over."""
    head = f"BACKEND, SETTLE, SECONDS = {backend!r}, {settle}, {seconds}\n"
    _, (share, rate) = run(head + OURS + WINDOW + IDLE + RUN_OURS)
    return share, rate


def main() -> int:
    """Prints the table, or JSON with --json; 1 when a ratio misses its goal and --check is given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=11, help="pairs for each backend (%(default)s)")
    parser.add_argument("--idle", action="store_true", help="measure the idle window too (about 25 s)")
    parser.add_argument("--check", action="store_true", help="exit 1 when a goal is missed")
    parser.add_argument("--json", action="store_true", help="print JSON")
    flags = parser.parse_args()
    for folder in ("src", "tools/importguard/src", "tests"):
        compileall.compile_dir(str(ROOT / folder), quiet=1)
    backends = ["null"] + (["window"] if os.environ.get("DISPLAY") else [])
    rows = [compare(backend, flags.runs) for backend in backends]
    idles = {backend: idle(backend, 12, 10) for backend in backends[-1:]} if flags.idle else {}
    if flags.json:
        print(json.dumps({"first_frame": rows, "idle": idles}, indent=2))
    else:
        print_table(rows, idles)
    missed = [row for row in rows if row["ratio"] > GOAL] + [one for one in idles.values() if one[0] > IDLE_GOAL]
    return 1 if flags.check and missed else 0


def print_table(rows: list[dict[str, Any]], idles: dict[str, tuple[float, float]]) -> None:
    """The rows as text."""
    print(f"{'backend':10}{'ours ms':>10}{'bare ms':>10}{'ratio':>8}{'cpu':>8}{'goal':>8}")
    for row in rows:
        ratios = f"{row['ratio']:8.2f}{row['cpu_ratio']:8.2f}{GOAL:8.2f}"
        print(f"{row['backend']:10}{row['ours_ms']:10.0f}{row['bare_ms']:10.0f}{ratios}")
        for name, ms in row["phases_ms"].items():
            print(f"    {name:16}{ms:8.1f} ms")
    for backend, (share, rate) in idles.items():
        print(f"idle {backend}: {share:.1%} of one core at {rate:.1f} frames a second (goal {IDLE_GOAL:.0%})")


if __name__ == "__main__":
    sys.exit(main())
