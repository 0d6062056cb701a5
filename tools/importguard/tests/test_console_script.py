"""The console script ends its process at once, but not before what waits for the end has run."""

import os
import subprocess
import sys
from pathlib import Path


def test_what_is_registered_for_the_end_runs(tmp_path):
    note = tmp_path / "ended"
    (tmp_path / "sitecustomize.py").write_text(
        f"import atexit, pathlib\natexit.register(pathlib.Path({str(note)!r}).write_text, 'yes')\n"
    )
    done = subprocess.run(
        [Path(sys.executable).with_name("importguard"), "--version"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert (done.returncode, note.read_text()) == (0, "yes")
