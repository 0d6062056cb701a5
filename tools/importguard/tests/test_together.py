"""Several new starts are worked out side by side; whatever happens to that, the answer is the same."""

import os
import subprocess
import sys

import pytest

# Says which process walks a script, in the order of the entries' names; what is printed last are the modules found.
PROGRAM = """
import os, sys
from pathlib import Path
from importguard import analysis
from importguard.project.config import find_project
from importguard.startup.machine.machine import Machine

os.sched_getaffinity = lambda _: {0, 1}
walk = Machine.run_script

def run_script(self, script):
    where = "here" if os.getpid() == first else "elsewhere"
    os.write(1, f"{where} {os.path.basename(script)}\\n".encode())  # whole, as two write at once
    if sys.argv[1] == "ends" and os.getpid() != first:
        os._exit(9)
    if sys.argv[1] == "raises" and os.getpid() != first:
        raise RuntimeError
    return walk(self, script)

Machine.run_script = run_script
first = os.getpid()
for one in analysis.analyse_all(find_project(Path.cwd()).starts()):
    print(one.name, *sorted(one.graph.modules))
"""
PROJECT = {
    "importguard.toml": "".join(f'[[entry]]\nname = "{name}"\nscript = "{name}.py"\n' for name in "ab"),
    "a.py": "import colorsys",
    "b.py": "import bisect",
}
FOUND = ["a __main__ colorsys", "b __main__ _bisect bisect"]


@pytest.fixture
def start(write, tmp_path):
    root = write(PROJECT)
    settings = os.environ | {"IMPORTGUARD_CACHE": str(tmp_path / "cache")}

    def run(what="works", **more):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, what],
            cwd=root,
            env=settings | more,
            capture_output=True,
            text=True,
            check=True,
        )
        *walked, one, other = done.stdout.splitlines()
        return sorted(walked), [one, other]

    return run


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere they are worked out one after the other")
def test_new_starts_are_worked_out_in_processes_of_their_own(start):
    assert start() == (["elsewhere a.py", "elsewhere b.py"], FOUND)
    assert start() == ([], FOUND)


def test_without_a_cache_they_are_worked_out_here(start):
    assert start(IMPORTGUARD_CACHE="off") == (["here a.py", "here b.py"], FOUND)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere they are worked out one after the other")
@pytest.mark.parametrize("what", ["ends", "raises"])
def test_a_process_that_fails_costs_time_only(start, what):
    walked, found = start(what)
    assert [one for one in walked if one.startswith("here")] == ["here a.py", "here b.py"]
    assert found == FOUND
