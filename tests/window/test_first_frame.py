"""What the first frame goes without: measured in ms with `scripts/benchmark_startup.py`, held here by name."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from tests.repository import ROOT

LATER = {
    "argparse",  # no flag, no parser
    "gettext",
    "_hashlib",  # OpenSSL
    "importguard.project.patterns",
    "src.discussion.library",
    "src.flags_parser",
    "src.mcp_servers",
    "src.panels.turn_body",
    "src.panels.turn_head",
    "src.panels.turn_search",
    "src.request.cache_memory",
    "src.spending.ledger",
    "src.turn.comparison",
}
START = """
import inspect, json, sys, time
def refuse(*_):
    raise AssertionError("the stack is read before the first frame: 7 ms")
inspect.stack = refuse
import sloppy
from src.app_controller import AppController
assert sloppy.parse_arguments([]).headless is False
controller = AppController(start=False)
from src.gui_2 import Gui
from tests.null_backend import use_null_backend
gui = Gui(controller)
params = gui.build_params()
params.ini_disable = True
use_null_backend(params)
end = params.callbacks.after_swap
def leave():
    print(json.dumps(sorted(sys.modules)), flush=True)
    end()
    gui.quit()
params.callbacks.after_swap = leave
gui.run(params)
controller.close()
"""


def test_what_the_first_frame_does_not_show_is_loaded_after_it(tmp_path):
    environment = os.environ | {"PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-c", START], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240
    )
    assert ended.returncode == 0, ended.stderr
    loaded = set(json.loads(ended.stdout.splitlines()[0]))
    assert "src.panels.request" in loaded  # it is Sloppy's own first frame
    assert loaded & LATER == set()


FIRST_TEXT = """
import json, sys, time
from src.app_controller import AppController
from src.chat import Message, TextPart, ThinkingPart
from src.discussion.events import Added
from src.storage.places import Places
from tests.window_driver import Gui, run_steps
from importguard.warmup import WarmupJob, WarmupManifest
names = ("src.turn.loop", "src.panels.ahead", "src.request.cache_memory", "src.spending.ledger")
jobs = tuple(map(WarmupJob, names))
controller = AppController(WarmupManifest(1, "test", jobs), places=Places(*sys.argv[1:4]))
controller.wait_for_warmup(60)
TEXT = "Some *words*.\\n\\n```python\\nprint(1)\\n```\\n\\n| a | b |\\n|---|--:|\\n| 1 | 2 |\\n"
def steps(context, gui):
    context.yield_(20)
    before = set(sys.modules)
    discussion = controller.discussion
    for role in ("user", "assistant"):
        said = Message(role, (ThinkingPart("so"), TextPart(TEXT))[role == "user":], "echo", "echo-1")
        discussion.record(Added(discussion.next_id(), discussion.head(), time.time(), said))
    context.yield_(10)
    print(json.dumps(sorted(name for name in sys.modules if name not in before)), flush=True)
run_steps(Gui(controller), steps)
controller.close()
"""


def test_the_frame_with_the_first_text_loads_nothing_once_all_is_warm(tmp_path):
    environment = os.environ | {"PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
    command = [sys.executable, "-c", FIRST_TEXT, *[str(tmp_path)] * 3]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240)
    assert ended.returncode == 0, ended.stderr
    assert [name for name in json.loads(ended.stdout.splitlines()[-1]) if name.startswith("src.")] == []
