"""A few simulated minutes of the soak; `scripts/soak.py` does the hour."""

import subprocess
import sys

from tests.conftest import clean_environment
from tests.repository import ROOT


def test_the_memory_of_a_busy_bench_is_bounded(tmp_path):
    command = [sys.executable, "scripts/soak.py", "--minutes", "5", "--limit", "4"]
    result = subprocess.run(
        command, cwd=ROOT, env=clean_environment(tmp_path), capture_output=True, text=True, timeout=240
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "closed whole" in result.stdout
