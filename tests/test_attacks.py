"""Hostile inputs of every shape, drawn by a seed: none brings out a fault, and none hangs."""

import re
import subprocess
import sys

from tests.conftest import clean_environment
from tests.repository import ROOT


def test_1500_hostile_inputs_of_more_than_30_shapes_bring_out_no_fault(tmp_path):
    command = [sys.executable, "scripts/attack_sloppy.py", "--inputs", "1500", "--seed", "1"]
    done = subprocess.run(command, cwd=ROOT, env=clean_environment(tmp_path), capture_output=True, text=True)
    rows = re.findall(r"^(\w+) +(\d+) inputs +(\d+) faults$", done.stdout, re.MULTILINE)
    assert (done.returncode, {name: faults for name, _, faults in rows if faults != "0"}) == (0, {}), done.stderr[
        -4000:
    ]
    assert (len(rows) >= 30, sum(int(count) for _, count, _ in rows) >= 1500) == (True, True)
