"""The main thread of the real program, recorded while it runs, beside what importguard says of it."""

import json
import os
import subprocess
import sys

import pytest
from tests.conftest import HEAVY, ROOT, clean_environment

RECORDED = """
import sys
from importguard.pytest_plugin import ImportRecorder
recorder = ImportRecorder()
sys.meta_path.insert(0, recorder)
import json
from imgui_bundle import hello_imgui, imgui
from src.app_controller import AppController
from src.gui_2 import Gui
controller = AppController(start=False)
gui = Gui(controller)
params = gui.build_params()
from tests.null_backend import use_null_backend
use_null_backend(params)
def leave():
    if controller.warmup_status().done:
        hello_imgui.get_runner_params().app_shall_exit = True
params.callbacks.before_imgui_render = leave
gui.run(params)
print(json.dumps({"main": recorder.modules, "completed": controller.warmup_status().completed}))
controller.close()
"""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    result = subprocess.run(
        [sys.executable, "-c", RECORDED],
        cwd=ROOT,
        env=clean_environment(tmp_path_factory.mktemp("home")),
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout.splitlines()[-1])


def test_the_main_thread_loads_nothing_heavy_until_all_is_warm(recorded):
    assert [name for name in recorded["main"] if name.startswith(HEAVY)] == []
    assert set(HEAVY) - {"pydantic"} <= set(recorded["completed"])


def test_importguard_finds_nothing_and_its_manifest_is_fresh():
    environment = {**os.environ, "NO_COLOR": "1"}
    command = [sys.executable, "scripts/audit_main_thread_imports.py"]
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=110)
    assert (result.returncode, result.stderr) == (0, "")
    assert "Clean" in result.stdout
