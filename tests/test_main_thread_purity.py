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
CHANGES = {
    "module level": ("import anthropic", ["IG101"] * 3),  # what it brings is named heavy, too: httpx2 and pydantic
    "try": ("try:\n    import anthropic\nexcept ImportError: pass", ["IG101"] * 3),
    "function body": ("def f():\n    import anthropic", ["IG102"]),
    "type checking": ("import typing as t\nif t.TYPE_CHECKING:\n    import anthropic", []),
    "new warmed module": ("def f(): return _require_warmed('src.log_pruner')", ["IG301", "IG302"]),
}


@pytest.mark.parametrize(("text", "codes"), CHANGES.values(), ids=CHANGES.keys())
def test_a_heavy_import_put_into_the_window_is_found_with_its_chain(changed, text, codes):
    findings = check(analyse(changed("src/gui_2.py", TOOLKIT, f"{text}\n{TOOLKIT}"))).findings
    assert [finding.code for finding in findings] == codes
    if "IG101" in codes:
        assert sorted(finding.subject for finding in findings) == ["anthropic", "httpx2", "pydantic"]
        (found,) = (finding for finding in findings if finding.subject == "anthropic")
        steps = [(step.imported, step.site.location.path.rpartition("/")[2]) for step in found.chain.steps]
        assert steps == [("src.gui_2", "sloppy.py"), ("anthropic", "gui_2.py")]
