"""`scripts/get_python.py` names the Python that it cannot bring, and never fails in another way."""

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[1] / "scripts" / "get_python.py"


def get(folder, *versions):
    command = [sys.executable, str(SCRIPT), str(folder), *versions]
    return subprocess.run(command, capture_output=True, text=True, env={"PATH": ""}, timeout=240, check=False)


def test_where_there_is_no_apt_it_says_which_python_is_missing(tmp_path):
    done = get(tmp_path / "pythons", "3.14", "3.15")
    assert (done.returncode, done.stdout) == (1, "")
    assert [line for line in done.stderr.splitlines() if "cannot be had" in line] == [
        "get_python: Python 3.14 cannot be had here",
        "get_python: Python 3.15 cannot be had here",
    ]


def test_an_interpreter_that_is_there_is_not_fetched_again(tmp_path):
    version = "{}.{}".format(*sys.version_info[:2])
    place = tmp_path / "usr" / "bin" / f"python{version}"
    place.parent.mkdir(parents=True)
    place.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    place.chmod(0o755)
    done = get(tmp_path, version)
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, [str(place)], "")
