"""The attacks of `scripts/attack_importguard.py`, a few of each shape; more of them run by hand."""

import re
import subprocess
import sys

import pytest
from tests.repository import ROOT


@pytest.mark.timeout(300)
def test_a_few_hostile_inputs_of_each_shape_and_kills_leave_nothing_wrong(tmp_path):
    command = [
        sys.executable,
        ROOT / "scripts/attack_importguard.py",
        "--inputs",
        "262",
        "--seed",
        "11",
        "--kills",
        "10",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    counts = [int(count) for count in re.findall(r"^ +(\d+)  (?!inputs)", done.stdout, re.MULTILINE)]
    assert (len(counts) >= 30, min(counts), sum(counts)) == (True, 2, 262)
