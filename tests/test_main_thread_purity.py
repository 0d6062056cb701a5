"""The main thread of the real program, recorded while it runs, beside what importguard says of it."""

import os
import shutil
import subprocess
import sys

import pytest
from tests.conftest import HEAVY
from tests.repository import ROOT

from importguard import analyse, check, find_project
from importguard.pytest_plugin import assert_import_free
from importguard.verify import verify


def test_the_running_program_keeps_its_main_thread_free_and_agrees_with_its_graph(importguard_verification):
    found = importguard_verification
    assert (found.heavy, found.waits, found.record.failed, found.record.ended) == ((), (), (), "ready")
    loads = {load.name: load.on_main for load in found.record.loads}
    assert [name for name in HEAVY if loads[name]] == []
    assert (found.unpredicted, found.missing) == ((), ())
    assert [one for one in found.lag if one.heavy] == []  # nothing is left for a first use


@pytest.mark.parametrize("module", ["src.gui_2", "src.app_controller", "src.ai_client", "src.api_hooks"])
def test_what_the_main_thread_imports_is_free_of_every_sdk(module):
    assert_import_free(*HEAVY, of=module)


@pytest.fixture
def changed(tmp_path):
    """`changed(file, old, new)`: a copy of the project in which *old* is *new*."""

    def change(file, old, new):
        for name in (
            "sloppy.py",
            "importguard.toml",
            "importguard.costs.json",
            "scripts/run_null_window.py",
            "tests/null_backend.py",
        ):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, tmp_path / name)
        shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
        text = (tmp_path / file).read_text()
        assert old in text
        (tmp_path / file).write_text(text.replace(old, new, 1))
        return find_project(tmp_path).start()

    return change


BEGIN = "        self._began = time.perf_counter()\n"
LOADS_AND_WAITS = """\
        import sys, importlib
        if self.count == 3:
            importlib.import_module('open' + 'ai')
            while 'anthropic' not in sys.modules: time.sleep(0.001)
            importlib.import_module('anthro' + 'pic')
"""


def test_a_load_by_name_and_a_wait_in_a_frame_are_caught_with_their_stacks(changed):
    found = verify(analyse(changed("src/work/clock.py", BEGIN, BEGIN + LOADS_AND_WAITS)))
    assert found.failed
    (surprise,) = (one for one in found.heavy if one.name == "openai")
    (wait,) = (one for one in found.waits if one.name == "anthropic")
    for frames in (surprise.frames, wait.frames):
        assert [frame.function for frame in frames][:2] == ["begin", "_begin_frame"]


def test_importguard_finds_nothing_and_its_manifest_is_fresh():
    environment = {**os.environ, "NO_COLOR": "1"}
    command = [sys.executable, "scripts/audit_main_thread_imports.py"]
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=280)
    assert (result.returncode, result.stderr) == (0, "")
    assert "Clean" in result.stdout


TOOLKIT = "from imgui_bundle import hello_imgui, imgui, immapp"
CHANGES = """\
import anthropic
try:
    import openai
except ImportError: pass
def first(): import fastapi
def second(): return _require_warmed('src.log_pruner')
import typing as t
if t.TYPE_CHECKING: import mcp
"""


def test_heavy_imports_put_into_the_window_are_found_with_their_chains(changed):
    """At module level, in a `try` and in a function body; a new module to warm; none for the type checker alone."""
    findings = check(analyse(changed("src/gui_2.py", TOOLKIT, f"{CHANGES}{TOOLKIT}"))).findings
    assert sorted((finding.code, finding.subject) for finding in findings) == [
        *(("IG101", name) for name in ("anthropic", "httpx2", "openai", "pydantic")),  # two are what the others bring
        ("IG102", "fastapi"),
        ("IG301", "src/warmup_manifest.json"),
        ("IG302", "src.log_pruner"),
    ]
    for name in ("anthropic", "openai"):
        (found,) = (finding for finding in findings if finding.subject == name)
        steps = [(step.imported, step.site.location.path.rpartition("/")[2]) for step in found.chain.steps]
        assert steps == [("src.gui_2", "sloppy.py"), (name, "gui_2.py")]
