"""`pytest` without a path uses the cores there are, two processes each, and stops at that."""

import os
import subprocess
import sys

import pytest
from tests.repository import ROOT

# Each process that runs tests notes itself; a process that started further ones would wait for them without end.
NOTES = """
import os, pathlib
import pytest

@pytest.mark.parametrize("number", range(20))
def test_notes_its_process(number):
    pathlib.Path("pids", str(os.getpid())).touch()
"""


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system gives a process no cores of its own")
@pytest.mark.parametrize(
    ("asked", "processes"),
    [
        ({}, 2),
        ({"PYTEST_XDIST_AUTO_NUM_WORKERS": "3"}, 3),
    ],
)
def test_two_processes_a_core_run_the_tests_and_start_no_others(tmp_path, asked, processes):
    (tmp_path / "conftest.py").write_text((ROOT / "conftest.py").read_text())
    (tmp_path / "test_noted.py").write_text(NOTES)
    (tmp_path / "pids").mkdir()
    one_core = (
        "import os, sys, pytest\nos.sched_setaffinity(0, [min(os.sched_getaffinity(0))])\n"
        "sys.exit(pytest.main(['-q', '-p', 'no:cacheprovider', '-p', 'xdist']))"
    )
    alone = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # the rest takes seconds of one core, in each process
    done = subprocess.run(
        [sys.executable, "-c", one_core], cwd=tmp_path, env=alone | asked, capture_output=True, text=True, timeout=240
    )
    assert (done.returncode, "20 passed" in done.stdout) == (0, True), done.stdout + done.stderr
    assert len(list((tmp_path / "pids").iterdir())) == processes


def test_a_test_that_is_named_runs_in_one_process(tmp_path):
    (tmp_path / "conftest.py").write_text((ROOT / "conftest.py").read_text())
    (tmp_path / "test_noted.py").write_text(NOTES)
    (tmp_path / "pids").mkdir()
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_noted.py"]
    done = subprocess.run(command, cwd=tmp_path, env={}, capture_output=True, text=True, timeout=240)
    assert (done.returncode, len(list((tmp_path / "pids").iterdir()))) == (0, 1), done.stdout + done.stderr
