"""A program ends together with what it has started."""

import os
import subprocess
import sys

import pytest
from src.work.process_group import end_group

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no groups of processes")
# A leader that has started a child, says the child's number and waits for it, or goes at once.
LEADER = (
    "import subprocess, sys\n"
    "child = subprocess.Popen([sys.executable, '-S', '-c', 'import time; print(1, flush=True); time.sleep(600)'])\n"
    "print(child.pid, flush=True)\n"
)


def started(more=""):
    """A leader with *more* code, and the number of its child; both have begun."""
    command = [sys.executable, "-S", "-c", LEADER + more]
    leader = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    said = {leader.stdout.readline().strip(), leader.stdout.readline().strip()} - {"1"}
    return leader, int(said.pop())


@pytest.mark.parametrize("kill", [True, False], ids=["killed", "asked"])
@pytest.mark.parametrize("more", ["child.wait()\n", ""], ids=["a leader that waits", "a leader that is gone"])
def test_the_child_ends_with_its_leader(more, kill):
    leader, child = started(more)
    if not more:
        leader.wait(20)
    end_group(leader, kill=kill)
    with leader.stdout:
        assert leader.stdout.read() == ""  # whoever holds the other end of the pipe has ended
    leader.wait(20)
    assert not os.path.exists(f"/proc/{child}/fd/1")


def test_a_group_that_has_ended_is_no_fault():
    leader = subprocess.Popen([sys.executable, "-S", "-c", ""], start_new_session=True)
    leader.wait(20)
    end_group(leader)
