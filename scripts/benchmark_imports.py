"""The owner's criteria 1-4 and 8 as ratios of things measured side by side in one run, bytecode compiled first.

Each row alternates its two programs in fresh processes and compares their medians. Row 4 uses the null backend unless
DISPLAY is set.
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

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
ENVIRONMENT |= {"PYTHONPATH": str(ROOT)}

TIMEOUT_S = 120
BARE_WINDOW = """
from imgui_bundle import hello_imgui, immapp, imgui
params = hello_imgui.RunnerParams()
"""
OUR_WINDOW = """
import gc
gc.disable()  # as sloppy.main does until the first frame
from src.app_controller import AppController
controller = AppController(start=False)
from src.gui_2 import Gui
from imgui_bundle import hello_imgui, immapp, imgui
gui = Gui(controller)
params = gui.build_params()
"""
RUN_WINDOW = """
import os, time
params.ini_disable = True
if not os.environ.get("DISPLAY"):
    from tests.null_backend import use_null_backend
    use_null_backend(params)
else:
    params.renderer_backend_options.open_gl_options = hello_imgui.OpenGlOptions()
    params.renderer_backend_options.open_gl_options.anti_aliasing_samples = 0
def leave():
    print(time.time(), flush=True)
    os._exit(0)
params.callbacks.after_swap = leave
immapp.run(params, immapp.AddOnsParams(with_markdown=True))
"""
SERIAL = """
import time
from importguard.warmup import WarmupManifest
from importlib import import_module
manifest = WarmupManifest.load("src/warmup_manifest.json")
began = time.perf_counter()
for job in manifest.jobs:
    import_module(job.module)
    if job.factory:
        module, _, name = job.factory.partition(":")
        getattr(import_module(module), name)()
print(time.perf_counter() - began)
"""
WARMUP = """
import time
from src.app_controller import AppController
began = time.perf_counter()
controller = AppController()
assert controller.wait_for_warmup(60)
print(time.perf_counter() - began)
controller.close()  # the loop of the replies would hold the process
"""
ROWS = (
    ("1", "import src.ai_client", "import src.ai_client", "import json, dataclasses", 1.5),
    ("2", "import src.gui_2", "import src.gui_2", "import imgui_bundle", 1.15),
    ("3", "import src.app_controller", "import src.app_controller", "import json, dataclasses", None),
    ("4", "first frame", OUR_WINDOW + RUN_WINDOW, BARE_WINDOW + RUN_WINDOW, 1.15),
    ("8", "all warm", WARMUP, SERIAL, 1.1),
)


def measure(code: str) -> float:
    """Milliseconds of a fresh process: what it prints (a time or a duration), else its whole life."""
    began = time.time()
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_S,
    )
    ended = time.time()
    if result.returncode != 0:
        sys.exit(f"a program under test failed:\n{result.stderr}")
    printed = result.stdout.strip()
    if not printed:
        return (ended - began) * 1000
    value = float(printed.splitlines()[-1])
    return (value - began) * 1000 if value > 1e9 else value * 1000


def main() -> int:
    """Prints the table, or JSON with --json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9, help="runs of each program (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    flags = parser.parse_args()
    for folder in ("src", "tools/importguard/src"):
        compileall.compile_dir(str(ROOT / folder), quiet=1)
    rows = []
    for number, name, ours, floor, goal in ROWS:
        pairs = [(measure(ours), measure(floor)) for _ in range(flags.runs)]
        own = statistics.median(pair[0] for pair in pairs)
        base = statistics.median(pair[1] for pair in pairs)
        ratio = statistics.median(pair[0] / pair[1] for pair in pairs)
        rows.append({"row": number, "what": name, "ms": own, "floor_ms": base, "ratio": ratio, "goal": goal})
    if flags.json:
        print(json.dumps(rows, indent=2))
        return 0
    print(f"{'row':4}{'what':28}{'ours ms':>10}{'floor ms':>10}{'ratio':>8}{'goal':>8}")
    for row in rows:
        limit = f"{row['goal']:.2f}" if row["goal"] else "-"
        line = f"{row['row']:4}{row['what']:28}{row['ms']:10.0f}{row['floor_ms']:10.0f}"
        print(f"{line}{row['ratio']:8.2f}{limit:>8}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
