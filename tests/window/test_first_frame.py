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
