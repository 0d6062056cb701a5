"""`pytest` without a path uses the cores there are, and stops at that."""

import subprocess
import sys

from tests.repository import ROOT

# Each process that runs tests notes itself; a process that started further ones would wait for them without end.
NOTES = """
import os, pathlib
import pytest

@pytest.mark.parametrize("number", range(20))
def test_notes_its_process(number):
    pathlib.Path("pids", str(os.getpid())).touch()
"""


def test_as_many_processes_as_cores_run_the_tests_and_start_no_others(tmp_path):
    (tmp_path / "conftest.py").write_text((ROOT / "conftest.py").read_text())
    (tmp_path / "test_noted.py").write_text(NOTES)
    (tmp_path / "pids").mkdir()
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        command, cwd=tmp_path, env={"PYTEST_XDIST_AUTO_NUM_WORKERS": "2"}, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, "20 passed" in done.stdout) == (0, True), done.stdout + done.stderr
    assert len(list((tmp_path / "pids").iterdir())) == 2


def test_a_test_that_is_named_runs_in_one_process(tmp_path):
    (tmp_path / "conftest.py").write_text((ROOT / "conftest.py").read_text())
    (tmp_path / "test_noted.py").write_text(NOTES)
    (tmp_path / "pids").mkdir()
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_noted.py"]
    done = subprocess.run(command, cwd=tmp_path, env={}, capture_output=True, text=True, timeout=60)
    assert (done.returncode, len(list((tmp_path / "pids").iterdir()))) == (0, 1), done.stdout + done.stderr
