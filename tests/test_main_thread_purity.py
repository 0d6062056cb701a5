"""The main thread of the real program, recorded while it runs, beside what importguard says of it."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from tests.conftest import HEAVY, ROOT, clean_environment

from importguard.check import analyse, check
from importguard.config import find_project

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


TOOLKIT = "from imgui_bundle import hello_imgui, imgui, immapp"
CHANGES = {
    "module level": ("import anthropic", ["IG101"]),
    "try": ("try:\n    import anthropic\nexcept ImportError: pass", ["IG101"]),
    "function body": ("def f():\n    import anthropic", ["IG102"]),
    "type checking": ("import typing as t\nif t.TYPE_CHECKING:\n    import anthropic", []),
    "new warmed module": ("def f(): return _require_warmed('src.log_pruner')", ["IG301", "IG302"]),
}


@pytest.mark.parametrize(("text", "codes"), CHANGES.values(), ids=CHANGES.keys())
def test_a_heavy_import_put_into_the_window_is_found_with_its_chain(tmp_path, text, codes):
    for name in ("sloppy.py", "importguard.toml"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "src", tmp_path / "src")
    window = tmp_path / "src" / "gui_2.py"
    assert TOOLKIT in window.read_text()
    window.write_text(window.read_text().replace(TOOLKIT, f"{text}\n{TOOLKIT}"))
    findings = check(analyse(find_project(tmp_path))).findings
    assert [finding.code for finding in findings] == codes
    if codes == ["IG101"]:
        steps = [(step.imported, step.site.location.path.rpartition("/")[2]) for step in findings[0].chain.steps]
        assert steps == [("src.gui_2", "sloppy.py"), ("anthropic", "gui_2.py")]
