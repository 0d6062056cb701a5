"""Sloppy as it is beside a build in which one provider is a lazy import (Python 3.15) instead of `_require_warmed`.

    uv run --python 3.15 python scripts/benchmark_lazy_provider.py --runs 5

The build is a copy in which `src/models/providers.py` says `lazy from src.providers import anthropic_claude`; the
manifest is the same, because `importguard manifest` warms lazy imports, too. Both open their window on the null backend
in fresh processes, the order alternating, bytecode compiled first. A frame counts from the toolkit's first callback to
its last.
On older Pythons the build is left out, so that worst frames of two Pythons can be compared.
"""

import argparse
import compileall
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FILES = (
    "sloppy.py",
    "importguard.toml",
    "importguard.costs.json",
    "scripts/run_null_window.py",
    "tests/null_backend.py",
)
PROVIDERS = Path("src", "models", "providers.py")
NAME, MODULE = "anthropic_claude", "src.providers.anthropic_claude"
EAGER_TEXT = f'lambda: _require_warmed("{MODULE}"),'
IMPORTS_END = "from src.value import Value\n"
PROGRAM = """
import json, os, sys, time
sys.path.insert(0, os.getcwd())
import sloppy
from src import gui_2
from src.models.providers import BY_NAME
from src.window import runner
from tests.null_backend import use_null_backend

frames, times = [], {}
build, begin, end = gui_2.Gui.build_params, gui_2.Gui._begin_frame, gui_2.Gui._end_frame

def build_params(gui):
    params = build(gui)
    use_null_backend(params, runner.set_up_keyboard)
    return params

def begin_frame(gui):
    times["began"] = time.perf_counter()
    begin(gui)

def end_frame(gui):
    end(gui)
    now = time.perf_counter()
    frames.append((now - times["began"]) * 1000)
    if "first" not in times:
        times["first"] = time.time()
    if "ready" not in times and gui.controller.wait_for_warmup(0):
        times["ready"], times["until"], times["cpu"] = time.time(), now + 1, time.process_time()
    if now > times.get("until", now):
        asked = time.perf_counter()
        module = BY_NAME["anthropic"].load()
        used = (time.perf_counter() - asked) * 1000
        print(json.dumps({"first": times["first"], "ready": times["ready"], "use_ms": used,
                          "module": module.__name__, "cpu_ms": times["cpu"] * 1000,
                          "first_frame_ms": frames[0], "worst_ms": max(frames[1:]), "frames": len(frames)}), flush=True)
        os._exit(0)

gui_2.Gui.build_params, gui_2.Gui._begin_frame, gui_2.Gui._end_frame = build_params, begin_frame, end_frame
sloppy.main([])
"""


def copy(folder: Path) -> Path:
    """Sloppy's files in *folder*."""
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def write_lazily(folder: Path) -> Path:
    """A copy of Sloppy in *folder* in which one provider is a lazy import."""
    path = copy(folder) / PROVIDERS
    text = path.read_text(encoding="utf-8")
    if EAGER_TEXT not in text or IMPORTS_END not in text:
        sys.exit(f"{PROVIDERS} does not say what this script replaces: {EAGER_TEXT}")
    text = text.replace(IMPORTS_END, f"{IMPORTS_END}\nlazy from src.providers import {NAME}\n", 1)
    path.write_text(text.replace(EAGER_TEXT, f"lambda: {NAME},", 1), encoding="utf-8")
    return folder


def start(folder: Path) -> dict[str, Any]:
    """What one window says; times from the moment of the start, in milliseconds."""
    with tempfile.TemporaryDirectory() as home:
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        environment |= dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"), home)
        began = time.time()
        command = [sys.executable, "-c", PROGRAM]
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300
        )
    if done.returncode != 0:
        sys.exit(f"the window did not open:\n{done.stderr}")
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said | {"first_ms": (said["first"] - began) * 1000, "ready_ms": (said["ready"] - began) * 1000}


def measure(runs: int, builds: dict[str, Path]) -> list[dict[str, Any]]:
    """A row for each of *builds*: medians, and the worst frame of all runs."""
    seen: dict[str, list[dict[str, Any]]] = {name: [] for name in builds}
    for number in range(runs):
        for name in list(builds) if number % 2 else reversed(list(builds)):
            seen[name].append(start(builds[name]))
    keys = ("first_ms", "ready_ms", "cpu_ms", "worst_ms", "use_ms")
    return [
        {"build": name, "python": sys.version.split()[0], "worst_of_all_ms": max(one["worst_ms"] for one in found)}
        | {key: statistics.median(one[key] for one in found) for key in keys}
        for name, found in seen.items()
    ]


def main() -> None:
    """Prints the table, or JSON with --json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="starts of each build (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        builds = {"as it is": copy(Path(place, "today"))}
        if sys.version_info >= (3, 15):
            builds["lazy import"] = write_lazily(Path(place, "lazy"))
        compileall.compile_dir(place, quiet=2)
        rows = measure(options.runs, builds)
    if options.json:
        print(json.dumps(rows, indent=2))
        return
    print(
        "| Python | Build | First frame | All ready | CPU until then | Worst frame | of all runs | First use |\n"
        "|---|---|--:|--:|--:|--:|--:|--:|"
    )
    for row in rows:
        print(
            f"| {row['python']} | {row['build']} | {row['first_ms']:.0f} ms | {row['ready_ms']:.0f} ms "
            f"| {row['cpu_ms']:.0f} ms | {row['worst_ms']:.1f} ms | {row['worst_of_all_ms']:.1f} ms "
            f"| {row['use_ms']:.3f} ms |"
        )


if __name__ == "__main__":
    main()
